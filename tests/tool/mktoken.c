/* mktoken - a token such as the security server signs.
 *   mktoken KEY.pem KEY=VALUE ...   (user= is needed; until= defaults to an hour from now) */
#include "base/num.h"
#include "sys/key.h"
#include "wire/token.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what)
{
	fprintf(stderr, "mktoken: %s\n", what);
	exit(8);
}

int main(int argc, char **argv)
{
	struct record payload = { 0 };
	struct buf token;
	char until[TIME_TEXT];
	const char *why = "usage: mktoken KEY.pem KEY=VALUE ...";
	struct evp_pkey_st *key = argc > 1 ? token_key(argv[1], true, &why) : NULL;
	if (!key)
		fail(why);
	time_text(time(NULL) + 3600, until);
	record_set(&payload, "token_id", "t1");
	record_set(&payload, "until", until);
	for (int i = 2; i < argc; i++) {
		char *eq = strchr(argv[i], '=');
		if (!eq)
			fail(argv[i]);
		*eq = '\0';
		if (record_set(&payload, argv[i], eq + 1) != 0)
			fail(argv[i]);
	}
	buf_init(&token, TOKEN_MAX);
	if (token_sign(&payload, key, &token) != 0)
		fail("unable to sign");
	printf("%.*s\n", (int)token.len, token.data);
	buf_clear(&token);
	record_clear(&payload);
	key_free(key);
	return fflush(stdout) == 0 ? 0 : 8;
}
