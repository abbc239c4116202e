/* bulk.c - one TCP connection as fast as it goes, in packets of up to 1500 bytes: from a
 * TUN device in one network namespace to one in another, both made here. Ours is a call as
 * in life: the router's link, with the alias, in one process, the RAS's in another, both
 * with their defaults, and a line of no known speed, so unpaced and without deflate: a
 * socketpair, or a pty. The limit of the socketpair is a process that reads packets from
 * either TUN device and writes them to the other; of the pty, a process that writes bytes
 * into such a one and another that reads them. The data are random; what counts is payload
 * that has arrived. Each has its turn in every round; medians of MB/s, and of the rounds'
 * ratios of ours to its limit. */
#include "engine/pppio.h"
#include "engine/ras.h"
#include "sys/tun.h"
#include "wire/nat.h"
#include "bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ROUNDS 25
#define WARM 0.2   /* s, that do not count */
#define SECONDS 0.3
#define PORT 9000
#define CHUNK 65536
#define LINE_CHUNK 16384
#define WORKSTATION 0x0a320005 /* 10.50.0.5 */
#define ALIAS 0x0ac80007       /* 10.200.0.7 */
#define ADDRESS 0xc0000201     /* 192.0.2.1 */

enum kind { BARE, PAIR, RAW, PTY, KINDS };

static struct secret secret;
static int near_ns, far_ns;
static pid_t child[8];
static size_t children;
static int *links_up; /* shared: how many of the two ends */

static struct in_addr address(uint32_t a)
{
	return (struct in_addr){ htonl(a) };
}

/* true: in the child, which ends by end_children or with its parent. */
static bool begin_child(void)
{
	pid_t pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0)
		must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
	else
		child[children++] = pid;
	return pid == 0;
}

static void end_children(void)
{
	for (size_t i = 0; i < children; i++)
		kill(child[i], SIGKILL);
	while (children > 0)
		waitpid(child[--children], NULL, 0);
}

static int namespace_new(void)
{
	must(unshare(CLONE_NEWNET) == 0, "unshare");
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	must(fd >= 0, "/proc/self/ns/net");
	return fd;
}

/* In the namespace; what is opened there stays there. */
static void device(int ns, struct tun *t, uint32_t own, uint32_t peer)
{
	const char *why = "";
	struct in_addr there = address(peer);
	must(setns(ns, CLONE_NEWNET) == 0, "setns");
	for (int i = 0; i < 1000 && tun_open(t, "bulk", &why) != 0 && errno == EBUSY; i++)
		usleep(1000); /* a killed process's is gone a moment after it was waited for */
	must(t->fd >= 0, why);
	must(tun_address(t, address(own), &there) == 0 && tun_mtu(t, 1500) == 0 && tun_up(t) == 0, "tun");
}

/* -- what carries packets */

/* The virtio header that sys/tun.c asks for goes with the packet. */
static void copy(int from, int to)
{
	char b[2048];
	ssize_t n;
	for (int i = 0; i < 64 && (n = read(from, b, sizeof b)) > 0; i++)
		if (write(to, b, (size_t)n) < 0)
			continue; /* dropped, as the kernel does */
}

static void carry(int a, int b)
{
	struct pollfd p[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents)
			copy(a, b);
		if (p[1].revents)
			copy(b, a);
	}
}

struct end {
	struct ppp *ppp;
	struct pppio io;
	struct nat nat;
	struct tun *tun;
	bool router;
};

static void on_event(void *arg, const struct ppp_event *ev)
{
	struct end *e = arg;
	if (ev->kind != PPP_EV_IP_UP)
		return;
	pppio_tun(&e->io, e->tun->fd);
	__atomic_add_fetch(links_up, 1, __ATOMIC_SEQ_CST);
}

static void on_check(void *arg, const struct ppp_check *c)
{
	struct end *e = arg;
	char proof[MSCHAP_PROOF + 1];
	ppp_verdict(e->ppp, clock_ms(), ras_secret(&secret, c, proof), "welcome");
}

static void on_packet(void *arg, const uint8_t *ip, size_t n)
{
	struct end *e = arg;
	uint8_t packet[1500];
	if (n > sizeof packet)
		return;
	memcpy(packet, ip, n);
	if (!e->router || nat_in(&e->nat, packet, n) == NAT_PASS)
		pppio_packet(&e->io, packet, n);
}

static bool leaves(void *arg, uint8_t *ip, size_t n)
{
	struct end *e = arg;
	return !e->router || nat_out(&e->nat, ip, n) == NAT_PASS;
}

static void over(void *arg)
{
	(void)arg;
	exit(6);
}

static void link_run(struct tun *tun, int line, bool router)
{
	static const struct ppp_ops ops = { .event = on_event, .packet = on_packet, .check = on_check };
	static struct end e;
	struct loop *loop = loop_new();
	struct ppp_conf conf = { .role = PPP_ANSWERER, .local = address(ADDRESS), .peer = address(0xc0000202), .secret = &secret };
	if (router)
		conf = (struct ppp_conf){ .role = PPP_CALLER, .name = "alice%router1", .secret = &secret };
	e = (struct end){ .tun = tun, .router = router, .ppp = ppp_new(&conf, &ops, &e) };
	nat_init(&e.nat, WORKSTATION, ALIAS, ADDRESS);
	must(loop && e.ppp, "memory");
	pppio_begin(&e.io, &(struct pppio_conf){ .loop = loop, .ppp = e.ppp, .line = line, .done = over, .leaves = leaves, .arg = &e });
	loop_run(loop);
}

/* -- lines */

static void line_pair(int line[2])
{
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, line) == 0, "socketpair");
}

static void line_pty(int line[2], int flags)
{
	struct termios t;
	line[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | flags);
	must(line[0] >= 0 && grantpt(line[0]) == 0 && unlockpt(line[0]) == 0, "/dev/ptmx");
	line[1] = open(ptsname(line[0]), O_RDWR | O_NOCTTY | O_CLOEXEC | flags);
	must(line[1] >= 0 && tcgetattr(line[1], &t) == 0, "pty");
	cfmakeraw(&t);
	must(tcsetattr(line[1], TCSANOW, &t) == 0, "tcsetattr");
}

/* -- measuring */

static void send_all(int fd, size_t chunk)
{
	static char b[CHUNK];
	int from = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	must(from >= 0 && read(from, b, sizeof b) == (ssize_t)sizeof b, "/dev/urandom");
	while (write(fd, b, chunk) > 0)
		;
	exit(0);
}

/* MB/s that come out of fd. */
static double receive(int fd, size_t chunk)
{
	static char b[CHUNK];
	double begin = now() + WARM, at;
	uint64_t bytes = 0;
	while ((at = now()) < begin)
		must(read(fd, b, chunk) > 0, "read");
	begin = at;
	while ((at = now()) < begin + SECONDS) {
		ssize_t n = read(fd, b, chunk);
		must(n > 0, "read");
		bytes += (uint64_t)n;
	}
	return (double)bytes / (at - begin) / 1e6;
}

static struct sockaddr *place(struct sockaddr_in *a, uint32_t host)
{
	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = address(host), .sin_port = htons(PORT) };
	return (struct sockaddr *)a;
}

/* The sender is on near's side, the receiver, which is this process, on far's. */
static double stream(uint32_t to)
{
	struct sockaddr_in a;
	const int on = 1;
	must(setns(near_ns, CLONE_NEWNET) == 0, "setns");
	int from = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(setns(far_ns, CLONE_NEWNET) == 0, "setns");
	int port = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(port, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	must(bind(port, place(&a, ADDRESS), sizeof a) == 0 && listen(port, 1) == 0, "listen");
	if (begin_child()) {
		must(connect(from, place(&a, to), sizeof a) == 0, "connect");
		send_all(from, CHUNK);
	}
	int fd = accept(port, NULL, NULL);
	must(fd >= 0, "accept");
	double got = receive(fd, CHUNK);
	end_children();
	close(fd);
	close(port);
	close(from);
	return got;
}

static double packets(enum kind kind)
{
	struct tun near, far;
	int line[2] = { -1, -1 };
	device(near_ns, &near, WORKSTATION, kind == BARE ? ADDRESS : ALIAS);
	device(far_ns, &far, ADDRESS, WORKSTATION);
	*links_up = kind == BARE ? 2 : 0;
	if (kind == PAIR)
		line_pair(line);
	if (kind == PTY)
		line_pty(line, O_NONBLOCK);
	if (kind == BARE && begin_child())
		carry(near.fd, far.fd);
	if (kind != BARE && begin_child())
		link_run(&near, line[0], true);
	if (kind != BARE && begin_child())
		link_run(&far, line[1], false);
	for (int i = 0; i < 5000 && __atomic_load_n(links_up, __ATOMIC_SEQ_CST) < 2; i++)
		usleep(1000);
	must(*links_up == 2, "the link is not up");
	double got = stream(kind == BARE ? ADDRESS : ALIAS);
	close(line[0]);
	close(line[1]);
	tun_close(&near);
	tun_close(&far);
	return got;
}

static double raw(void)
{
	int line[2];
	line_pty(line, 0);
	if (begin_child())
		send_all(line[0], LINE_CHUNK);
	double got = receive(line[1], LINE_CHUNK);
	end_children();
	close(line[0]);
	close(line[1]);
	return got;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(const double *v)
{
	double s[ROUNDS];
	memcpy(s, v, sizeof s);
	qsort(s, ROUNDS, sizeof *s, ascending);
	return s[ROUNDS / 2];
}

static void row(const char *what, const double *ours, const double *limit)
{
	double ratio[ROUNDS];
	for (int i = 0; i < ROUNDS; i++)
		ratio[i] = ours[i] / limit[i];
	printf("%s, MB/s\t%.1f\t-\t%.1f\t%.2f\n", what, median(ours), median(limit), median(ratio));
}

int main(void)
{
	double got[KINDS][ROUNDS];
	near_ns = namespace_new();
	far_ns = namespace_new();
	links_up = mmap(NULL, sizeof *links_up, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(links_up != MAP_FAILED && secret_set(&secret, view_of("sesame")), "memory");
	for (int i = 0; i < ROUNDS; i++) {
		for (enum kind k = 0; k < KINDS; k++) {
			alarm(30); /* a part of it has failed, and said so */
			got[k][i] = k == RAW ? raw() : packets(k);
		}
	}
	row("TCP over the link on a socketpair", got[PAIR], got[BARE]);
	row("TCP over the link on a pty", got[PTY], got[RAW]);
	return 0;
}
