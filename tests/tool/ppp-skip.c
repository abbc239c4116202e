/* ppp-skip ADDRESS PORT | PATH - a caller who does not say who he is: agrees to all of LCP, to being
 * asked for his name too, and then goes on with IPCP and packets as if he had been let in.
 * Exit: 0 he is in, 4 he was hung up on, 3 nothing in ten seconds, 8. */
#include "wire/hdlc.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define LCP 0xc021
#define IPCP 0x8021
#define IP 0x0021
enum { REQUEST = 1, ACK, TERMINATE = 5, TERMINATED };

static int line;
static bool ended;

static void say(uint16_t protocol, const void *p, size_t n)
{
	struct hdlc_tx tx = { .pfc = false };
	struct buf b;
	buf_init(&b, 4096);
	hdlc_map(&tx.map, HDLC_ACCM_ALL);
	if (hdlc_encode(&b, &tx, protocol, p, n) != 0 || write(line, b.data, b.len) != (ssize_t)b.len)
		exit(4);
	buf_clear(&b);
}

/* All that a caller says after he was let in. */
static void go_on(void)
{
	uint8_t ip[28] = { 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 2, 192, 0, 2, 1, 8, 0, 0xf7, 0xff };
	say(IPCP, "\x01\x01\x00\x0a\x03\x06\xc0\x00\x02\x02", 10);
	say(IPCP, "\x02\x01\x00\x0a\x03\x06\xc0\x00\x02\x01", 10);
	say(IP, ip, sizeof ip);
}

static void hear(const struct hdlc_frame *f)
{
	uint8_t answer[HDLC_INFO_MAX];
	if (f->protocol == IP || (f->protocol == IPCP && f->n && (f->p[0] == REQUEST || f->p[0] == ACK))) {
		printf("in\n");
		exit(0);
	}
	if (f->protocol != LCP || f->n < 4)
		return;
	memcpy(answer, f->p, f->n);
	if (f->p[0] == REQUEST) {
		answer[0] = ACK;
		say(LCP, answer, f->n);
	} else if (f->p[0] == TERMINATE) {
		answer[0] = TERMINATED;
		say(LCP, answer, f->n);
		ended = true;
	}
}

static bool call(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct sockaddr_un u = { .sun_family = AF_UNIX };
	line = socket(argc == 3 ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
	if (argc == 2) {
		snprintf(u.sun_path, sizeof u.sun_path, "%s", argv[1]);
		return connect(line, (struct sockaddr *)&u, sizeof u) == 0;
	}
	a.sin_port = htons((uint16_t)atoi(argv[2]));
	return inet_pton(AF_INET, argv[1], &a.sin_addr) == 1 && connect(line, (struct sockaddr *)&a, sizeof a) == 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	struct hdlc_rx rx;
	struct hdlc_frame f;
	const char *why;
	char b[4096];
	if (argc < 2 || argc > 3)
		return 2;
	if (!call(argc, argv))
		return 8;
	hdlc_rx_init(&rx);
	say(LCP, "\x01\x01\x00\x04", 4);
	for (int i = 0; i < 100; i++) {
		struct pollfd p = { .fd = line, .events = POLLIN };
		ssize_t n = poll(&p, 1, 100) > 0 ? read(line, b, sizeof b) : -1;
		if (n == 0)
			return 4;
		struct cur in = cur_of(b, n > 0 ? (size_t)n : 0);
		for (int rc; (rc = hdlc_next(&rx, &in, &f, &why)) != 0;)
			if (rc == 1)
				hear(&f);
		if (!ended)
			go_on();
	}
	return 3;
}
