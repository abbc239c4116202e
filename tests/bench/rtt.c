/* rtt.c - round trips of one byte over TCP.
 *   rtt serve PORT                 gives back what comes, one connection after the other; prints ready=
 *   rtt ADDRESS PORT ROUNDS        prints the median of so many, in us */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define MOST 100000

static struct sockaddr *place(struct sockaddr_in *a, const char *host, const char *port)
{
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	must(inet_pton(AF_INET, host, &a->sin_addr) == 1, host);
	return (struct sockaddr *)a;
}

static void at_once(int fd)
{
	const int yes = 1;
	must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0, "TCP_NODELAY");
}

_Noreturn static void serve(const char *port)
{
	struct sockaddr_in a;
	const int yes = 1;
	int s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	must(bind(s, place(&a, "0.0.0.0", port), sizeof a) == 0 && listen(s, 8) == 0, "listen");
	puts("ready=rtt");
	fflush(stdout);
	for (char b;;) {
		int fd = accept(s, NULL, NULL);
		must(fd >= 0, "accept");
		at_once(fd);
		while (read(fd, &b, 1) == 1 && write(fd, &b, 1) == 1)
			;
		close(fd);
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double took[MOST];
	struct sockaddr_in a;
	char b = 0;
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	int rounds = argc == 4 ? atoi(argv[3]) : 0, fd = socket(AF_INET, SOCK_STREAM, 0);
	if (rounds < 1 || rounds > MOST)
		return 2;
	must(connect(fd, place(&a, argv[1], argv[2]), sizeof a) == 0, "connect");
	at_once(fd);
	for (int i = 0; i < rounds; i++) {
		double from = now();
		must(write(fd, &b, 1) == 1 && read(fd, &b, 1) == 1, "round trip");
		took[i] = now() - from;
	}
	qsort(took, (size_t)rounds, sizeof *took, ascending);
	printf("%.1f\n", took[rounds / 2] * 1e6);
	return 0;
}
