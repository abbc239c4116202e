/* wallports.h - the ports of a permit, or of wall=, as sys/wall.h takes them. */
#ifndef SP_ENGINE_WALLPORTS_H
#define SP_ENGINE_WALLPORTS_H

#include "sys/wall.h"
#include "wire/ports.h"

struct wall_ports wallports(const struct ports *p);

#endif
