/* ras_permit.h - a permit as a caller gives it to the RAS: is it for this system and
 * this caller, was it used, is it time? Nobody is asked; whether that user may come is
 * then the rules' matter (engine/ras.h). */
#ifndef SP_ENGINE_RAS_PERMIT_H
#define SP_ENGINE_RAS_PERMIT_H

#include "engine/ras.h"
#include "wire/permit.h"

struct ras_permit_conf {
	struct evp_pkey_st *const *key;
	unsigned n;         /* 0: no permits are taken */
	const char *serial; /* our own */
	const char *state;  /* engine/spent.h */
	int64_t skew;       /* seconds that a plausible clock may be wrong */
	int64_t trust;      /* ... that a permit may set forward the time last known, when it is not */
};

struct ras_permit {
	struct permit p;  /* sequence 0: none was taken on this link */
	time_t began;     /* the time by which it was judged */
};

/* Takes the permit for this link, or a later one of the same session, or once more the one
 * that the link has: SP_OK, and *link is it, its number on the disk. Else SP_DENIED or
 * SP_SYSTEM with a constant reason, and *link as it was. clock: seconds, believed when it
 * is not before all that is known. */
enum sp_exit ras_permit(const struct ras_permit_conf *conf, const struct ras_caller *c, struct view text, time_t clock,
                        struct ras_permit *link, const char **why);

/* Seconds from when it was taken to its end. */
int64_t ras_permit_left(const struct ras_permit *link);

/* session= serial= workstation= inside= ports= until=. 0/-1. */
int ras_permit_record(const struct ras_permit_conf *conf, const struct ras_permit *link, struct record *r);

#endif
