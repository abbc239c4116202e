/* Records as RADIUS requests, and users of domains. */
#include "unit/tap.h"
#include "wire/radius_record.h"

static struct secret secret;
static struct radius_packet packet;

static int make(int (*fn)(struct radius_packet *, struct record *, const struct radius_record_conf *, const char **),
                const char *line, enum username_form form, const char **why)
{
	static const uint8_t random[RADIUS_RANDOM];
	struct radius_record_conf conf = { &secret, "nas", form, 1790000000, random };
	struct record r;
	record_init(&r);
	int rc = record_parse(&r, view_of(line), why) == 1 ? fn(&packet, &r, &conf, why) : -2;
	record_clear(&r);
	return rc;
}

/* The value of the first attribute of that type as text, "none" without. */
static const char *text(uint8_t want)
{
	static char out[RADIUS_VALUE_MAX + 1];
	struct view attrs = { (const char *)packet.b + 20, packet.n - 20 }, v;
	uint8_t type;
	while (radius_next(&attrs, &type, &v) == 1)
		if (type == want && view_str(v, out, sizeof out))
			return out;
	return "none";
}

static long number(uint8_t want)
{
	struct view attrs = { (const char *)packet.b + 20, packet.n - 20 }, v;
	uint8_t type;
	while (radius_next(&attrs, &type, &v) == 1)
		if (type == want && v.n == 4)
			return (long)(uint8_t)v.p[0] << 24 | (long)(uint8_t)v.p[1] << 16 |
			       (long)(uint8_t)v.p[2] << 8 | (uint8_t)v.p[3];
	return -1;
}

static void names(void)
{
	static const struct { const char *line; enum username_form form; const char *want; } row[] = {
		{ "user=alice\tpassword=x", USERNAME_PLAIN, "alice" },
		{ "user=EMEA\\\\alice\tpassword=x", USERNAME_PLAIN, "alice" },
		{ "user=EMEA\\\\alice\tpassword=x", USERNAME_REALM, "alice@EMEA" },
		{ "user=alice@emea.example\tpassword=x", USERNAME_DOMAIN, "emea.example\\alice" },
		{ "user=alice\tdomain=EMEA\tpassword=x", USERNAME_DOMAIN, "EMEA\\alice" },
		{ "user=alice\tdomain=EMEA\tpassword=x", USERNAME_PLAIN, "alice" },
		{ "user=alice\tpassword=x", USERNAME_REALM, "alice" },
		{ "user=a@b@c\tpassword=x", USERNAME_PLAIN, "a@b" },
		{ "user=@c\tpassword=x", USERNAME_PLAIN, "@c" },
		{ "user=EMEA\\\\\tpassword=x", USERNAME_PLAIN, "EMEA\\" },
		{ "user=EMEA\\\\alice\tdomain=Z\tpassword=x", USERNAME_GIVEN, "EMEA\\alice" },
		{ "user=alice%router1\tpassword=x", USERNAME_GIVEN, "alice%router1" },
	};
	const char *why;
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		make(radius_access, row[i].line, row[i].form, &why);
		check_str(text(RADIUS_USER_NAME), row[i].want, row[i].line);
	}
	check(username_form_of("realm") == USERNAME_REALM && username_form_of("Realm") == -1, "forms have words");
}

static void access_requests(void)
{
	const char *why;
	check(make(radius_access, "user=u\tpassword=p\tservice=ras\tcalling=10.50.0.5\tline=tty1",
	           USERNAME_PLAIN, &why) == 1, "a password");
	check(number(RADIUS_SERVICE_TYPE) == 2 && number(RADIUS_FRAMED_PROTOCOL) == 1, "service=ras is Framed, PPP");
	check_str(text(RADIUS_CALLING_STATION_ID), "10.50.0.5", "calling=");
	check_str(text(RADIUS_NAS_PORT_ID), "tty1", "line=");
	check_str(text(RADIUS_NAS_IDENTIFIER), "nas", "the default NAS-Identifier");
	check(make(radius_access, "user=u\tpassword=p\trouter=router1", USERNAME_PLAIN, &why) == 1, "router=");
	check_str(text(RADIUS_NAS_IDENTIFIER), "router1", "router= is the NAS-Identifier");
	check(make(radius_access, "user=u\tchap_id=7\tchap_challenge=00ff\tchap_response="
	           "000102030405060708090a0b0c0d0e0F", USERNAME_PLAIN, &why) == 1, "CHAP");
	check(packet.n == 20 + 18 + 3 + 19 + 4 + 5, "CHAP-Password and CHAP-Challenge");
	check(make(radius_access, "user=u\tpassword=123456\tstate=414243", USERNAME_PLAIN, &why) == 1, "a challenge is answered");
	check_str(text(RADIUS_STATE), "ABC", "with its State");
	check(make(radius_access, "user=u\tpassword=123456\tstate=", USERNAME_PLAIN, &why) == 1, "one that had no State");
	check_str(text(RADIUS_STATE), "none", "without");
	static const char *const bad[][2] = {
		{ "user=u\tpassword=x\tstate=ready", "state= is no text of hexadecimal digits" },
		{ "password=x", "there is no user=" },
		{ "user=u", "there is neither password= nor chap_response=" },
		{ "user=u\tpassword=x\tservice=telnet", "service= is not login, nas, ras or authorize" },
		{ "user=u\tchap_id=256\tchap_challenge=00\tchap_response=000102030405060708090a0b0c0d0e0f",
		  "chap_id=, chap_challenge= and chap_response= do not make a CHAP response" },
		{ "user=u\tchap_id=1\tchap_challenge=0g\tchap_response=000102030405060708090a0b0c0d0e0f",
		  "chap_id=, chap_challenge= and chap_response= do not make a CHAP response" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check(make(radius_access, bad[i][0], USERNAME_PLAIN, &why) == -1, "refused: %s", bad[i][0]);
		check_str(why, bad[i][1], "why");
	}
}

static void accounting(void)
{
	const char *why;
	check(make(radius_accounting, "acct=stop\tsession=s1\tuser=alice\tseconds=61\tin_bytes=4294967297\t"
	           "out_bytes=5\treason=idle\taddress=10.200.0.7\tphone=123", USERNAME_PLAIN, &why) == 1, "a stop");
	check(number(RADIUS_ACCT_STATUS_TYPE) == 2 && number(RADIUS_ACCT_SESSION_TIME) == 61, "kind and time");
	check(number(RADIUS_ACCT_INPUT_OCTETS) == 1 && number(RADIUS_ACCT_INPUT_GIGAWORDS) == 1, "2^32 + 1 bytes in");
	check(number(RADIUS_ACCT_OUTPUT_OCTETS) == 5 && number(RADIUS_ACCT_OUTPUT_GIGAWORDS) == -1, "5 bytes out");
	check(number(RADIUS_ACCT_TERMINATE_CAUSE) == 4, "reason=idle is Idle-Timeout");
	check(number(RADIUS_FRAMED_IP_ADDRESS) == 0x0ac80007, "address=");
	check(number(RADIUS_EVENT_TIMESTAMP) == 1790000000, "when");
	check(number(RADIUS_NAS_PORT_TYPE) == -1 && strcmp(text(RADIUS_CONNECT_INFO), "none") == 0, "of a line that is not known nothing is said");
	make(radius_accounting, "acct=start\tsession=s1\tline=m1\tline_kind=modem\tspeed=33600\tprotocol=V34/LAPM", USERNAME_PLAIN, &why);
	check(number(RADIUS_NAS_PORT_TYPE) == 0, "a modem is Async");
	check_str(text(RADIUS_NAS_PORT_ID), "m1", "line=");
	check_str(text(RADIUS_CONNECT_INFO), "33600 V34/LAPM", "speed= and protocol=");
	make(radius_accounting, "acct=start\tsession=s1\tline_kind=tcp\tspeed=64000", USERNAME_PLAIN, &why);
	check(number(RADIUS_NAS_PORT_TYPE) == 5, "what is no modem is Virtual");
	check_str(text(RADIUS_CONNECT_INFO), "64000", "speed= alone");
	check(make(radius_accounting, "acct=on\trouter=router1", USERNAME_PLAIN, &why) == 1 &&
	      number(RADIUS_ACCT_STATUS_TYPE) == 7, "Accounting-On needs no session");
	check(make(radius_accounting, "acct=start\tuser=a", USERNAME_PLAIN, &why) == -1, "a start needs one");
	check(make(radius_accounting, "acct=stop\tsession=s\treason=boredom", USERNAME_PLAIN, &why) == -1,
	      "a reason that is not in the list is refused");
	check(make(radius_accounting, "acct=stop\tsession=s\tin_bytes=-1", USERNAME_PLAIN, &why) == -1,
	      "bytes that are no number are refused");
}

static void strip(void)
{
	char line[] = "user=u\tpassword=hidden-word\tchap_id=1\tid=4";
	struct record r;
	const char *why;
	record_init(&r);
	record_parse(&r, view_of(line), &why);
	size_t n = strlen(line);
	radius_record_strip(&r);
	check(r.n == 2 && record_has(&r, "user") && record_has(&r, "id"), "the rest stays");
	check(!memmem(line, n, "hidden", 6), "a password is wiped where it stood");
	record_clear(&r);
}

int main(void)
{
	secret_set(&secret, view_of("s"));
	names();
	access_requests();
	accounting();
	strip();
	return tap_done();
}
