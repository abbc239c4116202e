/* gate_door_impl.h - inside gate_door.c (connections), gate_door_permit.c (permits), gate_door_packet.c (packets,
 * tunnel), gate_door_pool.c (addresses), gate_door_http.c (CONNECT). */
#ifndef SP_ENGINE_GATE_DOOR_IMPL_H
#define SP_ENGINE_GATE_DOOR_IMPL_H

#include "engine/gate_door.h"

#include "engine/chan.h"
#include "engine/party.h"
#include "engine/refusal.h"
#include "engine/shake.h"
#include "engine/source.h"
#include "wire/permit.h"

#define DOOR_ROWS 1024
#define DOOR_FIRST_MS 10000 /* for a permit, while a connection has none */
#define DOOR_WAITING 32 /* packets, while the tunnel is raised */

struct door_session {
	struct door_session *next; /* of its row, by workstation */
	struct door_client *client;
	struct permit permit;
	char id[64]; /* of the question whose rows its states are */
	bool open;   /* the other end is there */
};

struct door_client {
	struct door_client *next;
	struct gate_door *d;
	struct chan *chan;
	struct door_http *http; /* in place of chan */
	char source[SOURCE_TEXT], host[64];
	struct party party;
	bool known; /* by his certificate */
	unsigned sessions;
	int64_t refusals; /* ration.h: that are told */
	uint32_t address; /* of the pool, that it holds; 0: none */
	struct loop_timer late;
	bool over; /* to be freed at the loop's next turn */
};

struct gate_door {
	struct gate_door_conf conf;
	int fd;
	struct tunend *tun;
	struct gate_end *end;
	struct door_client *clients;
	unsigned nclients, nsessions;
	struct door_session *row[DOOR_ROWS];
	struct { uint8_t *p; size_t n; } waiting[DOOR_WAITING];
	unsigned nwaiting;
	uint64_t stray; /* packets of nobody who has a permit */
	uint32_t given;  /* the pool's address that was given last */
	struct loop_timer look, soon;
	struct guesses shakes;    /* handshakes */
	struct refusals refused;  /* that are told */
};

/* gate_door.c */
void door_client_free(struct door_client *c); /* and its sessions */
void door_tell_client(struct door_client *c, const char *event, const char *why);
void door_late(void *arg); /* of a client: it shows nothing */
void door_client_end(struct door_client *c); /* soon: from where others may be freed */
/* Its certificate counts no more: why. */
const char *door_client_still(const struct door_client *c);
/* gate_door_permit.c */
void door_record(void *arg, struct record *q); /* of a client; may free it */
struct door_session *door_session_of(const struct gate_door *d, uint32_t workstation);
void door_tell(struct gate_door *d, int step, const char *event, const struct door_session *s, const char *detail);
void door_answer(struct door_client *c, struct record *q, struct record *r, const char *why); /* r: with why NULL, done=1 is added */
/* Is the permit this user's? */
bool door_is_user(const struct door_client *c, const struct permit *p);
/* A row of its question: state=; or its end: error=, or done=1. detail may be NULL. */
void door_say(const struct door_session *s, const char *key, const char *value, const char *detail);
void door_session_end(struct gate_door *d, struct door_session *s);
/* Those that a function chooses: they end, and the gateway hears it. */
void door_end_some(struct gate_door *d, bool (*chosen)(const struct door_session *s, const void *arg), const void *arg);
/* gate_door_packet.c */
struct gate_end *door_end_new(struct gate_door *d); /* NULL: out of memory */
void door_packet(struct gate_door *d, uint8_t *ip, size_t n); /* of the TUN's */
void door_packets_clear(struct gate_door *d);

/* gate_door_pool.c */
/* NULL: this address is of the pool, and nobody else's. */
const char *door_address_refusal(const struct door_client *c, uint32_t address);
void door_address_give(struct door_client *c, struct record *q); /* op=address */
/* gate_door_http.c */
/* in: the first bytes of the client's channel, which ends. */
void door_http_begin(struct door_client *c, struct buf *in);
void door_http_free(struct door_http *h);
bool door_http_joined(const struct door_http *h);
struct stream *door_http_stream(const struct door_http *h);
void door_http_late(struct door_client *c);
/* The session is over: what leads to it is, too. */
void door_http_cut(struct gate_door *d, const struct door_session *s);

#endif
