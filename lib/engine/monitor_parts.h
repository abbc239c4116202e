/* monitor_parts.h - what the files of the monitor do for each other; comes with
 * monitor_impl.h, nobody else includes it. */
#ifndef SP_ENGINE_MONITOR_PARTS_H
#define SP_ENGINE_MONITOR_PARTS_H

struct party;
struct x509_st;

/* monitor.c */
void mon_send(struct monitor_client *c, struct record *r);
void mon_work_soon(struct monitor *m);
void mon_bury(struct monitor *m); /* frees those that are dead; not from within their own callbacks */

/* Who he is by his certificate. 0/-1 out of memory. */
int mon_user_of(struct monitor_client *c, struct party *p);
/* May more be read of this client, who has a channel? */
bool mon_reads(const struct monitor_client *c);

/* monitor_expiry.c: looks again when the next lease ends. */
void mon_expiry_arm(struct monitor *m);

/* monitor_limit.c */
bool mon_too_many_strangers(struct monitor *m, const char *source, const char *from);
bool mon_has_place(const struct monitor *m); /* may one come from the backlog? */
/* There is a place, if need be a stranger's. from: for the log. */
bool mon_make_place(struct monitor *m, const char *source, const char *from);
bool mon_still(struct monitor_client *c); /* his certificate is not revoked */
/* On record, unless too many are; shown: the certificate, or NULL. */
void mon_not_let_in(struct monitor *m, struct x509_st *shown, const char *event, const char *from, const char *why);
void mon_send_later(struct monitor_client *c, struct record *r, int64_t ms);
void mon_limit_free(struct monitor_client *c);

/* monitor_guess.c: a search's turn. What it costs is kept in t. How many ms it waits; -1: it
 * would wait for too long, and has none. Then how it ended. */
struct mon_turn { uint64_t who; int64_t cost; };
int64_t mon_turn_take(struct mon_ask *a, struct mon_turn *t);
void mon_turn_over(struct monitor *m, const struct mon_turn *t, bool found);

/* monitor_ops.c: monitor_ask, of what was first asked then; 0: now. */
void mon_ask_since(struct monitor_client *c, struct record *q, int64_t since);

/* monitor_wait.c: keeps the order of a client whose question waits; false: none does. */
bool mon_ask_behind(struct monitor_client *c, const struct record *q);
void mon_wait_free(struct monitor_client *c);

/* monitor_dgram.c */
void mon_peer_host(const struct mon_peer *p, char *out, size_t size);
void mon_peer_free(struct mon_peer *p);
void mon_dgrams_free(struct monitor *m); /* after the clients */

/* monitor_search.c: a step of one search; true when the client has searches that can go on. */
bool mon_search_step(struct monitor_client *c);
void mon_search_free(struct monitor_client *c);

/* monitor_watch.c: the call of this session has changed: tells everybody; or another
 * monitor may have changed it: tells who watches. */
void mon_changed(struct monitor *m, const char *session);
void mon_look(struct monitor *m, const char *session);
void mon_watch_free(struct monitor_client *c);

/* monitor_ticket.c */
int mon_ticket_open(struct monitor *m); /* 0/-1 errno */
void mon_ticket_close(struct monitor *m);
void mon_ticket_free(struct monitor_client *c);

#endif
