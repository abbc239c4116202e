/* nas_hunt.c - placing a call, over line after line: when the line that was given
 * for a telephone number turns out not to work, the parent takes it out of service
 * and gives the next one, until there is none or the time for the call is over.
 * What failed last is then what is told. */
#include "engine/nas_session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

bool nas_take_line(struct nas_session *s, struct record *r)
{
	if (!record_get(r, "line").n) /* as it was: it is still told which one failed */
		return false;
	if (!view_str(record_get(r, "line"), s->line, sizeof s->line) ||
	    !view_str(record_get(r, "alias"), s->alias, sizeof s->alias) ||
	    !view_str(record_get(r, "address"), s->address, sizeof s->address) ||
	    !view_str(record_get(r, "number"), s->number, sizeof s->number))
		return false;
	if (!s->address[0])
		snprintf(s->address, sizeof s->address, "%s", s->dial);
	return true;
}

/* DOMAIN\user%router, or user%router. */
bool nas_link_name(const struct nas_session *s, char *out, size_t size)
{
	int n = snprintf(out, size, "%s%s%s%%%s", s->domain, s->domain[0] ? "\\" : "", s->name, s->conf->name);
	return n > 0 && (size_t)n < size;
}

const char *nas_phone(const struct nas_session *s)
{
	return s->phone[0] ? s->phone : s->number[0] ? s->number : NULL;
}

static void state_dialing(struct nas_session *s)
{
	nas_send(s, "state", "session", s->session[0] ? s->session : NULL, "router", s->conf->name, "user", s->name,
	         "workstation", s->workstation, "line", s->line, "phone", nas_phone(s), "alias", s->alias, "state", "dialing", NULL);
	nas_log(s, 325, "placed", "dial", s->dial);
	nas_tell(s, "Progress: state=dialing line=%s\n", s->line);
}

void nas_place(struct nas_session *s)
{
	char name[2 * NAS_WORD + 128];
	const char *why = "";
	struct nas_call_conf conf = { .dial = s->address, .number = s->number[0] ? s->number : NULL, .name = name,
	                              .secret = s->secret.n ? &s->secret : &s->permit_text, .own = s->conf->ppp_address, .ppp = s->conf->ppp,
	                              .deadline = s->deadline, .back = s->conf->back, .gateway = s->conf->gateway, .ngateways = s->conf->ngateways,
	                              .event = nas_call_event, .arg = s };
	inet_pton(AF_INET, s->workstation, &conf.workstation);
	inet_pton(AF_INET, s->alias, &conf.alias);
	nas_link_name(s, name, sizeof name); /* do_begin has seen that it fits */
	if (!s->secret.n && s->permit_text.n)
		conf.ppp.auth = PPP_PAP; /* a hash of a permit proves nothing to anybody */
	state_dialing(s);
	s->call = nas_call_new(s->loop, &conf, &why);
	if (!s->call) {
		struct nas_call_event ev = { .state = CALL_DOWN, .reason = REASON_PORT_ERROR, .step = 325, .detail = why,
		                             .fault = errno == EBUSY ? LINE_HELD : LINE_FAILED };
		nas_call_event(s, &ev);
	}
}

bool nas_hunt(struct nas_session *s, const struct nas_call_event *ev)
{
	bool banked = strcmp(s->address, s->dial) != 0;
	if (ev->fault == LINE_FINE || !banked || s->phase == NAS_ENDING || s->hunting)
		return false;
	snprintf(s->fault_detail, sizeof s->fault_detail, "%s", ev->detail);
	s->fault = *ev;
	s->fault.detail = s->fault_detail;
	s->fault.fault = LINE_FINE;
	if (ev->fault == LINE_HELD)
		s->fault.reason = REASON_BUSY;
	nas_log(s, 325, ev->fault == LINE_REFUSED ? "number-refused" : "line-failed", "line", s->line);
	nas_send(s, "fault", "fault", nas_fault_name(ev->fault), "reason", reason_name(s->fault.reason), "detail",
	         s->fault_detail, NULL);
	nas_call_free(s->call);
	s->call = NULL;
	s->hunting = true;
	s->phase = NAS_WAIT;
	return true;
}

void nas_hunt_end(struct nas_session *s, enum reason why)
{
	s->hunting = false;
	s->fault.reason = why;
	s->fault.detail = reason_text(why);
	nas_call_event(s, &s->fault);
}

void nas_hunt_given(struct nas_session *s, struct record *r)
{
	s->hunting = false;
	s->phase = NAS_COMMAND;
	if (nas_take_line(s, r) && clock_ms() < s->deadline)
		nas_place(s);
	else
		nas_call_event(s, &s->fault);
	if (!s->prompted)
		nas_prompt(s);
}
