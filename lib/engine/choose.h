/* choose.h - which router shall call. A pure function over candidates: all of
 * them may call the system (table router_may); nothing is looked up here. */
#ifndef SP_ENGINE_CHOOSE_H
#define SP_ENGINE_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

enum choose_policy { CHOOSE_NEAREST, CHOOSE_ROUNDROBIN, CHOOSE_LEASTLOADED, CHOOSE_POLICIES };

const char *choose_policy_name(enum choose_policy p);
/* CHOOSE_POLICIES for a word that is none. */
enum choose_policy choose_policy_of(const char *word);

struct place {
	bool known;
	double lat, lon; /* degrees */
	const char *region; /* "" when unknown */
};

struct candidate {
	const char *router;
	struct place place;
	const char *customer; /* whose it is alone; "" everybody's */
	bool only;            /* that customer is called by such routers alone */
	bool up;
	uint64_t load, max;   /* calls now, calls at most */
	uint64_t last;        /* when it was chosen last, by any clock; 0 never */
};

struct wish {
	const char *customer; /* of the system */
	struct place place;   /* of its site */
	enum choose_policy policy;
	const char *router;   /* this one or none; NULL: any */
};

enum choose_end {
	CHOSEN,
	CHOOSE_NONE, /* no candidate may be used for this customer */
	CHOOSE_DOWN, /* those that may are all down */
	CHOOSE_FULL  /* those that are up are all full */
};

/* *at: which one. */
enum choose_end choose_router(const struct candidate *c, unsigned n, const struct wish *w, unsigned *at);

/* Great circle, km. */
double choose_distance(const struct place *a, const struct place *b);

#endif
