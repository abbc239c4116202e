/* radius_dict.c - libradcli as dictionary and attribute decoder. Lengths are
 * checked here first, each attribute is handed over alone, and what the
 * dictionary lacks is skipped: the library would write it to syslog. */
#include "wire/radius_dict.h"

#include "wire/radius.h"

#include "base/cursor.h"

#include <radcli/radcli.h>

#include <stdlib.h>

/* The library's TLS (GnuTLS) is not used here, and its start would cost more
 * than all the rest of a program: it asks for this function. */
int _gnutls_global_init_skip(void);
__attribute__((used, visibility("default"))) int _gnutls_global_init_skip(void)
{
	return 1;
}

struct radius_dict {
	rc_handle *rc;
};

static const char builtin[] =
	"ATTRIBUTE User-Name 1 string\n"
	"ATTRIBUTE Filter-Id 11 string\n"
	"ATTRIBUTE Reply-Message 18 string\n"
	"ATTRIBUTE Callback-Number 19 string\n"
	"ATTRIBUTE State 24 string\n"
	"ATTRIBUTE Class 25 string\n"
	"ATTRIBUTE Session-Timeout 27 integer\n"
	"ATTRIBUTE Idle-Timeout 28 integer\n"
	"ATTRIBUTE Tunnel-Private-Group-Id 81 string\n"
	"ATTRIBUTE Connect-Info 77 string\n";

struct radius_dict *radius_dict_new(const char *file, const char **why)
{
	struct radius_dict *d = malloc(sizeof *d);
	*why = "out of memory";
	if (!d)
		return NULL;
	d->rc = rc_new();
	if (!d->rc)
		goto out;
	if (file && rc_read_dictionary(d->rc, file) != 0) {
		*why = "the dictionary cannot be read";
		goto out;
	}
	if (!file && rc_read_dictionary_from_buffer(d->rc, builtin, sizeof builtin - 1) != 0)
		goto out;
	*why = NULL;
	return d;
out:
	radius_dict_free(d);
	return NULL;
}

void radius_dict_free(struct radius_dict *d)
{
	if (!d)
		return;
	if (d->rc) {
		rc_dict_free(d->rc);
		rc_destroy(d->rc);
	}
	free(d);
}

int radius_dict_find(const struct radius_dict *d, const char *name)
{
	const DICT_ATTR *a = strlen(name) <= NAME_LENGTH ? rc_dict_findattr(d->rc, name) : NULL;
	return a ? a->value : -1;
}

static bool word(struct view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < 0x21 || v.p[i] > 0x7e)
			return false;
	return v.n > 0 && v.n <= 128;
}

static int add_groups(struct view value, struct buf *out)
{
	struct view one;
	if (value.n > 4 && view_starts(value, "OU=") && value.p[value.n - 1] == ';')
		value = (struct view){ value.p + 3, value.n - 4 };
	while (view_split(&value, ',', &one)) {
		if (!word(one) || view_listed(buf_view(out), one))
			continue;
		if ((out->len && buf_addc(out, ',') != 0) || buf_addv(out, one) != 0)
			return -1;
	}
	return 0;
}

/* Does the dictionary know what is in this attribute? */
static bool known(const struct radius_dict *d, uint8_t type, struct view value)
{
	if (type != RADIUS_VENDOR_SPECIFIC)
		return rc_dict_getattr(d->rc, type) != NULL;
	struct cur c = cur_of(value.p, value.n);
	uint32_t vendor = cur_u32(&c);
	if (c.bad || vendor > 0x7fff || !rc_dict_getvend(d->rc, (int)vendor))
		return false;
	struct view inner = { (const char *)c.p, cur_left(&c) }, v;
	while (radius_next(&inner, &type, &v) == 1)
		if (!rc_dict_getattr(d->rc, (int)(vendor << 16 | type)))
			return false;
	return inner.n == 0;
}

static bool wanted(unsigned attribute, const int *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if ((unsigned)list[i] == attribute)
			return true;
	return false;
}

static int add_pairs(VALUE_PAIR *list, const int *attribute, unsigned n, struct buf *out)
{
	for (VALUE_PAIR *vp = list; vp; vp = rc_avpair_next(vp)) {
		char *raw;
		unsigned size;
		if (vp->type == PW_TYPE_STRING && wanted(vp->attribute, attribute, n) &&
		    rc_avpair_get_raw(vp, &raw, &size) == 0 &&
		    add_groups((struct view){ raw, size }, out) != 0)
			return -1;
	}
	return 0;
}

int radius_groups(const struct radius_dict *d, struct view attrs, const int *attribute,
                  unsigned nattribute, struct buf *out, const char **why)
{
	struct view before = attrs, value;
	uint8_t type;
	int rc;
	for (; (rc = radius_next(&attrs, &type, &value)) == 1; before = attrs) {
		if (!known(d, type, value))
			continue;
		VALUE_PAIR *list = rc_avpair_gen(d->rc, NULL, (const unsigned char *)before.p,
		                                 (int)(before.n - attrs.n), 0);
		int added = add_pairs(list, attribute, nattribute, out);
		rc_avpair_free(list);
		if (added != 0) {
			*why = "it names too many groups";
			return -1;
		}
	}
	*why = rc < 0 ? "its attributes are malformed" : NULL;
	return rc < 0 ? -1 : 1;
}
