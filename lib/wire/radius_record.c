/* radius_record.c - the fields of a record as the attributes of a request.
 * Refuses what RADIUS cannot say: a user or field over 253 bytes, a password
 * over 128, a number or reason= that is none. */
#include "wire/radius_record.h"

#include "base/num.h"
#include "base/reason.h"

#include <arpa/inet.h>

#include <stdint.h>

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a text of hexadecimal digits, in b; p == NULL when it is none. */
static struct view hex(struct view text, uint8_t b[RADIUS_VALUE_MAX])
{
	if (text.n % 2 || text.n / 2 > RADIUS_VALUE_MAX)
		return (struct view){ NULL, 0 };
	for (size_t i = 0; i < text.n; i += 2) {
		int hi = nibble(text.p[i]), lo = nibble(text.p[i + 1]);
		if (hi < 0 || lo < 0)
			return (struct view){ NULL, 0 };
		b[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	return (struct view){ (const char *)b, text.n / 2 };
}

struct word {
	const char *name;
	uint32_t value;
};

/* The value of a word of a table that ends with a NULL name; 0: not in it. */
static uint32_t lookup(const struct word *w, struct view name)
{
	for (; w->name; w++)
		if (view_is(name, w->name))
			return w->value;
	return 0;
}

static void add_field(struct radius_packet *p, enum radius_attribute type, struct record *r, const char *key)
{
	struct view v = record_get(r, key);
	if (v.n)
		radius_add(p, type, v);
}

static void add_user(struct radius_packet *p, struct record *r, enum username_form form)
{
	struct view user = record_get(r, "user");
	struct buf name;
	buf_init(&name, RADIUS_VALUE_MAX);
	if (username_write(&name, form, user, record_get(r, "domain")) != 0)
		p->bad = true;
	else if (name.len)
		radius_add(p, RADIUS_USER_NAME, buf_view(&name));
	buf_clear(&name);
}

static void add_nas(struct radius_packet *p, struct record *r, const struct radius_record_conf *conf)
{
	if (record_get(r, "router").n)
		add_field(p, RADIUS_NAS_IDENTIFIER, r, "router");
	else
		radius_add(p, RADIUS_NAS_IDENTIFIER, view_of(conf->nas_id));
	add_field(p, RADIUS_NAS_PORT_ID, r, "line");
}

static bool add_chap(struct radius_packet *p, struct record *r)
{
	uint8_t challenge[RADIUS_VALUE_MAX], response[RADIUS_VALUE_MAX];
	uint64_t id;
	struct view c = hex(record_get(r, "chap_challenge"), challenge);
	struct view a = hex(record_get(r, "chap_response"), response);
	if (!num_u64(record_get(r, "chap_id"), 0, 255, &id) || !c.n || a.n != 16)
		return false;
	radius_add_chap(p, (uint8_t)id, c, a);
	return true;
}

static int seal(struct radius_packet *p, const struct radius_record_conf *conf, const char **why)
{
	*why = NULL;
	if (radius_seal(p, conf->secret) == 0)
		return 1;
	*why = "a field is too long for RADIUS";
	return -1;
}

/* What a challenge gave us to give back; "": it gave nothing. */
static bool add_state(struct radius_packet *p, struct record *r)
{
	uint8_t b[RADIUS_VALUE_MAX];
	struct view state = hex(record_get(r, "state"), b);
	if (state.n)
		radius_add(p, RADIUS_STATE, state);
	return state.p != NULL;
}

int radius_access(struct radius_packet *p, struct record *r, const struct radius_record_conf *conf,
                  const char **why)
{
	static const struct word services[] = { { "login", 1 }, { "ras", 2 }, { "nas", 7 }, { "authorize", 17 }, { NULL, 0 } };
	struct view service = record_get(r, "service");
	radius_begin(p, RADIUS_ACCESS_REQUEST, conf->random);
	*why = "there is no user=";
	if (!record_get(r, "user").n)
		return -1;
	add_user(p, r, conf->form);
	if (record_has(r, "chap_response")) {
		*why = "chap_id=, chap_challenge= and chap_response= do not make a CHAP response";
		if (!add_chap(p, r))
			return -1;
	} else {
		*why = "there is neither password= nor chap_response=";
		if (record_has(r, "password"))
			radius_add_password(p, record_get(r, "password"), conf->secret);
		else if (!view_is(service, "authorize")) /* Authorize-Only, RFC 5176: who it is is known */
			return -1;
	}
	*why = "state= is no text of hexadecimal digits";
	if (record_has(r, "state") && !add_state(p, r))
		return -1;
	*why = "service= is not login, nas, ras or authorize";
	if (service.n && !lookup(services, service))
		return -1;
	if (service.n)
		radius_add_u32(p, RADIUS_SERVICE_TYPE, lookup(services, service));
	if (view_is(service, "ras"))
		radius_add_u32(p, RADIUS_FRAMED_PROTOCOL, 1);
	add_nas(p, r, conf);
	add_field(p, RADIUS_CALLING_STATION_ID, r, "calling");
	return seal(p, conf, why);
}

/* Absent: nothing is added, true. */
static bool add_octets(struct radius_packet *p, struct record *r, const char *key,
                       enum radius_attribute low, enum radius_attribute high)
{
	struct view v = record_get(r, key);
	uint64_t n;
	if (!v.n)
		return true;
	if (!num_u64(v, 0, UINT64_MAX, &n))
		return false;
	radius_add_u32(p, low, (uint32_t)n);
	if (n >> 32)
		radius_add_u32(p, high, (uint32_t)(n >> 32));
	return true;
}

static bool add_counts(struct radius_packet *p, struct record *r)
{
	struct view seconds = record_get(r, "seconds");
	uint64_t n;
	if (seconds.n && !num_u64(seconds, 0, UINT32_MAX, &n))
		return false;
	if (seconds.n)
		radius_add_u32(p, RADIUS_ACCT_SESSION_TIME, (uint32_t)n);
	return add_octets(p, r, "in_bytes", RADIUS_ACCT_INPUT_OCTETS, RADIUS_ACCT_INPUT_GIGAWORDS) &&
	       add_octets(p, r, "out_bytes", RADIUS_ACCT_OUTPUT_OCTETS, RADIUS_ACCT_OUTPUT_GIGAWORDS);
}

static bool add_address(struct radius_packet *p, struct record *r)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;
	struct view v = record_get(r, "address");
	if (!v.n)
		return true;
	if (!view_str(v, text, sizeof text) || inet_pton(AF_INET, text, &a) != 1)
		return false;
	radius_add_u32(p, RADIUS_FRAMED_IP_ADDRESS, ntohl(a.s_addr));
	return true;
}

/* What the line is, and what came about on it: "33600 V42/LAPM" (RFC 2869, 5.11). */
static void add_line(struct radius_packet *p, struct record *r)
{
	static const struct word types[] = { { "modem", 0 }, { "tty", 0 }, { "telnet", 0 }, { "tcp", 5 }, { "unix", 5 }, { "back", 5 },
	                                     { NULL, 0 } }; /* Async, Virtual */
	struct view kind = record_get(r, "line_kind"), speed = record_get(r, "speed"), protocol = record_get(r, "protocol");
	char info[RADIUS_VALUE_MAX + 1];
	for (const struct word *w = types; w->name; w++)
		if (view_is(kind, w->name))
			radius_add_u32(p, RADIUS_NAS_PORT_TYPE, w->value);
	if (!speed.n || speed.n + 1 + protocol.n >= sizeof info)
		return;
	memcpy(info, speed.p, speed.n);
	info[speed.n] = ' ';
	if (protocol.n)
		memcpy(info + speed.n + 1, protocol.p, protocol.n);
	radius_add(p, RADIUS_CONNECT_INFO, (struct view){ info, speed.n + (protocol.n ? 1 + protocol.n : 0) });
}

int radius_accounting(struct radius_packet *p, struct record *r, const struct radius_record_conf *conf,
                      const char **why)
{
	enum { STOP = 2, ON = 7 };
	static const struct word kinds[] = { { "start", 1 }, { "stop", STOP }, { "interim", 3 },
	                                     { "on", ON }, { "off", 8 }, { NULL, 0 } };
	uint32_t kind = lookup(kinds, record_get(r, "acct"));
	struct view reason = record_get(r, "reason");
	radius_begin(p, RADIUS_ACCOUNTING_REQUEST, conf->random);
	*why = "acct= is not start, interim, stop, on or off";
	if (!kind)
		return -1;
	*why = "there is no session=";
	if (kind < ON && !record_get(r, "session").n)
		return -1;
	*why = "reason= is not in the list of sp(7)";
	if (reason.n && reason_of(reason) == REASON_NONE)
		return -1;
	radius_add_u32(p, RADIUS_ACCT_STATUS_TYPE, kind);
	add_field(p, RADIUS_ACCT_SESSION_ID, r, "session");
	add_user(p, r, conf->form);
	add_nas(p, r, conf);
	add_line(p, r);
	add_field(p, RADIUS_CALLED_STATION_ID, r, "phone");
	add_field(p, RADIUS_CALLING_STATION_ID, r, "workstation");
	*why = "seconds=, in_bytes=, out_bytes= or address= is malformed";
	if (!add_counts(p, r) || !add_address(p, r))
		return -1;
	if (kind == STOP && reason.n)
		radius_add_u32(p, RADIUS_ACCT_TERMINATE_CAUSE, reason_cause(reason_of(reason)));
	radius_add_u32(p, RADIUS_EVENT_TIMESTAMP, (uint32_t)conf->now);
	return seal(p, conf, why);
}

void radius_record_strip(struct record *r)
{
	static const char *const keys[] = { "password", "group_password", "chap_id", "chap_challenge",
	                                    "chap_response" };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		record_wipe(r, keys[i]);
}
