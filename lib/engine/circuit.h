/* circuit.h - a line that a call goes over, whatever it takes to get one: from
 * an address (sp-line(7)) to a descriptor that carries the call's bytes and
 * nothing else. Opening a modem dials, waiting on one answers. What happens is
 * told as events, from the loop alone.
 *
 * A circuit's life: CIRCUIT_PROGRESS any number of times, CIRCUIT_UP once or
 * not at all, CIRCUIT_DOWN last. While it is up its owner reads and writes
 * circuit_fd() and sees the end of the line as end of file or an error there;
 * then, or when it wants to, it calls circuit_hangup(), after which the
 * descriptor is not its any more. */
#ifndef SP_ENGINE_CIRCUIT_H
#define SP_ENGINE_CIRCUIT_H

#include "base/reason.h"
#include "sys/loop.h"

enum circuit_what { CIRCUIT_PROGRESS, CIRCUIT_UP, CIRCUIT_DOWN };

struct circuit_event { /* valid during the callback */
	enum circuit_what what;
	const char *word;   /* PROGRESS: initialising, dialing, ringing, answering, hanging-up */
	enum reason reason; /* DOWN: why it did not come up; REASON_NONE: it was hung up */
	const char *detail; /* DOWN: for people */
};

struct circuit;

struct circuit_ops {
	void (*event)(void *arg, const struct circuit_event *ev); /* may free the circuit at DOWN */
};

struct circuit_conf { /* all is copied */
	const char *address;
	const char *number; /* what to dial, in place of dial= ; NULL: dial= */
	int64_t deadline;   /* to be up, clock_ms */
	const struct circuit_ops *ops;
	void *arg;
	const char *back; /* unix:PATH of sp-back(8), for back: without via=; NULL: where it is by default */
};

#define CIRCUIT_HANGUP_MAX 5000 /* ms that hanging up takes at most */

/* Calls. NULL with errno and a constant reason: nothing was begun. */
struct circuit *circuit_call(struct loop *l, const struct circuit_conf *conf, const char **why);
/* Only looks whether a call could be placed: a device is opened, a modem set up,
 * and all is closed again. No number is dialed and no connection made that would
 * be a call. CIRCUIT_DOWN follows, with REASON_NONE when it works. */
struct circuit *circuit_probe(struct loop *l, const struct circuit_conf *conf, const char **why);
/* Non-blocking, close-on-exec, the circuit's; -1 when it is not up. */
int circuit_fd(const struct circuit *c);
const char *circuit_name(const struct circuit *c);     /* its address without the query */
const char *circuit_peer(const struct circuit *c);     /* who is at the other end, as far as known */
uint64_t circuit_speed(const struct circuit *c);       /* bit/s: CONNECT's, else declared; 0: unknown */
const char *circuit_protocol(const struct circuit *c); /* "V.42/LAPM"; "" unknown */
/* That a byte takes on the line: 10 (start, eight, stop); between modems 8, since they
 * correct errors by frames, unless they say that they do not. */
unsigned circuit_bits(const struct circuit *c);
/* An orderly end, at any time; DOWN follows. Twice is no harm. */
void circuit_hangup(struct circuit *c);
/* At once, without an event. NULL: nothing. */
void circuit_free(struct circuit *c);

/* A line that waits for calls. */
struct circuit_port;

struct circuit_port_ops {
	void (*ringing)(void *arg, const char *from); /* before it is answered; may be NULL */
	void (*missed)(void *arg, const char *from, const char *why); /* that came to nothing. May be NULL */
	/* A call, up. Its owner says circuit_own() at once, or circuit_free(). The port of
	 * a modem, tty or fd has one at a time, until that is down or freed. */
	void (*call)(void *arg, struct circuit *c);
	void (*trouble)(void *arg, const char *why); /* it does not work now; it is tried again. May be NULL */
	void (*over)(void *arg, const char *why);    /* no more calls can come; NULL: as it should be */
};

/* NULL with errno and a constant reason. */
struct circuit_port *circuit_listen(struct loop *l, const char *address, const struct circuit_port_ops *ops, void *arg, const char **why);
void circuit_own(struct circuit *c, const struct circuit_ops *ops, void *arg);
const char *circuit_port_name(const struct circuit_port *p);  /* as really bound, "tcp:HOST:PORT" */
const char *circuit_port_bound(const struct circuit_port *p); /* the same without its kind */
bool circuit_port_single(const struct circuit_port *p);       /* one call at a time */
/* At most so many calls at once, so that a kind that can says busy to the next
 * before it is answered. Without this: any number. NULL: nothing. */
void circuit_port_limit(struct circuit_port *p, uint64_t calls);
/* Takes no more calls; those that are there go on. */
void circuit_port_stop(struct circuit_port *p);
/* After its calls. NULL: nothing. */
void circuit_port_free(struct circuit_port *p);

#endif
