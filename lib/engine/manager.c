/* manager.c - one network manager: closed, asked for its engine ID (v3
 * informs, RFC 3414 section 4), ready, waiting for an acknowledgement, or at
 * rest after silence. One inform at a time. Reports that refuse us are told
 * once; an engine ID that changed is asked for anew. */
#include "engine/snmp_impl.h"

#include "engine/manager.h"
#include "engine/snmppeer.h"
#include "sys/sock.h"

#include <stdio.h>
#include <stdlib.h>

#define REST_FIRST 500 /* ms of the first rest; doubled up to */
#define REST_MAX 16000

enum state { CLOSED, PROBING, READY, SENDING, RESTING };

struct entry {
	struct item *item;
	bool settled;
};

struct manager {
	struct manager *next;
	struct loop *loop;
	const struct trapout_conf *conf;
	const struct manager_ops *ops;
	void *arg;
	char *name, peer[320];
	void *session;
	netsnmp_transport *transport;
	enum state state;
	struct entry *queue; /* a ring of conf->keep + 1 */
	unsigned head, count;
	unsigned long lost;
	bool silent, reopen;
	int64_t rest;
	struct loop_timer step, expiry; /* what comes next; the library's own timeouts */
	struct snmp_keys keys;
	int64_t started;
};

static void advance(void *arg);

static unsigned slots(const struct manager *m)
{
	return m->conf->keep + 1;
}

static struct entry *at(const struct manager *m, unsigned i)
{
	return &m->queue[(m->head + i) % slots(m)];
}

static void settle(struct manager *m, struct entry *e, bool acknowledged)
{
	if (e->settled)
		return;
	e->settled = true;
	m->ops->settled(m->arg, e->item, acknowledged);
}

static void pop(struct manager *m, bool acknowledged, bool lost)
{
	struct entry e = *at(m, 0);
	m->head = (m->head + 1) % slots(m);
	m->count--;
	settle(m, &e, acknowledged);
	m->lost += lost;
	m->ops->dropped(m->arg, m, e.item, lost);
}

static void next_step(struct manager *m, int64_t ms)
{
	loop_at(m->loop, &m->step, clock_deadline(ms), advance, m);
}

/* Nobody waits any longer for what is queued; it is kept and tried again. */
static void fall_silent(struct manager *m, const char *why, bool refused)
{
	if (!m->silent)
		m->ops->trouble(m->arg, m, why, refused);
	m->silent = true;
	for (unsigned i = 0; i < m->count; i++)
		settle(m, at(m, i), false);
	m->state = RESTING;
	next_step(m, m->rest);
	m->rest = m->rest * 2 < REST_MAX ? m->rest * 2 : REST_MAX;
}

static void answered(struct manager *m)
{
	if (m->silent)
		m->ops->trouble(m->arg, m, NULL, false);
	m->silent = false;
	m->rest = REST_FIRST;
}

static void session_close(struct manager *m)
{
	if (!m->session)
		return;
	loop_forget(m->loop, m->transport->sock);
	loop_cancel(m->loop, &m->expiry);
	snmp_sess_close(m->session);
	m->session = NULL;
}

/* The library resends by itself; it has to be told when. */
static void expire(void *arg)
{
	struct manager *m = arg;
	snmp_sess_timeout(m->session);
	loop_at(m->loop, &m->expiry, clock_deadline(m->conf->wait / 4 + 1), expire, m);
}

static void readable(void *arg, int fd, short revents)
{
	struct manager *m = arg;
	netsnmp_large_fd_set set;
	(void)revents;
	netsnmp_large_fd_set_init(&set, fd + 1);
	NETSNMP_LARGE_FD_ZERO(&set);
	NETSNMP_LARGE_FD_SET(fd, &set);
	snmp_sess_read2(m->session, &set);
	netsnmp_large_fd_set_cleanup(&set);
}

static const char *session_open(struct manager *m)
{
	const struct secret *community = m->conf->user ? NULL : m->conf->community;
	netsnmp_session s;
	snmp_sess_init(&s);
	s.peername = m->peer;
	s.retries = (int)m->conf->tries - 1;
	s.timeout = (long)m->conf->wait * 1000;
	m->session = snmp_peer_open(&s, community, &m->keys, m->conf->trap);
	if (!m->session)
		return "its name cannot be resolved, or no socket is to be had";
	m->transport = snmp_sess_transport(m->session);
	if (loop_fd(m->loop, m->transport->sock, POLLIN, readable, m) != 0)
		return "out of memory";
	loop_at(m->loop, &m->expiry, clock_deadline(m->conf->wait / 4 + 1), expire, m);
	return NULL;
}

static void reported(struct manager *m, struct snmp_pdu *pdu)
{
	int type = snmpv3_get_report_type(pdu);
	if (m->state == PROBING && type == SNMPERR_UNKNOWN_ENG_ID) {
		m->state = READY; /* the library takes the engine ID over when we are back */
		next_step(m, 0);
	} else if (type != SNMPERR_NOT_IN_TIME_WINDOW) { /* on that the library resends by itself */
		m->reopen = true;
		fall_silent(m, snmp_refusal(pdu), true);
	}
}

static int callback(int op, netsnmp_session *s, int reqid, netsnmp_pdu *pdu, void *arg)
{
	struct manager *m = arg;
	(void)s, (void)reqid;
	if (m->state != PROBING && m->state != SENDING)
		return 1;
	if (op == NETSNMP_CALLBACK_OP_RESEND || op == NETSNMP_CALLBACK_OP_SEC_ERROR)
		return 1; /* a report comes as a received message as well */
	if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
		fall_silent(m, "it does not answer", false);
	} else if (pdu->command == SNMP_MSG_REPORT) {
		reported(m, pdu);
	} else if (pdu->command == SNMP_MSG_RESPONSE && pdu->errstat == SNMP_ERR_NOERROR && m->state == SENDING) {
		answered(m);
		m->state = READY;
		pop(m, true, false);
		next_step(m, 0);
	}
	return 1;
}

static struct snmp_pdu *notification(struct manager *m)
{
	struct trap_var var[TRAP_VARS_MAX];
	const char *why;
	struct snmp_pdu *pdu = snmp_pdu_create(m->conf->trap ? SNMP_MSG_TRAP2 : SNMP_MSG_INFORM);
	int n = trap_encode(m->ops->record(at(m, 0)->item), (uint32_t)((clock_ms() - m->started) / 10), var, &why);
	if (pdu && (n < 0 || snmp_fill(pdu, var, (size_t)n) != 0)) {
		snmp_free_pdu(pdu);
		return NULL;
	}
	return pdu;
}

static void send_pdu(struct manager *m, struct snmp_pdu *pdu, enum state then)
{
	m->state = then;
	int ok = !pdu ? 0 : m->conf->trap ? snmp_sess_send(m->session, pdu)
	                                  : snmp_sess_async_send(m->session, pdu, callback, m);
	if (!ok) {
		if (pdu)
			snmp_free_pdu(pdu);
		m->reopen = true;
		fall_silent(m, "nothing can be sent to it", false);
	}
}

static void open_again(struct manager *m)
{
	bool ask = m->conf->user && !m->conf->trap;
	m->reopen = false;
	session_close(m);
	const char *why = session_open(m);
	if (why) {
		session_close(m);
		m->reopen = true;
		fall_silent(m, why, false);
	} else if (ask) {
		send_pdu(m, snmp_probe(), PROBING);
	} else {
		m->state = READY;
	}
}

/* The user's keys for the engine that was found. */
static bool user_known(struct manager *m)
{
	netsnmp_session *s = snmp_sess_session(m->session);
	return !m->conf->user || (s->securityEngineIDLen && create_user_from_session(s) == SNMPERR_SUCCESS);
}

/* Never from within the library: from a timer, or when something is queued. */
static void advance(void *arg)
{
	struct manager *m = arg;
	if (m->count == 0 || m->state == PROBING || m->state == SENDING)
		return;
	if (m->state == CLOSED || m->reopen)
		open_again(m);
	else if (m->state == RESTING)
		m->state = READY;
	if (m->state != READY)
		return;
	if (!user_known(m)) {
		m->reopen = true;
		fall_silent(m, "it gives no engine ID", false);
		return;
	}
	do {
		send_pdu(m, notification(m), SENDING);
		if (m->state != SENDING || !m->conf->trap)
			return;
		m->state = READY;
		pop(m, false, false);
	} while (m->count);
}

void manager_queue(struct manager *m, struct item *i)
{
	if (m->count == m->conf->keep + 1) {
		if (m->state == SENDING && m->count > 1) { /* the oldest is on its way: the next one goes */
			struct entry e = *at(m, 0);
			*at(m, 0) = *at(m, 1);
			*at(m, 1) = e;
		}
		pop(m, false, true);
	}
	*at(m, m->count++) = (struct entry){ .item = i };
	if (m->silent)
		settle(m, at(m, m->count - 1), false);
	if (m->state == CLOSED || m->state == READY)
		advance(m);
}

struct manager *manager_new(struct loop *l, const struct trapout_conf *conf, const char *address,
                            const struct manager_ops *ops, void *arg, const char **why)
{
	struct addr a;
	if (!addr_parse(address, &a, why))
		return NULL;
	*why = NULL;
	struct manager *m = calloc(1, sizeof *m);
	if (!m || !(m->queue = calloc(conf->keep + 1, sizeof *m->queue)) || !(m->name = strdup(address)))
		*why = "out of memory";
	else if (a.kind != ADDR_UDP || !a.host[0])
		*why = "a manager is udp:HOST:PORT";
	else if (conf->user)
		*why = snmp_keys_make(&m->keys, conf->user);
	if (*why) {
		if (m) {
			free(m->queue);
			free(m->name);
		}
		free(m);
		return NULL;
	}
	m->loop = l;
	m->conf = conf;
	m->ops = ops;
	m->arg = arg;
	m->rest = REST_FIRST;
	m->started = clock_ms();
	snprintf(m->peer, sizeof m->peer, strchr(a.host, ':') ? "udp6:[%s]:%s" : "udp:%s:%s", a.host, a.port);
	return m;
}

size_t manager_queued(const struct manager *m)
{
	return m->count;
}

unsigned long manager_lost(const struct manager *m)
{
	return m->lost;
}

const char *manager_name(const struct manager *m)
{
	return m->name;
}

struct manager *manager_next(const struct manager *m)
{
	return m->next;
}

void manager_append(struct manager **list, struct manager *m)
{
	while (*list)
		list = &(*list)->next;
	*list = m;
}

void manager_free(struct manager *m)
{
	loop_cancel(m->loop, &m->step);
	session_close(m);
	for (; m->count; m->count--, m->head = (m->head + 1) % slots(m))
		m->ops->dropped(m->arg, m, at(m, 0)->item, false);
	explicit_bzero(&m->keys, sizeof m->keys);
	free(m->queue);
	free(m->name);
	free(m);
}
