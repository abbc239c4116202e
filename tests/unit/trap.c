/* trap.c - state records to variable bindings and back; other traps; the table against share/mibs. */
#include "wire/trap.h"
#include "unit/tap.h"

static struct record parsed(const char *line)
{
	struct record r = { 0 };
	const char *why;
	record_parse(&r, view_of(line), &why);
	return r;
}

static void refused(const char *line, const char *want)
{
	struct record r = parsed(line);
	struct trap_var var[TRAP_VARS_MAX];
	const char *why;
	check(trap_encode(&r, 0, var, &why) == -1, "refused: %s", line);
	check_str(why, want, "with that reason");
	record_clear(&r);
}

static void written(struct record *r, const char *want, const char *what)
{
	struct buf b;
	buf_init(&b, RECORD_LINE_MAX + 2);
	record_write(r, &b);
	b.data[b.len - 1] = '\0';
	check_str(b.data, want, what);
	buf_clear(&b);
	record_clear(r);
}

static void there_and_back(const char *line, const char *want)
{
	struct record r = parsed(line), back = { 0 };
	struct trap_var var[TRAP_VARS_MAX];
	const char *why;
	int n = trap_encode(&r, 4711, var, &why);
	check(n > 2 && trap_decode(var, (size_t)n, &back, &why) == 1, "there and back");
	written(&back, want, line);
	record_clear(&r);
}

#define OID(...) { (const trap_id[]){ __VA_ARGS__ }, sizeof((const trap_id[]){ __VA_ARGS__ }) / sizeof(trap_id) }
#define TRAP(...) { .name = OID(1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), .type = TRAP_OID, .oid = OID(__VA_ARGS__) }
#define OURS 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 4341

static void others(void)
{
	struct record r = { 0 };
	const char *why;
	struct trap_var link[] = {
		TRAP(1, 3, 6, 1, 6, 3, 1, 1, 5, 3),
		{ .name = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 7), .type = TRAP_INTEGER, .number = 7 },
		{ .name = OID(1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 7), .type = TRAP_INTEGER, .number = 2 },
		{ .name = OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7), .type = TRAP_TEXT, .bytes = { "Async1", 6 } },
	};
	check(trap_decode(link, 4, &r, &why) == 1, "linkDown");
	written(&r, "trap=linkDown\tifindex=7\tifoper=down\tifname=Async1", "with its interface");
	struct trap_var other[] = {
		{ .name = OID(1, 3, 9), .type = TRAP_TEXT, .bytes = { "a\0\xff", 3 } },
		{ .name = OID(1, 3, 9), .type = TRAP_ADDRESS, .bytes = { "\x0a\0\0\x01", 4 } },
		{ .name = OID(1, 3, 10), .type = TRAP_UNSIGNED, .number = -1 },
		{ .name = OID(1, 3, 11), .type = TRAP_NONE },
		TRAP(1, 3, 6, 1, 4, 1, 9, 9),
	};
	check(trap_decode(other, 5, &r, &why) == 1, "an unknown one");
	written(&r, "trap=1.3.6.1.4.1.9.9\toid.1.3.9=0x6100ff\toid.1.3.9-2=10.0.0.1\toid.1.3.10=18446744073709551615\toid.1.3.11=",
	        "becomes its numbers");
	check(trap_decode(other, 4, &r, &why) == -1, "no snmpTrapOID");
	check_str(why, "no snmpTrapOID", "is refused");
	record_clear(&r);
}

static void wrong_types(void)
{
	struct record r = { 0 };
	const char *why;
	struct trap_var v[] = { TRAP(OURS, 0, 2), { .name = OID(OURS, 1, 1, 0), .type = TRAP_INTEGER, .number = 1 } };
	check(trap_decode(v, 2, &r, &why) == -1, "our session as a number is refused");
	struct trap_var s[] = { TRAP(OURS, 0, 2), { .name = OID(OURS, 1, 10, 0), .type = TRAP_INTEGER, .number = 7 } };
	check(trap_decode(s, 2, &r, &why) == -1, "a state that is not in the list is refused");
	struct trap_var z[] = { TRAP(OURS, 0, 2), { .name = OID(OURS, 1, 1, 0), .type = TRAP_TEXT, .bytes = { "a\0b", 3 } } };
	check(trap_decode(z, 2, &r, &why) == -1, "NUL in our text is refused");
	record_clear(&r);
}

int main(void)
{
	trap_id id[TRAP_OID_MAX];
	refused("session=1\trouter=r1", "no session, router or state");
	refused("session=1\tstate=up", "no session, router or state");
	refused("session=1\trouter=r1\tstate=sideways", "state is not one of SP-MIB");
	refused("session=1\trouter=r1\tstate=up\tspeed=fast", "speed is not a number of bit/s");
	refused("session=1\trouter=r1\tstate=up\tspeed=4294967296", "speed is not a number of bit/s");
	there_and_back("state=up\tid=9\tsession=s1\trouter=r1\tuser=alice\tworkstation=10.50.0.5\tline=2\tphone=+1\\t2\t"
	               "sp_address=192.0.2.1\talias=10.200.0.7\tspeed=33600",
	               "trap=callUp\tuptime=4711\tsession=s1\trouter=r1\tuser=alice\tworkstation=10.50.0.5\tline=2\tphone=+1\\t2\t"
	               "sp_address=192.0.2.1\talias=10.200.0.7\tspeed=33600\tstate=up");
	there_and_back("session=s1\trouter=r1\tstate=down\treason=busy\tdetail=line in use",
	               "trap=callDown\tuptime=4711\tsession=s1\trouter=r1\tstate=down\treason=busy\tdetail=line in use");
	there_and_back("session=s1\trouter=r1\tstate=dialing\tuser=",
	               "trap=callState\tuptime=4711\tsession=s1\trouter=r1\tuser=\tstate=dialing");
	there_and_back("router=r1\tline=m1\tline_state=dialing\tphone=+1 617\treason=",
	               "trap=lineState\tuptime=4711\trouter=r1\tline=m1\tphone=+1 617\treason=\tline_state=dialing");
	there_and_back("router=r1\tline=m1\tline_state=failed\treason=port-error\tdetail=the modem does not answer",
	               "trap=lineState\tuptime=4711\trouter=r1\tline=m1\treason=port-error\tdetail=the modem does not answer\t"
	               "line_state=failed");
	refused("router=r1\tline_state=idle", "no router or line");
	refused("line=m1\tline_state=idle", "no router or line");
	refused("router=r1\tline=m1\tline_state=asleep", "state is not one of SP-MIB");
	others();
	wrong_types();
	struct trap_oid cisco = OID(1, 3, 6, 1, 4, 1, 9);
	check(trap_v1_oid(2, 0, cisco, id) == 10 && id[9] == 3, "an SNMPv1 linkDown");
	check(trap_v1_oid(6, 5, cisco, id) == 9 && id[7] == 0 && id[8] == 5, "an SNMPv1 enterprise trap");
	cisco.n = TRAP_OID_MAX - 1;
	check(trap_v1_oid(6, 5, cisco, id) == 0, "of an enterprise that is too long");
	return tap_done();
}
