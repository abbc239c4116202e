/* trapin.c - the receiving end of notifications.
 * Refuses: what is not TRAP, TRAP2 or INFORM (the library hands over failed
 * authentications with command 0, too), SNMPv3 below authPriv or from a user
 * not named, a community that is not allowed, bindings that trap_decode refuses. */
#include "engine/snmp_impl.h"

#include "engine/trapin.h"
#include "sys/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BATCH 256 /* notifications between two settlings */

struct trapin {
	struct loop *loop;
	void *session; /* the library's */
	int fd;
	const struct trapin_conf *conf;
	const struct trapin_ops *ops;
	void *arg;
	struct record rec;
	struct snmp_pdu *ack[BATCH];
	unsigned acks, seen;
};

static void source_text(const struct snmp_pdu *pdu, char out[INET6_ADDRSTRLEN])
{
	const netsnmp_indexed_addr_pair *pair = pdu->transport_data;
	out[0] = '\0';
	if (!pair || pdu->transport_data_length != (int)sizeof *pair)
		return;
	if (pair->remote_addr.sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &pair->remote_addr.sin.sin_addr, out, INET6_ADDRSTRLEN);
	else if (pair->remote_addr.sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &pair->remote_addr.sin6.sin6_addr, out, INET6_ADDRSTRLEN);
}

static bool community_ok(const struct trapin_conf *c, const struct snmp_pdu *pdu)
{
	struct secret given = { 0 };
	bool ok = false;
	if (!secret_set(&given, (struct view){ (const char *)pdu->community, pdu->community_len }))
		return false;
	for (unsigned i = 0; i < c->communities; i++)
		ok |= secret_equal(&given, &c->community[i]);
	secret_clear(&given);
	return ok;
}

static bool user_ok(const struct trapin_conf *c, const struct snmp_pdu *pdu)
{
	struct view name = { pdu->securityName, pdu->securityNameLen };
	for (unsigned i = 0; i < c->users; i++)
		if (view_is(name, c->user[i]))
			return true;
	return false;
}

static const char *judge(const struct trapin_conf *c, const struct snmp_pdu *pdu)
{
	if (pdu->command == 0)
		return "it fails authentication or decryption";
	if (pdu->command != SNMP_MSG_TRAP && pdu->command != SNMP_MSG_TRAP2 && pdu->command != SNMP_MSG_INFORM)
		return "it is neither trap nor inform";
	if (pdu->version == SNMP_VERSION_3) {
		if (pdu->securityModel != SNMP_SEC_MODEL_USM || pdu->securityLevel != SNMP_SEC_LEVEL_AUTHPRIV)
			return "its security level is below authPriv";
		return user_ok(c, pdu) ? NULL : "its user is not known";
	}
	if (c->communities == 0)
		return "SNMPv1 and v2c are not allowed";
	return community_ok(c, pdu) ? NULL : "its community is not allowed";
}

static const char *take(struct trapin *t, struct snmp_pdu *pdu, const char *source)
{
	struct trap_var var[SNMP_VARS_MAX];
	const char *why = judge(t->conf, pdu);
	if (why)
		return why;
	int n = snmp_vars(pdu, var);
	if (n < 0)
		return "it has too many bindings";
	record_clear(&t->rec);
	if (trap_decode(var, (size_t)n, &t->rec, &why) != 1)
		return why;
	struct snmp_pdu *ack = pdu->command == SNMP_MSG_INFORM ? snmp_clone_pdu(pdu) : NULL;
	if (pdu->command == SNMP_MSG_INFORM && !ack)
		return "out of memory";
	if (record_set(&t->rec, "source", source) != 0 || t->ops->record(t->arg, &t->rec) != 0) {
		snmp_free_pdu(ack);
		return "it does not fit in a record";
	}
	if (ack)
		t->ack[t->acks++] = ack;
	return NULL;
}

static int callback(int op, netsnmp_session *s, int reqid, netsnmp_pdu *pdu, void *arg)
{
	struct trapin *t = arg;
	char source[INET6_ADDRSTRLEN];
	(void)s, (void)reqid;
	if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE)
		return 1;
	source_text(pdu, source);
	const char *why = take(t, pdu, source);
	if (why)
		t->ops->refused(t->arg, source, why);
	else
		t->seen++;
	return 1;
}

static void settle(struct trapin *t)
{
	bool safe = t->seen == 0 || t->ops->settle(t->arg) == 0;
	for (unsigned i = 0; i < t->acks; i++) {
		t->ack[i]->command = SNMP_MSG_RESPONSE;
		t->ack[i]->errstat = 0;
		t->ack[i]->errindex = 0;
		if (!safe || snmp_sess_send(t->session, t->ack[i]) == 0)
			snmp_free_pdu(t->ack[i]);
	}
	t->acks = t->seen = 0;
}

static void readable(void *arg, int fd, short revents)
{
	struct trapin *t = arg;
	int waiting = 1;
	(void)revents;
	for (unsigned i = 0; i < BATCH && waiting > 0; i++) {
		netsnmp_large_fd_set set;
		netsnmp_large_fd_set_init(&set, fd + 1);
		NETSNMP_LARGE_FD_ZERO(&set);
		NETSNMP_LARGE_FD_SET(fd, &set);
		snmp_sess_read2(t->session, &set);
		netsnmp_large_fd_set_cleanup(&set);
		if (ioctl(fd, FIONREAD, &waiting) != 0)
			waiting = 0;
	}
	settle(t);
}

static const char *listen_on(struct trapin *t, const struct addr *a)
{
	char text[320];
	int size = 4 << 20;
	netsnmp_session s;
	bool v6 = strchr(a->host, ':') != NULL;
	snprintf(text, sizeof text, v6 ? "udp6:[%s]:%s" : "udp:%s:%s", a->host[0] ? a->host : "0.0.0.0", a->port);
	netsnmp_transport *tr = netsnmp_tdomain_transport(text, 1, "udp");
	if (!tr)
		return "the address cannot be listened on";
	t->fd = tr->sock;
	setsockopt(t->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size); /* root may go over rmem_max */
	snmp_sess_init(&s);
	s.peername = SNMP_DEFAULT_PEERNAME;
	s.version = SNMP_DEFAULT_VERSION;
	s.community_len = SNMP_DEFAULT_COMMUNITY_LEN;
	s.retries = SNMP_DEFAULT_RETRIES;
	s.timeout = SNMP_DEFAULT_TIMEOUT;
	s.callback = callback;
	s.callback_magic = t;
	s.isAuthoritative = SNMP_SESS_UNKNOWNAUTH;
	t->session = snmp_sess_add(&s, tr, NULL, NULL);
	return t->session ? NULL : "the SNMP library refuses the session";
}

struct trapin *trapin_new(struct loop *l, const char *address, const struct trapin_conf *conf,
                          const struct trapin_ops *ops, void *arg, char *bound, size_t size, const char **why)
{
	struct addr a;
	struct trapin *t = NULL;
	if (!addr_parse(address, &a, why))
		return NULL;
	*why = NULL;
	if (a.kind != ADDR_UDP)
		*why = "only udp: is listened on";
	else if (!(t = calloc(1, sizeof *t)))
		*why = "out of memory";
	else {
		*t = (struct trapin){ .loop = l, .fd = -1, .conf = conf, .ops = ops, .arg = arg };
		*why = listen_on(t, &a);
	}
	if (!*why && loop_fd(l, t->fd, POLLIN, readable, t) != 0)
		*why = "out of memory";
	if (*why) {
		trapin_free(t);
		return NULL;
	}
	sock_own_text(t->fd, bound, size);
	return t;
}

void trapin_free(struct trapin *t)
{
	if (!t)
		return;
	if (t->session) {
		loop_forget(t->loop, t->fd);
		snmp_sess_close(t->session);
	}
	record_clear(&t->rec);
	free(t);
}
