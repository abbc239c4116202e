/* radius_record.h - from sp's records to RADIUS requests. Keys: sp-auth(1). */
#ifndef SP_WIRE_RADIUS_RECORD_H
#define SP_WIRE_RADIUS_RECORD_H

#include "base/record.h"
#include "wire/radius.h"
#include "wire/username.h"

#include <time.h>

struct radius_record_conf {
	const struct secret *secret;
	const char *nas_id;      /* NAS-Identifier where the record has no router= */
	enum username_form form; /* of User-Name */
	time_t now;              /* Event-Timestamp of accounting */
	const uint8_t *random;   /* RADIUS_RANDOM bytes */
};

/* user= [domain=] password= or chap_id= chap_challenge= chap_response= [service=]
 * [calling=] [line=] [router=] [state=, of a challenge that this answers] as a sealed Access-Request. 1, or -1 with a
 * constant reason: the record cannot be asked about. */
int radius_access(struct radius_packet *p, struct record *r, const struct radius_record_conf *conf,
                  const char **why);

/* acct= session= user= router= line= phone= address= workstation= seconds=
 * in_bytes= out_bytes= reason= as a sealed Accounting-Request. The same. */
int radius_accounting(struct radius_packet *p, struct record *r, const struct radius_record_conf *conf,
                      const char **why);

/* Wipes, where they stand, and drops password=, group_password=, chap_*: what
 * no record carries on. The line that r was parsed from must be writable. */
void radius_record_strip(struct record *r);

#endif
