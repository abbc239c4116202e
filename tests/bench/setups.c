/* setups.c - many ends of tunnels in one process, each with a session of its own, and no TUN device.
 *   setups GATEWAY CERT KEY CA PERMIT-KEY SERIAL TUNNELS AT-ONCE
 * GATEWAY as of sp-gate --gateway; all have the one certificate, which says SERIAL. Prints how many of them the gateway
 * has let in and taken the permit of a second, AT-ONCE at a time; holds them until standard input ends. */
#include "bench/bench.h"
#include "engine/gate_end.h"
#include "engine/party.h"
#include "sys/key.h"
#include "sys/tls.h"
#include "wire/permit.h"

#include <sys/resource.h>
#include <unistd.h>

#define INSIDE 0x0ad20000u      /* 10.210.0.0, and those behind it */
#define WORKSTATION 0x0a3c0005u /* 10.60.0.5 */
#define MTU 1500
#define MOST 10000

static struct loop *loop;
static struct gateway gateway;
static struct ssl_ctx_st *ctx;
static struct end {
	struct gate_end *end;
	char session[PERMIT_SESSION + 1], permit[PERMIT_TEXT_MAX + 1];
} end[MOST];
static unsigned tunnels, begun, up;
static double from;

static void begin(void);

static void on_taken(void *arg, void *of, struct record *answer)
{
	(void)arg, (void)of, (void)answer;
	if (++up < tunnels) {
		begin();
		return;
	}
	printf("%.0f\n", tunnels / (now() - from));
	fflush(stdout);
}

static void on_over(void *arg, void *of, bool denied, const char *why)
{
	(void)arg, (void)of, (void)denied;
	fprintf(stderr, "setups: %s\n", why);
	exit(6);
}

static void on_down(void *arg, const struct gateway *g, const char *why, bool denied)
{
	(void)g;
	on_over(arg, NULL, denied, why);
}

static void on_open(void *arg, void *of) { (void)arg, (void)of; }
static void on_packet(void *arg, struct view ip) { (void)arg, (void)ip; }
static void on_up(void *arg, const struct gateway *g) { (void)arg, (void)g; }

static void begin(void)
{
	static const struct gate_end_ops ops = { on_taken, on_open, on_over, on_packet, on_up, on_down };
	struct end *e = &end[begun];
	if (begun == tunnels)
		return;
	begun++;
	e->end = gate_end_new(&(struct gate_end_conf){ .ops = &ops, .arg = e,
		.tunnel = { .loop = loop, .ctx = ctx, .gateway = &gateway, .n = 1, .mtu = MTU, .patience = 30000 } });
	must(e->end && gate_end_show(e->end, e->session, view_of(e->permit), true, e) == 0, "memory");
}

/* Each is for an inside address of its own. */
static const char *sign(struct end *e, struct evp_pkey_st *key, const char *serial)
{
	unsigned i = (unsigned)(e - end);
	struct permit p = { .sequence = 1, .issued = time(NULL), .workstation = WORKSTATION, .inside = INSIDE + i, .ports.all = true };
	struct buf text;
	p.connect_by = p.until = p.issued + 600;
	snprintf(e->session, sizeof e->session, "%016x", i);
	buf_init(&text, PERMIT_TEXT_MAX);
	const char *why = permit_set_session(&p, view_of(e->session));
	if (!why)
		why = permit_set_name(&p.user, view_of("alice"));
	if (!why)
		why = permit_set_name(&p.router, view_of("router1"));
	if (!why)
		why = permit_set_name(&p.serial, view_of(serial));
	if (!why)
		why = permit_add_dial(&p, view_of("555"));
	if (!why)
		why = permit_sign(&p, key, &text);
	if (!why)
		view_str(buf_view(&text), e->permit, sizeof e->permit);
	buf_clear(&text);
	return why;
}

static void on_input(void *arg, int fd, short revents)
{
	char b;
	(void)arg, (void)revents;
	if (read(fd, &b, 1) <= 0)
		loop_stop(loop);
}

int main(int argc, char **argv)
{
	const char *why = "usage";
	if (argc != 9)
		return 2;
	tunnels = (unsigned)atoi(argv[7]);
	must(tunnels > 0 && tunnels <= MOST && gateway_parse(&gateway, argv[1], &why), why);
	struct rlimit files = { tunnels + 64, tunnels + 64 };
	struct tls_conf conf = { .cert = argv[2], .key = argv[3], .ca = argv[4], .datagrams = true, .roles = ROLE_BIT(ROLE_GATEWAY) };
	struct evp_pkey_st *key = token_key(argv[5], true, &why);
	must(key && setrlimit(RLIMIT_NOFILE, &files) == 0 && (loop = loop_new()) != NULL, why);
	must((ctx = party_client(&conf, &why)) != NULL && loop_fd(loop, 0, POLLIN, on_input, NULL) == 0, why);
	for (unsigned i = 0; i < tunnels; i++) {
		why = sign(&end[i], key, argv[6]);
		must(!why, why);
	}
	from = now();
	for (int i = atoi(argv[8]); i > 0; i--)
		begin();
	int rc = loop_run(loop);
	for (unsigned i = 0; i < begun; i++)
		gate_end_free(end[i].end);
	tls_free(ctx);
	key_free(key);
	loop_free(loop);
	return rc == 0 && up == tunnels ? 0 : 6;
}
