/* search.c - a page of a search as the monitor does it (grants, way, 50 rows)
 * beside the same rows by one hand-written SQL text without grants, in one
 * process, page cache warm. search STORE USER: rows WHAT <TAB> OURS <TAB> PEER, us of CPU of CPU. */
#include "base/num.h"
#include "engine/search.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 200

struct question {
	const char *what, *ask, *sql;
};

static const struct question questions[] = {
	{ "first 7 digits of a serial", "serial=0000791", "SELECT * FROM systems WHERE serial_fold>='0000791' AND serial_fold<'0000792' LIMIT 50" },
	{ "last 6 digits of a serial", "serial=404321", "SELECT * FROM systems WHERE serial_back>='123404' AND serial_back<'123405' LIMIT 50" },
	{ "one digit of a serial", "serial=0", "SELECT * FROM systems WHERE serial_fold>='0' AND serial_fold<'1' LIMIT 50" },
	{ "part of a customer's name", "customer=1777 BANK", "SELECT s.* FROM customers c JOIN systems s ON s.customer=c.customer WHERE c.name LIKE '%1777 bank%' LIMIT 50" },
	{ "part of every customer's name", "customer=bank", "SELECT s.* FROM customers c JOIN systems s ON s.customer=c.customer WHERE c.name LIKE '%bank%' LIMIT 50" },
	{ "customer, model and serial", "customer=bank\tmodel=M3\tserial=99", "SELECT s.* FROM systems s JOIN customers c ON s.customer=c.customer WHERE s.serial_fold>='99' AND s.serial_fold<'9:' AND c.name LIKE '%bank%' AND s.model='M3' LIMIT 50" },
	{ "a phone number", "phone=+10000031000", "SELECT * FROM systems WHERE phone='+10000031000' LIMIT 50" },
	{ "everything there is", "", "SELECT * FROM systems LIMIT 50" },
};

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int row(void *arg, struct record *r)
{
	unsigned *n = arg;
	*n += r->n > 0;
	return 0;
}

static unsigned ours(struct store *s, struct record *who, const char *ask, int64_t *longest)
{
	struct record q = { 0 };
	struct reach reach;
	struct search search;
	const char *why = "";
	unsigned n = 0;
	int rc;
	if (*ask)
		record_parse(&q, view_of(ask), &why);
	record_set(&q, "limit", "50");
	if (reach_of(&reach, s, who, time(NULL)) != 1 || search_init(&search, s, &reach, &q, &why) != 1) {
		fprintf(stderr, "search: %s %s\n", store_why(s), why ? why : "");
		exit(8);
	}
	do {
		int64_t began = now_us();
		rc = search_step(&search, row, &n);
		if (now_us() - began > *longest)
			*longest = now_us() - began;
	} while (rc == 1);
	search_clear(&search);
	reach_clear(&reach);
	record_clear(&q);
	return n;
}

static unsigned peer(struct store *s, const char *sql)
{
	struct sqlite3_stmt *st = store_use(s, false, sql);
	unsigned n = 0;
	while (st && store_step(s, st) == 1)
		n++;
	return n;
}

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	char why[256];
	struct record who = { 0 };
	struct store *s = argc == 3 ? store_open(argv[1], STORE_READ, why, sizeof why) : NULL;
	if (!s || record_set(&who, "user", argv[2]) != 0)
		return 2;
	int64_t longest = 0;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		int64_t a[ROUNDS], b[ROUNDS];
		unsigned rows = 0;
		for (int round = 0; round < ROUNDS; round++) {
			int64_t t0 = now_us();
			rows = ours(s, &who, questions[i].ask, &longest);
			int64_t t1 = now_us();
			peer(s, questions[i].sql);
			a[round] = t1 - t0;
			b[round] = now_us() - t1;
		}
		qsort(a, ROUNDS, sizeof *a, by_value);
		qsort(b, ROUNDS, sizeof *b, by_value);
		printf("search, %s (%u rows), us\t%lld\t%lld\n", questions[i].what, rows, (long long)a[ROUNDS / 2], (long long)b[ROUNDS / 2]);
	}
	printf("search, longest step, us\t%lld\t-\n", (long long)longest);
	record_clear(&who);
	store_close(s);
	return 0;
}
