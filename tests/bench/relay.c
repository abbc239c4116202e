/* relay.c - what the machine can do with an encrypted tunnel of which nothing is left but what costs anyway: packets
 * between a TUN device (engine/tunend.h) and a UDP socket, each sealed by AES-128-GCM with a DTLS record's nonce and
 * tag, many to a call (UDP_SEGMENT, UDP_GRO) as sys/dtls_wire.c does it. There is no handshake, the key is known to all,
 * who is there is not looked at and what is in the packets neither: never a tunnel to use.
 *   relay DEVICE MTU OWN-ADDRESS PEER-ADDRESS PORT
 * Prints ready= when the device is up; addresses and routes are the caller's. */
#include "engine/tunend.h"
#include "bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <unistd.h>

#define NONCE 8
#define TAG 16
#define SALT 4
#define BATCH 65000 /* bytes */
#define BATCH_RECORDS 64
#define RECEIVE 65536
#define RECEIVES_A_TURN 32
#define SOCKET (4 << 20)

static struct tunend tun = { .tun.fd = -1 };
static int udp;
static EVP_CIPHER_CTX *sealing, *opening;
static struct loop_timer soon;
static struct {
	uint8_t b[BATCH];
	size_t n, record;
	unsigned records;
} out;

static EVP_CIPHER_CTX *cipher(int seals)
{
	static const uint8_t key[16] = "known to all...";
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c && EVP_CipherInit_ex(c, EVP_aes_128_gcm(), NULL, key, NULL, seals) == 1, "cipher");
	return c;
}

static void flush(void *arg)
{
	union { char room[CMSG_SPACE(sizeof(uint16_t))]; struct cmsghdr align; } control = { { 0 } };
	struct iovec v = { out.b, out.n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	uint16_t each = (uint16_t)out.record;
	(void)arg;
	if (out.n > out.record) {
		m.msg_control = &control;
		m.msg_controllen = sizeof control;
		control.align = (struct cmsghdr){ .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof each) };
		memcpy(CMSG_DATA(&control.align), &each, sizeof each);
	}
	if (out.n && sendmsg(udp, &m, MSG_NOSIGNAL) < 0)
		errno = 0; /* lost, as on the way */
	out.n = out.records = 0;
}

static void seal(uint8_t *to, const uint8_t *ip, size_t n)
{
	static uint64_t count;
	uint8_t nonce[SALT + NONCE] = { 0 };
	int got = 0;
	count++;
	memcpy(nonce + SALT, &count, NONCE);
	memcpy(to, &count, NONCE);
	must(EVP_EncryptInit_ex(sealing, NULL, NULL, NULL, nonce) == 1 && EVP_EncryptUpdate(sealing, to + NONCE, &got, ip, (int)n) == 1 &&
	     EVP_EncryptFinal_ex(sealing, to + NONCE + n, &got) == 1 &&
	     EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, TAG, to + NONCE + n) == 1, "seal");
}

/* One of the kernel's. A shorter record is the last of its batch. */
static void on_packet(void *arg, uint8_t *ip, size_t n)
{
	size_t record = NONCE + n + TAG;
	(void)arg;
	if (out.n && (record > out.record || out.n + record > sizeof out.b || out.records == BATCH_RECORDS))
		flush(NULL);
	if (out.n == 0)
		out.record = record;
	seal(out.b + out.n, ip, n);
	out.n += record;
	out.records++;
	if (record < out.record)
		flush(NULL);
	else if (!soon.armed)
		loop_at(tun.loop, &soon, clock_ms(), flush, NULL);
}

/* Where it is. */
static void unseal(uint8_t *b, size_t n)
{
	uint8_t nonce[SALT + NONCE] = { 0 };
	int got = 0;
	if (n <= NONCE + TAG)
		return;
	memcpy(nonce + SALT, b, NONCE);
	if (EVP_DecryptInit_ex(opening, NULL, NULL, NULL, nonce) == 1 &&
	    EVP_DecryptUpdate(opening, b + NONCE, &got, b + NONCE, (int)(n - NONCE - TAG)) == 1 &&
	    EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, TAG, b + n - TAG) == 1 &&
	    EVP_DecryptFinal_ex(opening, b + n, &got) == 1) {
		union { uint8_t *u; const char *c; } ip = { b + NONCE };
		tunend_write(&tun, (struct view){ ip.c, n - NONCE - TAG });
	}
}

static void on_udp(void *arg, int fd, short revents)
{
	static uint8_t in[RECEIVE];
	(void)arg, (void)revents;
	for (unsigned i = 0; i < RECEIVES_A_TURN; i++) {
		union { char room[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } control;
		struct iovec v = { in, sizeof in };
		struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
		ssize_t got = recvmsg(fd, &m, MSG_DONTWAIT);
		struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
		int each = (int)got;
		if (got <= 0)
			return;
		if (c && c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&each, CMSG_DATA(c), sizeof each);
		for (ssize_t at = 0; at < got; at += each)
			unseal(in + at, (size_t)(got - at < each ? got - at : each));
	}
}

static void on_lost(void *arg)
{
	(void)arg;
	loop_stop(tun.loop);
}

static struct sockaddr *place(struct sockaddr_in *a, const char *host, const char *port)
{
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	must(inet_pton(AF_INET, host, &a->sin_addr) == 1, host);
	return (struct sockaddr *)a;
}

int main(int argc, char **argv)
{
	struct sockaddr_in a;
	const char *why = "";
	const int yes = 1, room = SOCKET;
	if (argc != 6)
		return 2;
	sealing = cipher(1);
	opening = cipher(0);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	must(udp >= 0 && bind(udp, place(&a, argv[3], argv[5]), sizeof a) == 0 && connect(udp, place(&a, argv[4], argv[5]), sizeof a) == 0, "socket");
	must(setsockopt(udp, IPPROTO_UDP, UDP_GRO, &yes, sizeof yes) == 0 && setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) == 0 &&
	     setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) == 0, "setsockopt");
	tun = (struct tunend){ .tun.fd = -1, .loop = loop_new(), .packet = on_packet, .lost = on_lost };
	must(tun.loop && tunend_open(&tun, argv[1], (unsigned)atoi(argv[2]), (struct in_addr){ 0 }, &why) == 0, why);
	must(loop_fd(tun.loop, udp, POLLIN, on_udp, NULL) == 0, "loop");
	puts("ready=relay");
	fflush(stdout);
	return loop_run(tun.loop) == 0 ? 0 : 8;
}
