/* routecmd.c - sp-route -l: links come as records of sp-ras; what happens on
 * them goes out as records and into the log (steps 336, 342). */
#include "tool/routecmd.h"

#include "engine/routesvc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct server {
	const struct routecmd *conf;
	struct loop *loop;
	struct routesvc *svc;
	struct recin in;
	struct record rec;
	struct recout out;
	enum sp_exit status;
	bool deaf; /* nobody reads our records any more */
};

static void emit(struct server *s, struct record *r)
{
	if (s->deaf || (recout_add(&s->out, r) == 0 && recout_flush(&s->out) == 0))
		return;
	buf_wipe(&s->out.out);
	s->deaf = true;
	if (errno == EPIPE) /* the link goes on without a reader */
		return;
	tool_say("unable to write standard output: %s", strerror(errno));
	s->status = SP_SYSTEM;
	loop_stop(s->loop);
}

static const char *asked(const struct routesvc_event *ev, const char *key)
{
	return ev->question ? record_str(ev->question, key) : NULL;
}

static void about(struct record *r, const struct routesvc_event *ev, const char *host)
{
	static const char *const keys[] = { "session", "user" };
	char address[INET_ADDRSTRLEN];
	inet_ntop(AF_INET, &ev->address, address, sizeof address);
	record_set(r, "interface", ev->interface);
	record_set(r, "address", address);
	record_set(r, "peer", ev->peer);
	for (unsigned i = 0; i < 2; i++)
		if (asked(ev, keys[i]))
			record_set(r, keys[i], asked(ev, keys[i]));
	if (host)
		record_set(r, "host", host);
}

static void on_event(void *arg, const struct routesvc_event *ev)
{
	static const char *const words[] = { "acknowledged", "refused", "removed", "dropped" };
	struct server *s = arg;
	struct record r;
	record_init(&r);
	about(&r, ev, asked(ev, "host"));
	record_set(&r, "route", words[ev->kind]);
	if (ev->kind == ROUTESVC_ADDED || ev->kind == ROUTESVC_REMOVED)
		record_set(&r, "state", ev->kind == ROUTESVC_ADDED ? "up" : "down");
	if (ev->kind == ROUTESVC_REFUSED)
		tool_fail(&r, ev->status, 342, "%s: %s", ev->peer, ev->why);
	else if (ev->kind == ROUTESVC_DROPPED)
		tool_say("%s: %s", ev->peer, ev->why);
	tool_log(ev->kind == ROUTESVC_DROPPED ? 0 : 342, words[ev->kind], "interface", ev->interface, "peer", ev->peer,
	         "host", asked(ev, "host"), "session", asked(ev, "session"), "user", asked(ev, "user"), "detail",
	         ev->why, NULL);
	if (ev->kind != ROUTESVC_DROPPED)
		emit(s, &r);
	record_clear(&r);
}

static void fail(struct server *s, enum sp_exit status, const char *what, const char *why)
{
	tool_fail(&s->rec, status, 336, "%s%s%s", what, why ? ": " : "", why ? why : "");
	s->status = sp_exit_worse(s->status, status);
	emit(s, &s->rec);
}

static void link_up(struct server *s)
{
	const char *interface = record_str(&s->rec, "interface"), *address = record_str(&s->rec, "address"), *why;
	const char *workstation = record_str(&s->rec, "workstation");
	char port[8];
	struct in_addr own, only = { 0 };
	snprintf(port, sizeof port, "%u", s->conf->port);
	if (!interface || !address || inet_pton(AF_INET, address, &own) != 1) {
		fail(s, SP_RECORD, "no interface= and address= of a link", NULL);
	} else if (workstation && inet_pton(AF_INET, workstation, &only) != 1) {
		fail(s, SP_RECORD, "workstation= is no IPv4 address", NULL);
	} else if (routesvc_link(s->svc, interface, own, only, &why) < 0) {
		fail(s, SP_SYSTEM, why, strerror(errno));
	} else {
		tool_log(336, "link", "interface", interface, "address", address, "port", port, "user",
		         record_str(&s->rec, "user"), "router", record_str(&s->rec, "router"), NULL);
		tool_ready(&s->out, "interface", interface, "address", address, "port", port, NULL);
	}
}

/* A record with error=: no link, or the end of one. */
static void link_down(struct server *s)
{
	const char *interface = record_str(&s->rec, "interface");
	s->status = sp_exit_worse(s->status, sp_exit_of(record_str(&s->rec, "error")));
	if (interface)
		routesvc_unlink(s->svc, interface);
	emit(s, &s->rec);
}

static void on_input(void *arg, int fd, short revents)
{
	struct server *s = arg;
	const char *why;
	(void)revents;
	if (recin_fill(&s->in) < 0) {
		if (errno == EAGAIN)
			return;
		tool_say("unable to read standard input: %s", strerror(errno));
		s->status = SP_SYSTEM;
		loop_stop(s->loop);
		return;
	}
	for (int got; (got = recin_next(&s->in, &s->rec, &why)) != 0;) {
		if (got < 0) {
			tool_say("%s: line %lu: %s", s->in.name, s->in.line, why);
			s->status = sp_exit_worse(s->status, SP_RECORD);
		} else if (record_has(&s->rec, "error")) {
			link_down(s);
		} else {
			link_up(s);
		}
	}
	if (!s->in.eof)
		return;
	if (s->in.line == 0)
		s->status = sp_exit_worse(s->status, SP_NONE);
	loop_forget(s->loop, fd);
	loop_stop(s->loop);
}

static void on_signal(void *arg, int signo)
{
	struct server *s = arg;
	(void)signo;
	loop_stop(s->loop);
}

enum sp_exit routecmd_serve(const struct routecmd *c)
{
	struct server s = { .conf = c, .loop = loop_new(), .status = SP_OK };
	struct routesvc_conf conf = { s.loop, c->prefix, c->nprefix, c->table, c->port, on_event, &s };
	recin_init(&s.in, STDIN_FILENO, "stdin");
	recout_init(&s.out, STDOUT_FILENO, tool_common.json);
	record_init(&s.rec);
	s.svc = s.loop ? routesvc_new(&conf) : NULL;
	if (!s.svc || loop_signal(s.loop, SIGTERM, on_signal, &s) != 0 || loop_signal(s.loop, SIGINT, on_signal, &s) != 0 ||
	    loop_signal(s.loop, SIGHUP, on_signal, &s) != 0 || loop_fd(s.loop, STDIN_FILENO, POLLIN, on_input, &s) != 0)
		tool_die(SP_SYSTEM, "unable to begin: %s", strerror(errno));
	if (loop_run(s.loop) != 0)
		tool_die(SP_SYSTEM, "unable to wait: %s", strerror(errno));
	routesvc_free(s.svc);
	record_clear(&s.rec);
	recin_clear(&s.in);
	recout_clear(&s.out);
	loop_free(s.loop);
	return s.status;
}
