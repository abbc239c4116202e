/* dtls-hello PORT COUNT KIND - COUNT beginnings of DTLS 1.2 handshakes with UDP port PORT of 127.0.0.1,
 * each from an address of its own, 127.1.0.0 and on:
 *   plain   a ClientHello without cookie; an answer is waited for
 *   spoofed the same, and nobody is there any more when the answer comes
 *   cookie  all from 127.0.0.1: with the cookie once more, and then never a word; stays until it is stopped
 *   as:N    ten datagrams, COUNT times, in the name of 127.0.0.1, port N (a raw socket; no answer is seen):
 *           data, alerts in the clear, hellos without a cookie and with a wrong one
 *   noise   no ClientHello: cut ones, wrong ones, data of nobody, random bytes; no answer may come
 * Prints sent= answered= largest= (an answer in percent of what it answers), and bytes of the answers to
 * the second hellos as more=. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY 25 /* record and handshake header */

static size_t put(uint8_t *b, const char *hex)
{
	size_t n = 0;
	for (; hex[2 * n]; n++) {
		char one[3] = { hex[2 * n], hex[2 * n + 1], 0 };
		b[n] = (uint8_t)strtoul(one, NULL, 16);
	}
	return n;
}

/* The shortest that OpenSSL takes: one suite, groups and signatures. */
static size_t hello(uint8_t *b, const uint8_t *cookie, uint8_t ncookie, unsigned seq)
{
	size_t n = BODY;
	n += put(b + n, "fefd");
	memset(b + n, 7, 32);
	memcpy(b + n, &seq, sizeof seq);
	n += 32;
	b[n++] = 0;
	b[n++] = ncookie;
	memcpy(b + n, cookie, ncookie);
	n += ncookie;
	n += put(b + n, "0002c02b" "0100" "0014" "000a00060004001d0017" "000d0006000408070403");
	size_t body = n - BODY;
	put(b, "16fefd" "0000" "000000000000" "0000" "01" "000000" "0000" "000000" "000000");
	b[10] = b[18] = ncookie != 0; /* record and message number */
	b[12] = (uint8_t)(body + 12);
	b[16] = b[24] = (uint8_t)body;
	return n;
}

static int from(unsigned i, uint16_t port, bool same)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(same ? INADDR_LOOPBACK : 0x7f010000 + i) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("dtls-hello");
		exit(8);
	}
	return fd;
}

static ssize_t answer(int fd, uint8_t *b, size_t size, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, ms) > 0 ? recv(fd, b, size, 0) : -1;
}

static size_t noise(uint8_t *b, unsigned i)
{
	size_t n = hello(b, b, 0, i);
	switch (i % 6) {
	case 0: return n - i / 6 % (n - 1) - 1;   /* cut */
	case 1: b[0] = 23; return n;              /* data */
	case 2: b[4] = 1; return n;               /* of a later epoch */
	case 3: b[13] = 2; return n;              /* a ServerHello */
	case 4: b[1] = 3; return n;               /* TLS */
	default: return getrandom(b, 1 + i % 300, 0) < 0 ? 1 : 1 + i % 300;
	}
}

static void forge(int fd, uint16_t from_port, uint16_t port, const uint8_t *b, size_t n)
{
	uint8_t p[28 + 1024] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1 };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint16_t words[] = { htons(from_port), htons(port), htons((uint16_t)(8 + n)), 0 };
	memcpy(p + 20, words, sizeof words);
	memcpy(p + 28, b, n);
	if (sendto(fd, p, 28 + n, 0, (struct sockaddr *)&to, sizeof to) < 0) {
		perror("dtls-hello");
		exit(8);
	}
}

static int in_the_name_of(uint16_t from_port, uint16_t port, unsigned count)
{
	static const char *const plain[] = {
		"17fefd0001000000000009000461626364", "17fefd0000000000000009000461626364", "15fefd00000000000000090002" "0228",
		"15fefd00000000000000090002" "0100", "15fefd0001000000000009001261626364616263646162636461626364616263646162",
		"16fefd0000000000000009000c0e0000000001000000000000", "14fefd0000000000000009000101", "ffffffff",
	};
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	for (unsigned i = 0; i < count; i++) {
		uint8_t b[1024];
		for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
			forge(fd, from_port, port, b, put(b, plain[k]));
		forge(fd, from_port, port, b, hello(b, b, 0, i));
		uint8_t wrong[16] = { (uint8_t)i };
		forge(fd, from_port, port, b, hello(b, wrong, sizeof wrong, i));
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long name;
	if (argc != 4)
		return 2;
	uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
	if (sscanf(argv[3], "as:%lu", &name) == 1)
		return in_the_name_of((uint16_t)name, port, (unsigned)strtoul(argv[2], NULL, 10));
	unsigned count = (unsigned)strtoul(argv[2], NULL, 10), answered = 0;
	bool cookie = strcmp(argv[3], "cookie") == 0, spoofed = strcmp(argv[3], "spoofed") == 0, bad = strcmp(argv[3], "noise") == 0;
	size_t largest = 0, more = 0;
	for (unsigned i = 0; i < count; i++) {
		uint8_t b[1024], a[65536];
		int fd = from(i, port, cookie);
		size_t n = bad ? noise(b, i) : hello(b, b, 0, i);
		ssize_t got = send(fd, b, n, 0) < 0 || spoofed ? -1 : answer(fd, a, sizeof a, bad ? 0 : 2000);
		answered += got > 0;
		if (got > 0 && (size_t)got * 100 / n > largest)
			largest = (size_t)got * 100 / n;
		if (cookie && got > 28) {
			n = hello(b, a + 28, a[27], i);
			got = send(fd, b, n, 0) < 0 ? -1 : answer(fd, a, sizeof a, 200);
			more += got > 0 ? (size_t)got : 0;
		}
		if (!cookie)
			close(fd);
	}
	printf("sent=%u\tanswered=%u\tlargest=%zu\tmore=%zu\n", count, answered, largest, more);
	fflush(stdout);
	if (cookie)
		pause();
	return 0;
}
