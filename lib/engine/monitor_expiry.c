/* monitor_expiry.c - leases that nobody renewed: freed when their time is over, whichever
 * monitor on this store gave them. */
#include "engine/monitor_impl.h"

#include "engine/calls.h"

#include <time.h>

#define EXPIRED_A_TURN 16
#define RETRY_MS 1000
#define LOOK_MS 60000

static void expire(void *arg)
{
	struct monitor *m = arg;
	struct record lease = { 0 };
	int rc = 1;
	for (unsigned i = 0; i < EXPIRED_A_TURN && rc == 1; i++) {
		rc = calls_expire(m->conf.store, time(NULL), &lease);
		if (rc != 1)
			break;
		mon_changed(m, record_str(&lease, "session"));
		record_drop(&lease, "lease");
		if (m->conf.log)
			m->conf.log(m->conf.arg, 313, "expired", &lease);
	}
	record_clear(&lease);
	if (rc < 0) /* the store is locked: by who has it for longer than another monitor */
		loop_at(m->conf.loop, &m->expiry, clock_deadline(RETRY_MS), expire, m);
	else
		mon_expiry_arm(m);
}

void mon_expiry_arm(struct monitor *m)
{
	time_t until;
	struct timespec now;
	int rc = calls_next(m->conf.store, &until);
	clock_gettime(CLOCK_REALTIME, &now);
	/* None: another monitor on this store may make one, and end. */
	int64_t ms = rc < 0 ? RETRY_MS : rc == 0 ? LOOK_MS : (int64_t)(until - now.tv_sec) * 1000 - now.tv_nsec / 1000000 + 1;
	loop_at(m->conf.loop, &m->expiry, clock_ms() + (ms < 10 ? 10 : ms > LOOK_MS ? LOOK_MS : ms), expire, m);
}
