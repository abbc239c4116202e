/* circuit_impl.h - what circuit.c and the kinds of circuits (circuit_*.c) share.
 * A kind is a row of functions; its own state hangs at `own`. */
#ifndef SP_ENGINE_CIRCUIT_IMPL_H
#define SP_ENGINE_CIRCUIT_IMPL_H

#include "engine/circuit.h"
#include "engine/connect.h"
#include "sys/lineopt.h"

struct circuit_kind {
	/* Begins to call: circuit_up() or circuit_down() follows, from the loop.
	 * 0, or -1 with errno and a constant reason: nothing is open. */
	int (*call)(struct circuit *c, const char **why);
	/* Ends it in order, whether it is up or not; circuit_down() follows from the
	 * loop, within CIRCUIT_HANGUP_MAX. */
	void (*hangup)(struct circuit *c);
	/* Closes and frees everything of its own, at once. Called once, also after
	 * circuit_down (then from there). */
	void (*close)(struct circuit *c);
	/* The answering side; NULL: this kind has none. */
	int (*listen)(struct circuit_port *p, const char **why);
	void (*stop)(struct circuit_port *p);  /* takes no more calls */
	void (*unlisten)(struct circuit_port *p); /* closes and frees everything of its own; NULL: there is nothing */
	/* A call of this port is closed: wait for the next, unless it was stopped. */
	void (*ended)(struct circuit_port *p);
};

extern const struct circuit_kind circuit_plain, circuit_modem, circuit_telnet, circuit_back;

struct circuit {
	struct loop *loop;
	const struct circuit_kind *kind;
	struct circuit_port *port; /* that answered it; NULL: it calls */
	const struct circuit_ops *ops;
	void *arg;
	struct addr addr;
	struct line_options opt;
	char address[640]; /* as given */
	char name[192], peer[64], protocol[32];
	uint64_t speed;
	int fd;            /* what the owner reads and writes */
	int64_t deadline;
	bool modems;       /* speed is that of CONNECT */
	bool up, hanging, down;
	bool probe;        /* only looks: circuit_down(REASON_NONE) in place of dialing; what is up without is hung up */
	struct loop_timer timer; /* the kind's */
	void *own;
};

struct circuit_port {
	struct loop *loop;
	const struct circuit_kind *kind;
	const struct circuit_port_ops *ops;
	void *arg;
	struct addr addr;
	struct line_options opt;
	char address[640];
	char name[192], bound[192];
	unsigned calls;   /* that are there now */
	uint64_t limit;   /* of them */
	bool stopped, single; /* single: one call at a time */
	struct loop_timer timer; /* the kind's */
	struct retry retry;      /* the kind's: the next try, after trouble */
	char told[200];          /* the trouble that was told; "" it works */
	void *own;
};

void circuit_progress(struct circuit *c, const char *word);
/* fd, name, peer, speed, protocol are set. */
void circuit_up(struct circuit *c);
/* Closes (kind->close), then tells. c may be gone afterwards. */
void circuit_down(struct circuit *c, enum reason reason, const char *detail);
/* The end of hanging up: circuit_down(), as a timer's function. */
void circuit_hung_up(void *circuit);
/* "tcp:HOST:PORT", "modem:/dev/ttyS0": the address without its query. */
void circuit_name_of(const struct addr *a, char *out, size_t size);

/* An answered call of this port, to be filled and given to p->ops->call by
 * circuit_port_call(). NULL with ENOMEM. */
struct circuit *circuit_port_new(struct circuit_port *p);
void circuit_port_call(struct circuit *c);
/* The owner's events. Each may stop the port. */
void circuit_port_ringing(struct circuit_port *p, const char *from);
void circuit_port_missed(struct circuit_port *p, const char *from, const char *why);
void circuit_port_trouble(struct circuit_port *p, const char *why); /* the same again is not told */
/* What is wrong from now on is news, and its first try comes soon. */
void circuit_port_works(struct circuit_port *p);
/* No more calls can come. */
void circuit_port_over(struct circuit_port *p, const char *why);

#endif
