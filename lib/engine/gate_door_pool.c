/* gate_door_pool.c - addresses for workstations that come by CONNECT: one a connection, the one
 * that was given longest ago comes last. Who was here before may come back with the one that his
 * permit names, as long as nobody else has it. */
#include "engine/gate_door_impl.h"

#include <arpa/inet.h>

#define ADDRESS_MS 120000 /* for a permit, of who has an address */

struct range { uint32_t first, last; };

static struct range range_of(const struct prefix *p)
{
	uint32_t net = ntohl(p->net.s_addr), all = p->bits == 32 ? 0 : UINT32_MAX >> p->bits;
	unsigned edge = p->bits < 31; /* its first and last are no hosts */
	return (struct range){ net + edge, net + all - edge };
}

static bool is_held(const struct gate_door *d, uint32_t address, const struct door_client *but)
{
	const struct door_client *c = d->clients;
	while (c && (c == but || c->over || c->address != address))
		c = c->next;
	return c;
}

const char *door_address_refusal(const struct door_client *c, uint32_t address)
{
	struct range r = range_of(&c->d->conf.inside->pool);
	if (address < r.first || address > r.last)
		return "the permit's workstation has no address of this gateway";
	if (c->address && c->address != address)
		return "the permit is for another workstation";
	return is_held(c->d, address, c) ? "the permit's workstation is at another connection" : NULL;
}

/* There are no more held ones than clients, so one of so many is free. */
static uint32_t next_free(struct gate_door *d)
{
	struct range r = range_of(&d->conf.inside->pool);
	for (unsigned n = 0; n <= d->nclients; n++) {
		d->given = d->given < r.first || d->given >= r.last ? r.first : d->given + 1;
		if (!is_held(d, d->given, NULL))
			return d->given;
	}
	return 0;
}

void door_address_give(struct door_client *c, struct record *q)
{
	struct gate_door *d = c->d;
	struct record r = { 0 };
	char text[INET_ADDRSTRLEN] = "";
	const char *why = door_client_still(c);
	if (!why && !c->address && !(c->address = next_free(d)))
		why = "no address is left";
	if (!why && c->sessions == 0)
		loop_at(d->conf.loop, &c->late, clock_deadline(ADDRESS_MS), door_late, c);
	inet_ntop(AF_INET, &(struct in_addr){ htonl(c->address) }, text, sizeof text);
	if (!why && record_set(&r, "workstation", text) != 0)
		why = "out of memory";
	door_tell_client(c, why ? "refused" : "address", why);
	door_answer(c, q, &r, why);
}
