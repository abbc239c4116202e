/* ppp-crowd - many called systems in one process, for tests: each connection that is
 * accepted is a call to a system that has the address of all the others, PPP without
 * a TUN device behind it: packets that come are counted and go nowhere. What goes
 * wrong with calls is an address of its own, so that who calls chooses. After
 * SIGTERM a record says how many calls came, were up, and were refused. */
#include "engine/pppio.h"
#include "engine/ras.h"
#include "sys/sock.h"
#include "tool/tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define GARBAGE 20000 /* bytes */
#define MOST 5000     /* calls at once */

struct call {
	int fd;
	struct ppp *ppp;
	struct pppio io;
};

static const char *secret_file, *address = "192.0.2.1", *peer_address = "192.0.2.2";
static struct opt_list answers, hang_ups, garbages;
static struct secret secret;
static struct ppp_conf conf = { .role = PPP_ANSWERER, .echo = -1 };
static struct loop *loop;
static struct recout out;
static uint64_t calls, up, refused, packets;

static void event(void *arg, const struct ppp_event *ev)
{
	(void)arg;
	up += ev->kind == PPP_EV_IP_UP;
	refused += ev->kind == PPP_EV_AUTH_FAILED;
}

static void packet(void *arg, const uint8_t *ip, size_t n)
{
	(void)arg;
	(void)ip;
	(void)n;
	packets++;
}

static void check(void *arg, const struct ppp_check *k)
{
	struct call *c = arg;
	char proof[MSCHAP_PROOF + 1];
	bool ok = ras_secret(&secret, k, proof);
	ppp_verdict(c->ppp, clock_ms(), ok, ok && proof[0] ? proof : "");
}

static void done(void *arg)
{
	struct call *c = arg;
	pppio_stop(&c->io);
	close(c->fd);
	ppp_free(c->ppp);
	free(c);
}

static void answer(int fd)
{
	static const struct ppp_ops ops = { .event = event, .packet = packet, .check = check };
	struct call *c = calloc(1, sizeof *c);
	if (!c || !(c->ppp = ppp_new(&conf, &ops, c)))
		tool_die(SP_SYSTEM, "out of memory");
	c->fd = fd;
	pppio_begin(&c->io, &(struct pppio_conf){ .loop = loop, .ppp = c->ppp, .line = fd, .done = done, .arg = c });
}

static void heard(void *arg, int fd, short revents)
{
	(void)arg;
	(void)revents;
	loop_forget(loop, fd);
	close(fd);
}

/* Goes when the caller has begun to negotiate. */
static void hang_up(int fd)
{
	loop_fd(loop, fd, POLLIN, heard, NULL);
}

static void garbage(int fd)
{
	char b[GARBAGE];
	if (getrandom(b, sizeof b, 0) > 0 && write(fd, b, sizeof b) < 0)
		tool_say("unable to write: %s", strerror(errno));
	hang_up(fd);
}

static void on_accept(void *arg, int fd, short revents)
{
	void (*const *way)(int) = arg;
	(void)revents;
	for (int c; (c = sock_accept(fd)) >= 0; calls++)
		(*way)(c);
}

static void wait_at(const struct opt_list *where, void (**way)(int), char *bound, size_t size)
{
	const char *why;
	struct addr a;
	for (unsigned i = 0; i < where->n; i++) {
		int fd = addr_parse(where->v[i], &a, &why) ? sock_listen(&a, bound, size, &why) : -1;
		if (fd < 0 || loop_fd(loop, fd, POLLIN, on_accept, way) != 0)
			tool_die(SP_SYSTEM, "%s: %s", where->v[i], why);
	}
}

static void count(void *arg, int signo)
{
	struct record r = { 0 };
	(void)arg;
	(void)signo;
	record_setf(&r, "calls", "%llu", (unsigned long long)calls);
	record_setf(&r, "up", "%llu", (unsigned long long)up);
	record_setf(&r, "refused", "%llu", (unsigned long long)refused);
	record_setf(&r, "packets", "%llu", (unsigned long long)packets);
	if (recout_add(&out, &r) != 0 || recout_flush(&out) != 0)
		exit(SP_SYSTEM);
	record_clear(&r);
	loop_stop(loop);
}

int main(int argc, char **argv)
{
	static void (*ways[])(int) = { answer, hang_up, garbage };
	const struct opt opts[] = {
		{ "answer", 0, OPT_LIST, &answers, "LINE", "calls to here are answered" },
		{ "hang-up", 0, OPT_LIST, &hang_ups, "LINE", "end when the negotiation has begun" },
		{ "garbage", 0, OPT_LIST, &garbages, "LINE", "bring no PPP" },
		{ "secret-file", 0, OPT_STR, &secret_file, "FILE", "what callers must know" },
		{ "address", 0, OPT_STR, &address, "ADDRESS", "of each" },
		{ "peer-address", 0, OPT_STR, &peer_address, "ADDRESS", "given to callers" },
		{ 0 },
	};
	const struct tool t = { "ppp-crowd", "many called systems", "", opts, false };
	char bound[300] = "";
	tool_options(&t, argc, argv);
	tool_need(secret_file, "secret-file");
	tool_password(&secret, secret_file, NULL, NULL);
	if (inet_pton(AF_INET, address, &conf.local) != 1 || inet_pton(AF_INET, peer_address, &conf.peer) != 1)
		tool_die(SP_USAGE, "no address");
	tool_descriptors(MOST + 64, MOST, "calls");
	signal(SIGPIPE, SIG_IGN);
	recout_init(&out, 1, false);
	loop = loop_new();
	if (!loop || loop_signal(loop, SIGTERM, count, NULL) != 0)
		tool_die(SP_SYSTEM, "out of memory");
	wait_at(&garbages, &ways[2], bound, sizeof bound);
	wait_at(&hang_ups, &ways[1], bound, sizeof bound);
	wait_at(&answers, &ways[0], bound, sizeof bound);
	tool_ready(&out, "address", bound, NULL);
	return loop_run(loop) == 0 ? SP_OK : SP_SYSTEM;
}
