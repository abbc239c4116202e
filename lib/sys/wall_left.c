/* wall_left.c - what a session leaves behind: the answers that are waited for, and of one that was
 * killed the chains of the ports that it had walled off. */
#include "sys/wall_impl.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX (16 << 20)
#define SECONDS 60 /* of an element that is deleted at once */

static int list(const char *what, struct buf *out, const char **why)
{
	struct wall_text t;
	wall_begin(&t);
	wall_put(&t, "list %s\n", what);
	int rc = wall_run(&t, out, why);
	wall_end(&t);
	return rc;
}

static bool is_gone(unsigned device)
{
	char name[IF_NAMESIZE];
	return !if_indextoname(device, name);
}

/* nft writes the name of a device that it knows, in quotes. */
static unsigned device_of(const char *element)
{
	char name[IF_NAMESIZE];
	unsigned n;
	if (sscanf(element, "\"%15[^\"]\"", name) == 1)
		return if_nametoindex(name);
	return sscanf(element, "%u", &n) == 1 ? n : 0;
}

/* Elements of begun, one after the other, as nft lists them: "ras0" . 10.9.0.1 . 17 . 4343 . 40000 timeout ..., */
static const char *next_flow(const char *p, char flow[128])
{
	p += strspn(p, " \t\n,");
	const char *end = strstr(p, " timeout "), *comma = end ? strpbrk(end, ",}") : NULL;
	if (!comma || (size_t)(end - p) >= 128)
		return NULL;
	memcpy(flow, p, (size_t)(end - p));
	flow[end - p] = '\0';
	return comma;
}

int wall_forget(unsigned link, unsigned tunnel, const char **why)
{
	static const char head[] = "elements = {";
	struct wall_elements e;
	struct wall_text t;
	struct buf out;
	char flow[128];
	buf_init(&out, OUT_MAX);
	wall_begin(&t);
	wall_elements(&e, SECONDS);
	int rc = list("set " WALL " begun", &out, why);
	const char *p = rc == 0 ? strstr(out.data, head) : NULL;
	for (p = p ? p + sizeof head - 1 : NULL; p && (p = next_flow(p, flow));) {
		unsigned device = device_of(flow);
		if (device == link || device == tunnel || is_gone(device))
			wall_element(&e, "%s", flow);
	}
	bool some = e.n > 0;
	wall_elements_put(&e, &t, "begun", WALL_SHUT);
	if (rc == 0 && some)
		rc = wall_run(&t, NULL, why);
	wall_end(&t);
	buf_clear(&out);
	return rc;
}

static int walled(const char **why)
{
	static const char mark[] = "set walled_";
	struct wall_text t;
	struct buf out;
	unsigned tunnel, n = 0;
	buf_init(&out, OUT_MAX);
	wall_begin(&t);
	int rc = list("sets table " WALL, &out, why);
	for (const char *p = rc == 0 ? out.data : NULL; p && (p = strstr(p, mark)); p += sizeof mark - 1)
		if (sscanf(p + sizeof mark - 1, "%u", &tunnel) == 1 && is_gone(tunnel)) {
			wall_walled_delete(&t, tunnel);
			n++;
		}
	if (rc == 0 && n)
		rc = wall_run(&t, NULL, why);
	wall_end(&t);
	buf_clear(&out);
	return rc;
}

int wall_sweep(const char **why)
{
	return walled(why) != 0 || wall_forget(0, 0, why) != 0 ? -1 : 0;
}
