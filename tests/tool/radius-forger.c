/* radius-forger [-a ADDRESS] CODE SECRET-FILE REAL KIND... - a hostile RADIUS responder on a free
 * port of ADDRESS (127.0.0.1). To every request it first sends a forged reply of each KIND (with that code, and
 * Filter-Id root), then, if REAL is not 0, what the real server at REAL, [ADDRESS:]PORT, answers. Kinds:
 *   good     nothing is forged: the control, that the forgeries fail for their reasons only
 *   auth     a response authenticator of garbage
 *   secret   everything made with another secret
 *   nomac    signed, but without Message-Authenticator
 *   badmac   signed, but with a Message-Authenticator of garbage
 *   id       signed, but for another id
 *   port     signed, but sent from another port
 *   short    cut
 *   lose     none; the first request is not answered at all
 * Prints ready=radius-forger port= and runs until it is stopped. */
#include "base/secret.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct secret secret;
static uint8_t code;

/* where: [ADDRESS:]PORT. */
static int udp(const char *where, bool connected)
{
	const char *colon = strchr(where, ':');
	char host[INET_ADDRSTRLEN] = "127.0.0.1";
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon ? colon + 1 : where)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct sockaddr *sa = (const struct sockaddr *)&a;
	if (colon)
		snprintf(host, sizeof host, "%.*s", (int)(colon - where), where);
	if (fd < 0 || inet_pton(AF_INET, host, &a.sin_addr) != 1 || (connected ? connect(fd, sa, sizeof a) : bind(fd, sa, sizeof a)) != 0) {
		perror("radius-forger");
		exit(8);
	}
	return fd;
}

/* A reply to the request, in b: forged as the kind says. Its length. */
static size_t forge(const char *kind, const uint8_t *request, uint8_t *b)
{
	static const uint8_t group[] = { 11, 6, 'r', 'o', 'o', 't' };
	struct view key = secret_view(&secret);
	size_t n = 20;
	if (strcmp(kind, "secret") == 0)
		key = view_of("another secret");
	memset(b, 0, 64);
	b[0] = code;
	b[1] = (uint8_t)(request[1] + (strcmp(kind, "id") == 0));
	memcpy(b + 4, request + 4, 16);
	bool mac = strcmp(kind, "nomac") != 0;
	if (mac) {
		b[n] = 80;
		b[n + 1] = 18;
		n += 18;
	}
	memcpy(b + n, group, sizeof group);
	n += sizeof group;
	b[3] = (uint8_t)n;
	struct hmac_md5_ctx h;
	struct md5_ctx md;
	if (mac) {
		hmac_md5_set_key(&h, key.n, (const uint8_t *)key.p);
		hmac_md5_update(&h, n, b);
		hmac_md5_digest(&h, 16, b + 22);
	}
	if (strcmp(kind, "badmac") == 0)
		b[22] ^= 1;
	md5_init(&md);
	md5_update(&md, n, b);
	md5_update(&md, key.n, (const uint8_t *)key.p);
	md5_digest(&md, 16, b + 4);
	if (strcmp(kind, "auth") == 0)
		b[4] ^= 1;
	return strcmp(kind, "short") == 0 ? n - 1 : n;
}

/* What the real server answers to the request; 0 without an answer. */
static size_t ask_real(const char *where, const uint8_t *request, size_t n, uint8_t *reply, size_t size)
{
	struct timeval limit = { .tv_sec = 5 };
	int fd = udp(where, true);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	ssize_t got = send(fd, request, n, 0) == (ssize_t)n ? recv(fd, reply, size, 0) : -1;
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in own, from;
	socklen_t size = sizeof own;
	uint8_t request[4096], reply[4096];
	unsigned long requests = 0;
	char where[INET_ADDRSTRLEN + 2] = "0";
	if (argc > 2 && strcmp(argv[1], "-a") == 0) {
		snprintf(where, sizeof where, "%.15s:0", argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 5 || secret_read_file(&secret, argv[2]) != 0) {
		fprintf(stderr, "usage: radius-forger [-a ADDRESS] CODE SECRET-FILE REAL KIND...: %s\n", strerror(errno));
		return 2;
	}
	code = (uint8_t)atoi(argv[1]);
	int fd = udp(where, false), other = udp(where, false);
	getsockname(fd, (struct sockaddr *)&own, &size);
	printf("ready=radius-forger\tport=%d\n", ntohs(own.sin_port));
	fflush(stdout);
	for (;;) {
		size = sizeof from;
		ssize_t n = recvfrom(fd, request, sizeof request, 0, (struct sockaddr *)&from, &size);
		if (n < 20)
			continue;
		if (requests++ == 0 && strcmp(argv[4], "lose") == 0)
			continue;
		for (int i = 4; i < argc && strcmp(argv[i], "lose") != 0; i++) {
			size_t len = forge(argv[i], request, reply);
			sendto(strcmp(argv[i], "port") == 0 ? other : fd, reply, len, 0, (struct sockaddr *)&from, size);
		}
		size_t real = strcmp(argv[3], "0") != 0 ? ask_real(argv[3], request, (size_t)n, reply, sizeof reply) : 0;
		if (real)
			sendto(fd, reply, real, 0, (struct sockaddr *)&from, size);
	}
}
