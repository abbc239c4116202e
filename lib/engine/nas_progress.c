/* nas_progress.c - what happens in a call, as it happens: a line at the terminal,
 * a state record to the parent, and the log. */
#include "engine/nas_permit.h"

#include <arpa/inet.h>
#include <stdio.h>

#define COUNT_EVERY 5000 /* ms; what accounting loses when this process is killed */

static void counted(struct nas_session *s)
{
	struct nas_call_counts n;
	char in[24], out[24];
	nas_call_counts(s->call, &n);
	snprintf(in, sizeof in, "%llu", (unsigned long long)n.in_bytes);
	snprintf(out, sizeof out, "%llu", (unsigned long long)n.out_bytes);
	nas_send(s, "count", "in_bytes", in, "out_bytes", out, NULL);
}

static void count_again(void *arg)
{
	struct nas_session *s = arg;
	counted(s);
	if (nas_login_holds(s)) /* also of one whose user types nothing */
		loop_at(s->loop, &s->count, clock_deadline(COUNT_EVERY), count_again, s);
}

static void tell_parent(struct nas_session *s, const struct nas_call_event *ev, const char *address, const char *speed)
{
	nas_send(s, "state", "session", s->session[0] ? s->session : NULL, "router", s->conf->name, "user", s->name,
	         "workstation", s->workstation, "line", s->line, "phone", nas_phone(s), "sp_address",
	         address[0] ? address : NULL, "alias", s->alias, "speed", speed[0] ? speed : NULL, "protocol",
	         s->protocol[0] ? s->protocol : NULL, "state",
	         nas_call_state_name(ev->state), "reason", ev->state == CALL_DOWN ? reason_name(ev->reason) : NULL, NULL);
}

/* How the line was. */
static void bad_frames(struct nas_session *s, int step)
{
	struct nas_call_counts n;
	char frames[24];
	nas_call_counts(s->call, &n);
	snprintf(frames, sizeof frames, "%llu", (unsigned long long)n.bad_frames);
	if (n.bad_frames)
		nas_log(s, step, "bad-frames", "value", frames);
}

static void down(struct nas_session *s, const struct nas_call_event *ev)
{
	enum sp_exit status = reason_exit(ev->reason);
	loop_cancel(s->loop, &s->count);
	if (s->call)
		bad_frames(s, ev->step);
	nas_call_free(s->call);
	s->call = NULL;
	if (status == SP_OK)
		nas_tell(s, "Progress: state=down line=%s reason=%s detail=%s\n", s->line, reason_name(ev->reason), ev->detail);
	else
		nas_tell(s, "Progress: state=down line=%s error=%s step=%d reason=%s detail=%s\n", s->line, sp_exit_name(status),
		         ev->step, reason_name(ev->reason), ev->detail);
	nas_log(s, ev->step, "down", "reason", reason_name(ev->reason));
	s->address[0] = s->number[0] = '\0';
	s->dial[0] = s->line[0] = s->alias[0] = s->sp_address[0] = s->protocol[0] = '\0'; /* the line is given back */
	secret_clear(&s->secret);
	nas_permit_forget(s);
	nas_quiet_in(s, s->conf->idle);
	if (s->phase == NAS_ENDING)
		nas_end(s, s->ending);
}

void nas_call_event(void *arg, const struct nas_call_event *ev)
{
	struct nas_session *s = arg;
	char speed[24] = "";
	if (ev->event) {
		nas_log(s, ev->log_step, ev->event, "value", ev->value);
		return;
	}
	if (ev->state == CALL_DOWN && nas_hunt(s, ev))
		return;
	if (ev->protocol)
		snprintf(s->protocol, sizeof s->protocol, "%s", ev->protocol);
	if (ev->speed)
		snprintf(speed, sizeof speed, "%llu", (unsigned long long)ev->speed);
	if (ev->state == CALL_UP)
		inet_ntop(AF_INET, &ev->sp_address, s->sp_address, sizeof s->sp_address);
	if (ev->state == CALL_DOWN && s->call)
		counted(s); /* before its end: the accounting stop needs it */
	tell_parent(s, ev, s->sp_address, speed);
	switch (ev->state) {
	case CALL_DOWN: down(s, ev); break;
	case CALL_UP:
		nas_tell(s, "Progress: state=up line=%s%s%s alias=%s sp_address=%s\n", s->line, speed[0] ? " speed=" : "", speed,
		         s->alias, s->sp_address);
		loop_at(s->loop, &s->count, clock_ms(), count_again, s);
		break;
	default:
		nas_tell(s, "Progress: state=%s%s%s%s%s\n", nas_call_state_name(ev->state), speed[0] ? " speed=" : "", speed,
		         ev->protocol ? " protocol=" : "", ev->protocol ? ev->protocol : "");
		break;
	}
}
