/* alloc_impl.h - what the files of an allocation share; nobody else includes it. */
#ifndef SP_ENGINE_ALLOC_IMPL_H
#define SP_ENGINE_ALLOC_IMPL_H

#include "engine/alloc.h"

struct sqlite3_stmt;

struct facts { /* about the system */
	char system[256], customer[256], site[256], region[256];
	struct place place;
	enum choose_policy policy;
};

/* alloc_router.c: the router that calls the system, its line, in answer; else why not. */
enum sp_exit alloc_router(const struct alloc *a, const struct facts *f, struct record *ask, struct record *answer);
/* router= ... profile_args= of this router. 0/-1. */
int alloc_router_put(const struct alloc *a, const char *router, struct record *answer);

/* alloc_inside.c: inside=, an address that no other lease has, where the issuer has such; else why not. */
enum sp_exit alloc_inside(const struct alloc *a, struct record *answer);

/* The two columns of a position, if both are known. */
void alloc_place(struct sqlite3_stmt *st, int lat, int lon, const char *region, struct place *p);
/* detail= into answer; status, or SP_SYSTEM. */
enum sp_exit alloc_no(struct record *answer, enum sp_exit status, const char *detail);

#endif
