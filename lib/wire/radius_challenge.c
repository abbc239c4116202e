/* radius_challenge.c - the attributes of an Access-Challenge: RFC 2865 sections
 * 4.4, 5.18 and 5.24, Prompt of RFC 2869 section 5.10. State is the server's and
 * opaque: it goes back as it came. Refuses two of what may stand there once, and
 * a prompt that no terminal has room for; without Prompt nothing is echoed. */
#include "wire/radius_challenge.h"

#include "base/cursor.h"
#include "wire/radius.h"

struct asked {
	struct buf prompt;
	struct view state, echo; /* p NULL: not there */
};

/* Does what may stand there once stand there again? */
static bool again(struct view *to, struct view value)
{
	bool twice = to->p != NULL;
	*to = value;
	return twice;
}

static const char *take(struct asked *a, uint8_t type, struct view value)
{
	switch (type) {
	case RADIUS_REPLY_MESSAGE:
		return buf_addv(&a->prompt, value) == 0 ? NULL : "its prompt is too long";
	case RADIUS_STATE:
		return again(&a->state, value) || !value.n ? "its State is none" : NULL;
	case RADIUS_PROMPT:
		return again(&a->echo, value) || value.n != 4 ? "its Prompt is none" : NULL;
	default:
		return NULL;
	}
}

static int set_state(struct record *r, struct view state)
{
	char text[2 * RADIUS_VALUE_MAX];
	for (size_t i = 0; i < state.n; i++) {
		text[2 * i] = "0123456789abcdef"[(uint8_t)state.p[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[state.p[i] & 15];
	}
	return record_setv(r, view_of("state"), (struct view){ text, 2 * state.n });
}

static bool echoed(struct view value)
{
	struct cur c = cur_of(value.p, value.n);
	return value.n && cur_u32(&c) == 1;
}

static int write(struct record *r, struct asked *a)
{
	if (a->prompt.len)
		text_tame(a->prompt.data, a->prompt.len);
	if (record_set(r, "decision", "challenge") != 0 ||
	    record_setv(r, view_of("prompt"), buf_view(&a->prompt)) != 0 || set_state(r, a->state) != 0)
		return -1;
	return echoed(a->echo) ? record_set(r, "echo", "yes") : 0;
}

int radius_challenge(struct record *r, struct view attrs, const char **why)
{
	struct asked a = { .state = { NULL, 0 } };
	struct view value;
	uint8_t type;
	int rc;
	*why = NULL;
	buf_init(&a.prompt, RADIUS_PROMPT_MAX);
	while ((rc = radius_next(&attrs, &type, &value)) == 1 && !*why)
		*why = take(&a, type, value);
	if (rc < 0)
		*why = "its attributes are malformed";
	else if (!*why && write(r, &a) != 0)
		*why = "the record has no room for the answer";
	buf_clear(&a.prompt);
	return *why ? -1 : 1;
}
