/* rascall.h - what sp-ras(8) does with its one call, for tool/hold.h. */
#ifndef SP_TOOL_RASCALL_H
#define SP_TOOL_RASCALL_H

#include "engine/ras_permit.h"
#include "tool/hold.h"

#define RASCALL_GATEWAYS 8

struct rascall_conf {
	const char *line;      /* engine/circuit.h: is called */
	const char *interface; /* NULL: ras%d */
	const char *check;     /* a filter that is asked about callers; NULL: by secret */
	struct secret secret;  /* what callers must prove */
	bool no_password;      /* by PAP nothing is taken but permits */
	struct ras_permit_conf permit;
	struct ras_rules rules;
	/* Who may send packets, in place of the permit's workstation; the record then has the
	 * permit, and each later one. */
	struct in_addr gateway[RASCALL_GATEWAYS];
	unsigned ngateways;
	bool wall;    /* no link without a wall, which is proven on it */
	bool no_dhcp; /* questions by DHCP go to the TUN device */
	struct ppp_conf ppp;
};

/* struct hold's start and stop; its config is a struct rascall_conf. One call a
 * process. */
void rascall_start(struct hold_session *s);
void rascall_stop(struct hold_session *s);

#endif
