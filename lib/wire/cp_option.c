/* cp_option.c - the one walker over configuration options, and what is made of
 * them: our request, our answer to the peer's, what the peer's answer changes.
 * Refuses options that run over the packet's end, lengths under 2, a known
 * option twice, a Configure-Reject of what was not asked. */
#include "wire/cp_option.h"

#include <string.h>

static int row_of(const struct cp_kind *k, uint8_t type, size_t n)
{
	for (unsigned i = 0; i < k->options; i++)
		if (k->option[i].type == type)
			return n >= k->option[i].min && n <= k->option[i].max ? (int)i : -1;
	return -1;
}

int cp_next(const struct cp_kind *k, struct cur *in, uint32_t *seen, struct cp_tlv *t, const char **why)
{
	if (cur_left(in) == 0)
		return 0;
	struct cur whole = *in;
	uint8_t type = cur_u8(in);
	size_t n = cur_u8(in);
	t->value = cur_sub(in, n < 2 ? SIZE_MAX : n - 2);
	t->n = n;
	t->raw = cur_bytes(&whole, n);
	if (in->bad) {
		*why = "option length does not fit";
		return -1;
	}
	t->row = row_of(k, type, n);
	if (t->row >= 0 && *seen >> t->row & 1) {
		*why = "option given twice";
		return -1;
	}
	*seen |= t->row >= 0 ? 1u << t->row : 0;
	return 1;
}

static void option_write(const struct cp_option *o, struct out *to, uint32_t v)
{
	size_t at = out_len(to);
	out_u8(to, o->type);
	out_u8(to, 0);
	o->write(to, v);
	if (!to->bad)
		to->base[at + 1] = (uint8_t)(out_len(to) - at);
}

size_t cp_request(struct cp *cp)
{
	struct out o = out_of(cp->request, sizeof cp->request);
	for (unsigned i = 0; i < cp->kind->options; i++)
		if (cp->ask >> i & 1)
			option_write(&cp->kind->option[i], &o, cp->ours[i]);
	return cp->request_n = out_len(&o);
}

/* -- the peer's request */

struct answer {
	uint8_t rej[CP_PACKET_MAX], nak[128];
	struct out to_rej, to_nak;
	uint32_t value[CP_OPTIONS_MAX];
};

static void judge_one(struct cp *cp, struct cp_tlv *t, struct answer *a)
{
	const struct cp_option *o = t->row < 0 ? NULL : &cp->kind->option[t->row];
	uint32_t v = o ? o->parse(&t->value) : 0;
	enum cp_verdict verdict = o ? o->judge(cp, &v) : CP_REJ;
	if (verdict == CP_NAK && cp->failures >= CP_MAX_FAILURE)
		verdict = CP_REJ;
	if (verdict == CP_REJ)
		out_bytes(&a->to_rej, t->raw, t->n);
	else if (verdict == CP_NAK)
		option_write(o, &a->to_nak, v);
	else
		a->value[t->row] = v;
}

/* What the peer must ask for and did not. */
static void judge_missing(struct cp *cp, uint32_t seen, struct answer *a)
{
	uint32_t suggest[CP_OPTIONS_MAX] = { 0 };
	uint32_t must = cp->kind->demand ? cp->kind->demand(cp, suggest) : 0;
	if (cp->failures >= CP_MAX_FAILURE)
		return;
	for (unsigned i = 0; i < cp->kind->options; i++)
		if ((must & ~seen) >> i & 1)
			option_write(&cp->kind->option[i], &a->to_nak, suggest[i]);
}

static int answer_write(struct cp *cp, uint8_t id, struct cur all, struct answer *a)
{
	size_t n = cur_left(&all);
	bool rej = out_len(&a->to_rej) > 0, nak = !rej && out_len(&a->to_nak) > 0;
	struct out o = out_of(cp->reply, sizeof cp->reply);
	out_u8(&o, rej ? CP_CONF_REJ : nak ? CP_CONF_NAK : CP_CONF_ACK);
	out_u8(&o, id);
	out_u16(&o, 0);
	out_bytes(&o, rej ? a->rej : nak ? a->nak : cur_bytes(&all, n),
	          rej ? out_len(&a->to_rej) : nak ? out_len(&a->to_nak) : n);
	out_patch16(&o, 2, (uint16_t)out_len(&o));
	cp->reply_n = out_len(&o);
	cp->failures = nak ? cp->failures + 1 : rej ? cp->failures : 0;
	if (!rej && !nak)
		memcpy(cp->theirs, a->value, sizeof cp->theirs);
	return !rej && !nak;
}

int cp_judge(struct cp *cp, uint8_t id, struct cur options, const char **why)
{
	struct answer a;
	struct cur c = options;
	struct cp_tlv t;
	uint32_t seen = 0;
	int rc;
	a.to_rej = out_of(a.rej, sizeof a.rej);
	a.to_nak = out_of(a.nak, sizeof a.nak);
	memset(a.value, 0, sizeof a.value);
	for (unsigned i = 0; i < cp->kind->options; i++)
		a.value[i] = cp->kind->option[i].unsaid;
	if (cur_left(&options) > CP_PACKET_MAX - 4) {
		*why = "Configure-Request too long";
		return -1;
	}
	while ((rc = cp_next(cp->kind, &c, &seen, &t, why)) == 1)
		judge_one(cp, &t, &a);
	if (rc < 0)
		return -1;
	judge_missing(cp, seen, &a);
	return answer_write(cp, id, options, &a);
}

/* -- the peer's answer to ours */

/* The whole is checked before any of it counts. */
static int well_formed(const struct cp_kind *k, struct cur options, const char **why)
{
	struct cp_tlv t;
	uint32_t seen = 0;
	int rc;
	while ((rc = cp_next(k, &options, &seen, &t, why)) == 1)
		;
	return rc < 0 ? -1 : 1;
}

int cp_nakked(struct cp *cp, struct cur options, const char **why)
{
	struct cp_tlv t;
	uint32_t seen = 0;
	if (well_formed(cp->kind, options, why) < 0)
		return -1;
	while (cp_next(cp->kind, &options, &seen, &t, why) == 1)
		if (t.row >= 0 && cp->ask >> t.row & 1)
			cp->kind->option[t.row].nakked(cp, cp->kind->option[t.row].parse(&t.value));
	return 1;
}

/* Was exactly this option asked? */
static bool was_asked(const struct cp *cp, const struct cp_tlv *t)
{
	struct cur c = cur_of(cp->request, cp->request_n);
	struct cp_tlv own;
	uint32_t seen = 0;
	const char *why;
	while (cp_next(cp->kind, &c, &seen, &own, &why) == 1)
		if (own.row == t->row && own.n == t->n && memcmp(own.raw, t->raw, t->n) == 0)
			return true;
	return false;
}

int cp_rejected(struct cp *cp, struct cur options, const char **why)
{
	struct cp_tlv t;
	uint32_t seen = 0, rows = 0;
	int rc;
	while ((rc = cp_next(cp->kind, &options, &seen, &t, why)) == 1) {
		if (t.row < 0 || !was_asked(cp, &t)) {
			*why = "Configure-Reject of an option that was not asked";
			return -1;
		}
		rows |= 1u << t.row;
	}
	if (rc < 0)
		return -1;
	for (unsigned i = 0; i < cp->kind->options; i++)
		if (rows >> i & 1)
			cp->ours[i] = cp->kind->option[i].unsaid;
	cp->ask &= ~rows;
	cp->refused |= rows;
	return 1;
}
