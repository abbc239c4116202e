/* ppp-call - the calling end of a link, for tests: the engine as the router uses
 * it, over a line, with or without a TUN device. Each event is a record on
 * standard output. SIGTERM hangs up; SIGUSR1 reads the secret again and gives it. Exit: 0 closed, 3 silent, 4 refused, 6. */
#include "engine/circuit.h"
#include "engine/pppio.h"
#include "sys/tun.h"
#include "tool/tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *line_text, *name = "alice%router1", *secret_file, *method = "any", *interface, *accm = "0", *own, *deflate = "auto";
static uint64_t mru;
static int64_t echo;
static bool once, no_vj, as_it_is;
static struct loop *loop;
static struct circuit *line;
static struct tun tun = { .fd = -1 };
static struct ppp_conf conf;
static struct ppp *ppp;
static struct pppio io;
static struct recout out;
static enum ppp_reason reason;
static enum sp_exit failed; /* the line did not come up */

static void say(struct record *r)
{
	if (recout_add(&out, r) != 0 || recout_flush(&out) != 0)
		exit(SP_SYSTEM);
	record_clear(r);
}

static void up(struct record *r, const struct ppp_event *ev)
{
	char text[INET_ADDRSTRLEN];
	const char *why;
	if (interface) {
		if (tun_open(&tun, interface, &why) != 0 || tun_address(&tun, ev->local, &ev->peer) != 0 ||
		    tun_mtu(&tun, ev->mtu) != 0 || tun_up(&tun) != 0)
			tool_die(SP_SYSTEM, "unable to make %s: %s", interface, strerror(errno));
		pppio_tun(&io, tun.fd);
		record_set(r, "interface", tun.name);
	}
	record_set(r, "local", inet_ntop(AF_INET, &ev->local, text, sizeof text));
	record_set(r, "peer", inet_ntop(AF_INET, &ev->peer, text, sizeof text));
	record_setf(r, "mtu", "%u", ev->mtu);
	if (once)
		ppp_close(ppp, clock_ms(), PPP_CLOSED);
}

static void counts(struct record *r, const struct ppp_stats *n)
{
	record_setf(r, "in_bytes", "%llu", (unsigned long long)n->in_bytes);
	record_setf(r, "out_bytes", "%llu", (unsigned long long)n->out_bytes);
	record_setf(r, "line_in", "%llu", (unsigned long long)n->line_in);
	record_setf(r, "line_out", "%llu", (unsigned long long)n->line_out);
}

static void event(void *arg, const struct ppp_event *ev)
{
	static const char *const word[] = { "lcp", "authenticating", "name", "ok", "failed", "up", "anew", "resumed", "renewed", "down" };
	struct record r = { 0 };
	(void)arg;
	record_set(&r, "event", word[ev->kind]);
	if (ev->text.n)
		record_setv(&r, view_of("text"), ev->text);
	if (ev->kind == PPP_EV_AUTHENTICATING)
		record_set(&r, "method", ppp_method_name(ev->method));
	if (ev->kind == PPP_EV_IP_UP)
		up(&r, ev);
	if (ev->kind == PPP_EV_DOWN) {
		reason = ev->reason;
		record_set(&r, "reason", ppp_reason_name(reason));
		counts(&r, ppp_stats(ppp));
	}
	say(&r);
}

static void packet(void *arg, const uint8_t *ip, size_t n)
{
	(void)arg;
	pppio_packet(&io, ip, n);
}

static void done(void *arg)
{
	(void)arg;
	tun_close(&tun);
	circuit_hangup(line);
}

static void hang_up(void *arg, int signo)
{
	(void)arg;
	(void)signo;
	if (circuit_fd(line) < 0) {
		circuit_hangup(line);
		return;
	}
	ppp_close(ppp, clock_ms(), PPP_CLOSED);
	pppio_touch(&io);
}

static void again(void *arg, int signo)
{
	struct secret s;
	(void)arg;
	(void)signo;
	if (secret_read_file(&s, secret_file) != 0 || !ppp)
		return;
	ppp_renew(ppp, clock_ms(), &s);
	pppio_touch(&io);
}

static void on_line(void *arg, const struct circuit_event *ev)
{
	(void)arg;
	if (ev->what == CIRCUIT_UP) {
		static const struct ppp_ops engine = { .event = event, .packet = packet };
		conf.speed = circuit_speed(line);
		ppp = ppp_new(&conf, &engine, NULL);
		if (!ppp)
			tool_die(SP_SYSTEM, "out of memory");
		pppio_begin(&io, &(struct pppio_conf){ .loop = loop, .ppp = ppp, .line = circuit_fd(line), .done = done,
		                                       .speed = circuit_speed(line), .bits = circuit_bits(line) });
	}
	if (ev->what != CIRCUIT_DOWN)
		return;
	failed = reason_exit(ev->reason);
	if (failed)
		tool_say("%s: %s", line_text, ev->detail);
	loop_stop(loop);
}

static void dial(void)
{
	static const struct circuit_ops ops = { on_line };
	const char *why;
	line = circuit_call(loop, &(struct circuit_conf){ line_text, NULL, CLOCK_NEVER, &ops, NULL, NULL }, &why);
	if (!line)
		tool_die(SP_PEER, "%s: %s: %s", line_text, why, strerror(errno));
}

static int status(void)
{
	if (failed)
		return (int)failed;
	return reason == PPP_CLOSED ? SP_OK : reason == PPP_SILENT ? SP_TIMEOUT :
	       reason == PPP_REFUSED || reason == PPP_AUTH_METHOD ? SP_DENIED : SP_PEER;
}

int main(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "line", 0, OPT_STR, &line_text, "LINE", "what to call" },
		{ "name", 0, OPT_STR, &name, "NAME", "who we say we are" },
		{ "secret-file", 0, OPT_STR, &secret_file, "FILE", "the secret; none: we have none" },
		{ "auth", 0, OPT_STR, &method, "METHOD", "mschapv2, chap, pap, both or any: what may be used" },
		{ "interface", 0, OPT_STR, &interface, "NAME", "make a TUN device" },
		{ "mru", 0, OPT_NUM, &mru, "BYTES", "largest packet that we receive" },
		{ "deflate", 0, OPT_STR, &deflate, "WHEN", "auto, yes or no" },
		{ "no-vj", 0, OPT_FLAG, &no_vj, NULL, "no compressed headers" },
		{ "as-it-is", 0, OPT_FLAG, &as_it_is, NULL, "nothing of a SYN is changed on a slow line" },
		{ "accm", 0, OPT_STR, &accm, "HEX", "what the peer shall escape" },
		{ "address", 0, OPT_STR, &own, "ADDRESS", "our own (default: ask for one)" },
		{ "echo", 0, OPT_SECONDS, &echo, "SECONDS", "between questions whether the peer is there (10)" },
		{ "once", 0, OPT_FLAG, &once, NULL, "close when the link is up" },
		{ 0 },
	};
	const struct tool t = { "ppp-call", "the calling end of a link", "", opts, false };
	struct secret secret = { 0 };
	tool_options(&t, argc, argv);
	if (secret_file)
		tool_password(&secret, secret_file, NULL, NULL);
	conf = (struct ppp_conf){ .role = PPP_CALLER, .name = name, .secret = secret_file ? &secret : NULL,
		.auth = ppp_methods(method),
		.no_vj = no_vj, .no_mss_clamp = as_it_is, .no_ts_blank = as_it_is, .mru = (uint16_t)mru, .echo = echo, .accm = (uint32_t)strtoul(accm, NULL, 16) };
	if (!ppp_deflate(deflate, &conf.deflate))
		tool_die(SP_USAGE, "--deflate: %s is none of auto, yes, no", deflate);
	if (own)
		inet_pton(AF_INET, own, &conf.local);
	recout_init(&out, 1, false);
	loop = loop_new();
	if (!loop)
		tool_die(SP_SYSTEM, "out of memory");
	loop_signal(loop, SIGTERM, hang_up, NULL);
	loop_signal(loop, SIGUSR1, again, NULL);
	loop_signal(loop, SIGINT, hang_up, NULL);
	dial();
	loop_run(loop);
	circuit_free(line);
	ppp_free(ppp);
	loop_free(loop);
	return status();
}
