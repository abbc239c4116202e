/* gate_local.h - the workstations' end of sessions in the gateway's own process: for
 * engine/gate_end.h a way that is no tunnel, for engine/gate.h one more end. */
#ifndef SP_ENGINE_GATE_LOCAL_H
#define SP_ENGINE_GATE_LOCAL_H

#include "engine/gate.h"
#include "engine/gate_end.h"

struct gate_local;
struct gate_local *gate_local_new(struct loop *l, struct gate *g, const char *name); /* NULL: out of memory */
void gate_local_free(struct gate_local *l); /* before g, after who goes this way. NULL: nothing */
const struct gate_way *gate_local_way(const struct gate_local *l);

#endif
