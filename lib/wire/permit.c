/* permit.c - permits: bytes, signature, and what can be said of them without a
 * clock. Refuses names that are empty or hold control characters, times that do not
 * follow each other, what does not fit, and, once the signature holds, every
 * payload that permit_sign would not have written. */
#include "wire/permit.h"

#include "base/cursor.h"
#include "wire/base64url.h"

#include <openssl/evp.h>

#include <stdio.h>

#define VERSION 1
#define VERSION_INSIDE 2 /* with an inside address */
#define HASHED 0x80 /* in the length of a name */
#define SHORTEST BASE64URL_TEXT(25 + 2 + 3 * 2 + 1 + 1 + PERMIT_DIAL + 1 + ED25519_SIGNATURE)
#define SIGNED_MAX (PERMIT_PAYLOAD_MAX + ED25519_SIGNATURE)

static bool sha256(struct view a, struct view b, uint8_t *out, size_t n)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(md, a.p, a.n) == 1 &&
	          EVP_DigestUpdate(md, b.p, b.n) == 1 && EVP_DigestFinal_ex(md, hash, NULL) == 1;
	EVP_MD_CTX_free(md);
	if (ok)
		memcpy(out, hash, n);
	return ok;
}

/* -- names, dial strings, session */

static bool plain(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	return v.n > 0;
}

const char *permit_set_name(struct permit_name *to, struct view name)
{
	*to = (struct permit_name){ 0 };
	if (!plain(name))
		return "a name in the permit is empty or has control characters";
	to->hashed = name.n > PERMIT_NAME;
	to->n = (uint8_t)(to->hashed ? PERMIT_NAME : name.n);
	if (!to->hashed)
		memcpy(to->b, name.p, name.n);
	else if (!sha256(name, (struct view){ 0 }, to->b, PERMIT_NAME))
		return "OpenSSL has no SHA-256";
	return NULL;
}

bool permit_is(const struct permit_name *n, struct view name)
{
	struct permit_name other;
	return n->n && !permit_set_name(&other, name) && other.hashed == n->hashed && other.n == n->n &&
	       memcmp(other.b, n->b, n->n) == 0;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *permit_set_session(struct permit *p, struct view session)
{
	p->session[0] = '\0';
	for (size_t i = 0; i < session.n; i++)
		if (hex(session.p[i]) < 0)
			return "session= is not of hexadecimal digits";
	if (session.n == 0 || session.n % 2 || !view_str(session, p->session, sizeof p->session))
		return "session= is not of 2 to 32 hexadecimal digits";
	return NULL;
}

static bool dial_hash(const struct permit *p, struct view dial, uint8_t out[PERMIT_DIAL])
{
	return sha256((struct view){ p->session, strlen(p->session) + 1 }, dial, out, PERMIT_DIAL);
}

const char *permit_add_dial(struct permit *p, struct view dial)
{
	if (p->dials == PERMIT_DIALS)
		return "too many dial strings for a permit";
	if (!plain(dial))
		return "a dial string is empty or has control characters";
	return dial_hash(p, dial, p->dial[p->dials++]) ? NULL : "OpenSSL has no SHA-256";
}

bool permit_dials(const struct permit *p, struct view dial)
{
	uint8_t h[PERMIT_DIAL];
	bool known = false;
	if (!plain(dial) || !dial_hash(p, dial, h))
		return false;
	for (unsigned i = 0; i < p->dials; i++)
		known |= memcmp(h, p->dial[i], PERMIT_DIAL) == 0;
	return known;
}

/* -- ports: how many ranges, or ALL; of each a byte, the first port and, for a RANGE,
 * the last */

#define ALL 0xff
#define UDP 0x40
#define RANGE 0x80
#define WAY 0x03

static void put_ports(struct out *o, const struct ports *p)
{
	out_u8(o, p->all ? ALL : (uint8_t)p->n);
	for (unsigned i = 0; i < p->n; i++) {
		const struct ports_range *r = &p->range[i];
		bool range = r->from != r->to;
		out_u8(o, (uint8_t)(r->way | (r->proto == PORTS_UDP ? UDP : 0) | (range ? RANGE : 0)));
		out_u16(o, r->from);
		if (range)
			out_u16(o, r->to);
	}
}

static bool get_ports(struct cur *c, struct ports *p)
{
	struct ports_range range[PORTS_MAX];
	uint8_t n = cur_u8(c);
	*p = (struct ports){ .all = n == ALL };
	if (p->all || n > PORTS_MAX)
		return p->all;
	for (unsigned i = 0; i < n; i++) {
		uint8_t what = cur_u8(c);
		range[i] = (struct ports_range){ .proto = what & UDP ? PORTS_UDP : PORTS_TCP, .way = what & WAY };
		range[i].from = cur_u16(c);
		range[i].to = what & RANGE ? cur_u16(c) : range[i].from;
		if (what & (uint8_t)~(UDP | RANGE | WAY) || (what & RANGE && range[i].from >= range[i].to))
			return false;
	}
	/* In the one form, or nobody who encodes permits has written it. */
	return !c->bad && ports_of(range, n, p) && p->n == n && (n == 0 || memcmp(p->range, range, n * sizeof *range) == 0);
}

/* -- bytes out */

static void put_name(struct out *o, const struct permit_name *n)
{
	out_u8(o, (uint8_t)(n->n | (n->hashed ? HASHED : 0)));
	out_bytes(o, n->b, n->n);
}

static void put_session(struct out *o, const char *s)
{
	size_t n = strlen(s) / 2;
	out_u8(o, (uint8_t)n);
	for (size_t i = 0; i < n; i++)
		out_u8(o, (uint8_t)(hex(s[2 * i]) << 4 | hex(s[2 * i + 1])));
}

static void put(struct out *o, const struct permit *p)
{
	out_u8(o, p->inside ? VERSION_INSIDE : VERSION);
	out_bytes(o, p->key, ED25519_KEY_ID);
	out_u32(o, p->sequence);
	out_u32(o, (uint32_t)p->issued);
	out_u32(o, (uint32_t)p->connect_by);
	out_u32(o, (uint32_t)p->until);
	out_u32(o, p->workstation);
	if (p->inside)
		out_u32(o, p->inside);
	put_session(o, p->session);
	put_name(o, &p->user);
	put_name(o, &p->router);
	put_name(o, &p->serial);
	put_name(o, &p->ticket);
	out_u8(o, (uint8_t)p->dials);
	for (unsigned i = 0; i < p->dials; i++)
		out_bytes(o, p->dial[i], PERMIT_DIAL);
	put_ports(o, &p->ports);
}

/* What holds of every permit, whoever wrote it. */
static const char *sound(const struct permit *p)
{
	if (!p->session[0] || !p->user.n || !p->router.n || !p->serial.n || !p->workstation)
		return "the permit lacks session, user, router, serial or workstation";
	if (!p->dials)
		return "the permit lets nothing be dialed";
	if (p->issued < 0 || p->until > UINT32_MAX || p->connect_by < p->issued || p->until < p->connect_by)
		return "the permit's times do not follow each other";
	return p->sequence ? NULL : "the permit has no sequence number";
}

const char *permit_sign(struct permit *p, struct evp_pkey_st *key, struct buf *out)
{
	uint8_t b[SIGNED_MAX];
	struct out o = out_of(b, PERMIT_PAYLOAD_MAX);
	const char *why = sound(p);
	if (why)
		return why;
	if (!ed25519_id(key, p->key))
		return "the key is no Ed25519 key";
	put(&o, p);
	if (o.bad)
		return "names, ticket, dial strings and ports together are too long for a permit";
	size_t n = out_len(&o);
	uint8_t sig[ED25519_SIGNATURE];
	if (ed25519_sign((struct view){ (const char *)b, n }, key, sig) != 0)
		return "the key cannot sign";
	memcpy(b + n, sig, sizeof sig);
	return base64url_add(out, (struct view){ (const char *)b, n + sizeof sig }) == 0 ? NULL : "out of memory";
}

/* -- bytes in */

static bool get_name(struct cur *c, struct permit_name *n, bool may_lack)
{
	uint8_t len = cur_u8(c);
	n->hashed = len & HASHED;
	n->n = len & (uint8_t)~HASHED;
	if (may_lack && len == 0)
		return !c->bad;
	if (n->n == 0 || n->n > PERMIT_NAME || (n->hashed && n->n != PERMIT_NAME))
		return false;
	const uint8_t *b = cur_bytes(c, n->n);
	if (!b)
		return false;
	memcpy(n->b, b, n->n);
	return n->hashed || plain((struct view){ (const char *)b, n->n });
}

static bool get_session(struct cur *c, char out[PERMIT_SESSION + 1])
{
	uint8_t n = cur_u8(c);
	if (n == 0 || n > PERMIT_SESSION / 2)
		return false;
	for (unsigned i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", cur_u8(c));
	return !c->bad;
}

static bool get_dials(struct cur *c, struct permit *p)
{
	p->dials = cur_u8(c);
	if (p->dials > PERMIT_DIALS)
		return false;
	for (unsigned i = 0; i < p->dials; i++) {
		const uint8_t *b = cur_bytes(c, PERMIT_DIAL);
		if (b)
			memcpy(p->dial[i], b, PERMIT_DIAL);
	}
	return !c->bad;
}

static const char *get(struct cur *c, struct permit *p)
{
	uint8_t version = cur_u8(c);
	const uint8_t *id = cur_bytes(c, ED25519_KEY_ID);
	if (version != VERSION && version != VERSION_INSIDE)
		return "the permit is of another version";
	if (id)
		memcpy(p->key, id, ED25519_KEY_ID);
	p->sequence = cur_u32(c);
	p->issued = cur_u32(c);
	p->connect_by = cur_u32(c);
	p->until = cur_u32(c);
	p->workstation = cur_u32(c);
	p->inside = version == VERSION_INSIDE ? cur_u32(c) : 0;
	bool ok = (version == VERSION || p->inside) && get_session(c, p->session) && get_name(c, &p->user, false) && get_name(c, &p->router, false) &&
	          get_name(c, &p->serial, false) && get_name(c, &p->ticket, true) && get_dials(c, p) && get_ports(c, &p->ports);
	if (!ok || c->bad || cur_left(c))
		return "the permit is malformed";
	return sound(p);
}

static const char *verified(struct view payload, struct view sig, EVP_PKEY *const *keys, unsigned nkeys)
{
	const char *why = "the permit is signed by an unknown key";
	uint8_t id[ED25519_KEY_ID];
	for (unsigned i = 0; i < nkeys; i++) {
		if (!ed25519_id(keys[i], id) || memcmp(id, payload.p + 1, ED25519_KEY_ID) != 0)
			continue;
		if (ed25519_verify(payload, sig, keys[i]))
			return NULL;
		why = "the permit's signature does not hold";
	}
	return why;
}

static const char *take(struct view bytes, EVP_PKEY *const *keys, unsigned nkeys, struct permit *p)
{
	struct view payload = { bytes.p, bytes.n - ED25519_SIGNATURE };
	struct view sig = { bytes.p + payload.n, ED25519_SIGNATURE };
	struct cur c = cur_of(payload.p, payload.n);
	const char *why = verified(payload, sig, keys, nkeys);
	return why ? why : get(&c, p);
}

int permit_read(struct view text, struct evp_pkey_st *const *keys, unsigned nkeys, struct permit *p, const char **why)
{
	char room[SIGNED_MAX];
	struct buf bytes = { .data = room, .cap = sizeof room, .max = sizeof room };
	*p = (struct permit){ 0 };
	*why = "not a permit";
	if (text.n > PERMIT_TEXT_MAX || base64url_take(&bytes, text) != 0 || bytes.len <= ED25519_SIGNATURE + 1 + ED25519_KEY_ID)
		return -1;
	*why = take(buf_view(&bytes), keys, nkeys, p);
	if (*why)
		*p = (struct permit){ 0 };
	return *why ? -1 : 1;
}

bool permit_looks(struct view text)
{
	char room[3];
	struct buf b = { .data = room, .cap = sizeof room, .max = sizeof room };
	return text.n >= SHORTEST && text.n <= PERMIT_TEXT_MAX && base64url_take(&b, (struct view){ text.p, 4 }) == 0 &&
	       (room[0] == VERSION || room[0] == VERSION_INSIDE);
}

const char *permit_due(const struct permit *p, time_t earliest, time_t latest)
{
	if (p->issued > latest)
		return "the permit is from the future";
	return earliest > p->connect_by ? "the permit's time to connect is over" : NULL; /* until is not before that */
}
