/* mkpermit - a permit such as the monitor signs, and what is in one.
 *   mkpermit KEY.pem KEY=VALUE ...    sequence= session= user= router= serial= ticket= workstation= inside= dial= ports=,
 *                                     and issued= connect_by= until= in seconds from now
 *   mkpermit show PUB.pem PERMIT [KEY=VALUE ...]   exit 4: not signed, or not these */
#include "base/num.h"
#include "base/record.h"
#include "sys/key.h"
#include "wire/permit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static struct permit p = { .sequence = 1 };

static int fail(int status, const char *what)
{
	fprintf(stderr, "mkpermit: %s\n", what);
	exit(status);
}

static time_t from_now(const char *v)
{
	return time(NULL) + atol(v);
}

static struct permit_name *name_of(struct view key)
{
	return view_is(key, "user")     ? &p.user
	       : view_is(key, "router") ? &p.router
	       : view_is(key, "serial") ? &p.serial
	       : view_is(key, "ticket") ? &p.ticket : NULL;
}

static const char *set(struct view key, const char *v)
{
	struct in_addr a;
	const char *why = NULL;
	if (view_is(key, "sequence"))
		p.sequence = (uint32_t)strtoul(v, NULL, 10);
	else if (view_is(key, "issued"))
		p.issued = from_now(v);
	else if (view_is(key, "connect_by"))
		p.connect_by = from_now(v);
	else if (view_is(key, "until"))
		p.until = from_now(v);
	else if (view_is(key, "session"))
		return permit_set_session(&p, view_of(v));
	else if (view_is(key, "dial"))
		return permit_add_dial(&p, view_of(v));
	else if (view_is(key, "ports"))
		ports_parse(view_of(v), &p.ports, &why);
	else if (view_is(key, "workstation") && inet_pton(AF_INET, v, &a) == 1)
		p.workstation = ntohl(a.s_addr);
	else if (view_is(key, "inside") && inet_pton(AF_INET, v, &a) == 1)
		p.inside = ntohl(a.s_addr);
	else if (name_of(key))
		return permit_set_name(name_of(key), view_of(v));
	else
		return "what is that?";
	return why;
}

static const char *differs(struct view key, const char *v)
{
	bool same = name_of(key) ? permit_is(name_of(key), view_of(v)) : permit_dials(&p, view_of(v));
	return same ? NULL : "is another";
}

static void each(char **arg, const char *(*do_it)(struct view key, const char *v))
{
	for (; *arg; arg++) {
		struct view v = view_of(*arg), key;
		view_split(&v, '=', &key);
		const char *why = v.p ? do_it(key, v.p) : "no KEY=VALUE";
		if (why)
			fail(4, why);
	}
}

static void show(void)
{
	char a[INET_ADDRSTRLEN], inside[INET_ADDRSTRLEN], ports[PORTS_TEXT];
	ports_write(&p.ports, ports);
	inet_ntop(AF_INET, &(struct in_addr){ htonl(p.workstation) }, a, sizeof a);
	inet_ntop(AF_INET, &(struct in_addr){ htonl(p.inside) }, inside, sizeof inside);
	printf("sequence=%u\tsession=%s\tworkstation=%s\tdials=%u\tissued=%lld\tconnect_by=%lld\tuntil=%lld\tports=%s\tinside=%s\n", p.sequence,
	       p.session, a, p.dials, (long long)p.issued, (long long)(p.connect_by - p.issued), (long long)(p.until - p.issued), ports, p.inside ? inside : "");
}

int main(int argc, char **argv)
{
	const char *why = "usage: mkpermit [show] KEY.pem ...";
	bool reads = argc > 3 && strcmp(argv[1], "show") == 0;
	struct evp_pkey_st *key = argc > 1 + reads ? token_key(argv[1 + reads], !reads, &why) : NULL;
	struct buf text;
	buf_init(&text, PERMIT_TEXT_MAX);
	if (!key)
		fail(8, why);
	if (reads) {
		if (permit_read(view_of(argv[3]), &key, 1, &p, &why) != 1)
			fail(4, why);
		each(argv + 4, differs);
		show();
	} else {
		p.issued = from_now("0");
		p.connect_by = from_now("300");
		p.until = from_now("3600");
		p.ports.all = true;
		each(argv + 2, set);
		why = permit_sign(&p, key, &text);
		if (why)
			fail(4, why);
		printf("%.*s\n", (int)text.len, text.data);
	}
	buf_clear(&text);
	key_free(key);
	return fflush(stdout) == 0 ? 0 : 8;
}
