/* udp-lossy PORT RULE... - a way to UDP port PORT of 127.0.0.1 on which datagrams are lost. Each
 * client has its own socket there. Rules, N counted from 1 over all clients:
 *   c:N s:N   the N-th datagram from a client, from the server, is dropped; c:N-M several
 *   q:N a:N   the same of those with application data of DTLS: questions, answers
 *   double    each that is not dropped is sent twice
 * Prints ready=udp-lossy address= port=, and a line for each that was dropped; runs until it is
 * stopped. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 32
#define APPLICATION 23

static struct { int fd; struct sockaddr_in at; } client[CLIENTS];
static unsigned nclients, count[128];
static char *const *rules;

static int udp(uint16_t port, bool connected)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct sockaddr *sa = (const struct sockaddr *)&a;
	if (fd < 0 || (connected ? connect(fd, sa, sizeof a) : bind(fd, sa, sizeof a)) != 0) {
		perror("udp-lossy");
		exit(8);
	}
	return fd;
}

static bool hit(char kind)
{
	unsigned n = ++count[(unsigned char)kind];
	for (char *const *r = rules; *r; r++) {
		char k;
		unsigned from, to;
		int got = sscanf(*r, "%c:%u-%u", &k, &from, &to);
		if (got >= 2 && k == kind && n >= from && n <= (got == 3 ? to : from)) {
			printf("dropped=%c:%u\n", kind, n);
			return true;
		}
	}
	return false;
}

/* How often this one goes on. */
static unsigned copies(const unsigned char *b, ssize_t n, bool up)
{
	bool data = n > 0 && b[0] == APPLICATION, lost = hit(up ? 'c' : 's');
	if (data)
		lost |= hit(up ? 'q' : 'a');
	unsigned times = 1;
	for (char *const *r = rules; *r; r++)
		if (strcmp(*r, "double") == 0)
			times = 2;
	return lost ? 0 : times;
}

static unsigned client_of(uint16_t port, const struct sockaddr_in *at)
{
	for (unsigned i = 0; i < nclients; i++)
		if (client[i].at.sin_port == at->sin_port && client[i].at.sin_addr.s_addr == at->sin_addr.s_addr)
			return i;
	if (nclients == CLIENTS)
		exit(8);
	client[nclients].at = *at;
	client[nclients].fd = udp(port, true);
	return nclients++;
}

static void from_client(int fd, uint16_t port)
{
	unsigned char b[65536];
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof at;
	ssize_t n = recvfrom(fd, b, sizeof b, 0, (struct sockaddr *)&at, &len);
	if (n < 0)
		return;
	unsigned i = client_of(port, &at);
	for (unsigned t = copies(b, n, true); t > 0; t--)
		send(client[i].fd, b, (size_t)n, 0);
}

static void from_server(int fd, unsigned i)
{
	unsigned char b[65536];
	ssize_t n = recv(client[i].fd, b, sizeof b, 0);
	if (n < 0)
		return;
	for (unsigned t = copies(b, n, false); t > 0; t--)
		sendto(fd, b, (size_t)n, 0, (const struct sockaddr *)&client[i].at, sizeof client[i].at);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
	rules = argv + 2;
	int fd = udp(0, false);
	struct sockaddr_in own;
	socklen_t len = sizeof own;
	getsockname(fd, (struct sockaddr *)&own, &len);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready=udp-lossy\taddress=127.0.0.1\tport=%d\n", ntohs(own.sin_port));
	for (;;) {
		struct pollfd p[CLIENTS + 1] = { { .fd = fd, .events = POLLIN } };
		for (unsigned i = 0; i < nclients; i++)
			p[i + 1] = (struct pollfd){ .fd = client[i].fd, .events = POLLIN };
		unsigned n = nclients;
		if (poll(p, n + 1, -1) < 0)
			return 8;
		for (unsigned i = 0; i < n; i++)
			if (p[i + 1].revents)
				from_server(fd, i);
		if (p[0].revents)
			from_client(fd, port);
	}
}
