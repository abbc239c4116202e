/* half-open ADDRESS PORT N SOURCE COUNT [HEX] - a stranger: N connections from COUNT addresses,
 * the first of which is SOURCE, in each of which only these bytes are said. Says tried=N when
 * of each is known what became of it. Those that are hung up on are opened again, 200 a second
 * at most, until it is killed; then it says how many are open, and how often it was hung up on. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX 16000
#define TICK 100  /* ms */
#define AGAIN 20  /* opened again in each */

static struct conn { int fd; _Bool connected, known; } conn[MAX];
static struct sockaddr_in to, from;
static unsigned n, count, known, hung_up;
static unsigned char hello[512];
static size_t nhello;
static int ep;
static volatile sig_atomic_t over;

static void on_signal(int signo)
{
	over = signo;
}

static void begin(unsigned i)
{
	struct sockaddr_in a = from;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.u32 = i };
	a.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + i % count);
	conn[i].connected = 0;
	conn[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (conn[i].fd < 0 || bind(conn[i].fd, (struct sockaddr *)&a, sizeof a) != 0) {
		perror("half-open");
		exit(1);
	}
	if (connect(conn[i].fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
		perror("half-open: connect");
	epoll_ctl(ep, EPOLL_CTL_ADD, conn[i].fd, &ev);
}

static void look(unsigned i, unsigned events)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
	struct conn *c = &conn[i];
	char b[256];
	known += !c->known;
	c->known = 1;
	if (events & EPOLLOUT && !c->connected) {
		c->connected = 1;
		if (nhello && write(c->fd, hello, nhello) < 0)
			events |= EPOLLERR;
		epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
	}
	if (events & (EPOLLHUP | EPOLLERR) || (events & EPOLLIN && read(c->fd, b, sizeof b) <= 0)) {
		close(c->fd);
		c->fd = -1;
		hung_up++;
	}
}

static void begin_again(void)
{
	static unsigned at;
	unsigned some = 0;
	for (unsigned i = 0; i < n && some < AGAIN; i++, at = (at + 1) % n)
		if (conn[at].fd < 0) {
			begin(at);
			some++;
		}
}

static void arguments(char **argv)
{
	inet_pton(AF_INET, argv[1], &to.sin_addr);
	inet_pton(AF_INET, argv[4], &from.sin_addr);
	to.sin_family = from.sin_family = AF_INET;
	to.sin_port = htons((unsigned short)atoi(argv[2]));
	n = (unsigned)atoi(argv[3]);
	count = (unsigned)atoi(argv[5]);
	for (const char *p = argv[6]; p && p[0] && p[1] && nhello < sizeof hello; p += 2) {
		const char two[3] = { p[0], p[1], 0 };
		hello[nhello++] = (unsigned char)strtoul(two, NULL, 16);
	}
}

static _Bool descriptors(rlim_t want)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_max < want)
		return 0;
	r.rlim_cur = r.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &r) == 0;
}

int main(int argc, char **argv)
{
	struct epoll_event ev[256];
	unsigned open = 0;
	if (argc < 6)
		return 2;
	arguments(argv);
	if (n < 1 || n > MAX || count < 1 || !descriptors(n + 64)) {
		fputs("half-open: too many\n", stderr);
		return 2;
	}
	ep = epoll_create1(EPOLL_CLOEXEC);
	signal(SIGTERM, on_signal);
	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < n; i++)
		begin(i);
	for (_Bool told = 0; !over;) {
		int got = epoll_wait(ep, ev, 256, TICK);
		for (int i = 0; i < got; i++)
			look(ev[i].data.u32, ev[i].events);
		if (known == n && !told) {
			printf("tried=%u\n", n);
			fflush(stdout);
			told = 1;
		}
		if (told && got < 256) {
			begin_again();
			usleep(TICK * 1000);
		}
	}
	for (unsigned i = 0; i < n; i++)
		open += conn[i].fd >= 0 && conn[i].connected;
	printf("open=%u\thung_up=%u\n", open, hung_up);
	return 0;
}
