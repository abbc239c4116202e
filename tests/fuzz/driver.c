/* driver.c - runs a fuzz target for a fixed number of seeded rounds.
 *   target ROUNDS [SEED-FILE ...]
 * A target is one file in this folder that defines fuzz_one(), and may start
 * from the seed files given: each round takes one, mutates it, and hands it on.
 * The same rounds every time: the generator is seeded with a constant. A crash
 * or a sanitizer's report is the failure; the round is printed before it. */
#include "fuzz/fuzz.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 4096
#define SEEDS_MAX 256

static struct { uint8_t *p; size_t n; } seeds[SEEDS_MAX];
static size_t nseeds;
static uint64_t state = 0x9e3779b97f4a7c15u;
static volatile unsigned long round_no;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (uint32_t)((state >> 32) % below) : 0;
}

static void load(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f || nseeds == SEEDS_MAX) {
		perror(path);
		exit(8);
	}
	seeds[nseeds].p = malloc(INPUT_MAX);
	seeds[nseeds].n = seeds[nseeds].p ? fread(seeds[nseeds].p, 1, INPUT_MAX, f) : 0;
	nseeds++;
	fclose(f);
}

static size_t mutate(uint8_t *b, size_t n)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7e, 0x7d, '\n', '\t', '=', '\\' };
	for (uint32_t i = draw(8); i > 0; i--) {
		size_t at = n ? draw((uint32_t)n) : 0, len = draw(16);
		switch (draw(6)) {
		case 0: if (n) b[at] ^= (uint8_t)(1u << draw(8)); break;
		case 1: if (n) b[at] = edges[draw(sizeof edges)]; break;
		case 2: if (n) b[at] = (uint8_t)draw(256); break;
		case 3: n = at; break; /* cut */
		case 4: if (n + len <= INPUT_MAX && n) { memmove(b + at + len, b + at, n - at); n += len; } break;
		default: if (at + len <= n) { memmove(b + at, b + at + len, n - at - len); n -= len; } break;
		}
	}
	return n;
}

static void died(int sig)
{
	char text[64];
	int n = snprintf(text, sizeof text, "# signal %d in round %lu\n", sig, round_no);
	if (n > 0 && write(1, text, (size_t)n) < 0)
		_exit(1);
	signal(sig, SIG_DFL);
	raise(sig);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	uint8_t b[INPUT_MAX];
	for (int i = 2; i < argc; i++)
		load(argv[i]);
	signal(SIGSEGV, died);
	signal(SIGABRT, died);
	for (round_no = 0; round_no < rounds; round_no++) {
		size_t n = 0;
		if (nseeds && draw(8)) {
			size_t s = draw((uint32_t)nseeds);
			n = seeds[s].n;
			memcpy(b, seeds[s].p, n);
		} else {
			n = draw(200);
			for (size_t i = 0; i < n; i++)
				b[i] = (uint8_t)draw(256);
		}
		fuzz_one(b, mutate(b, n));
	}
	const char *name = strrchr(argv[0], '/');
	printf("ok 1 - fuzz %s: %lu rounds\n1..1\n", name ? name + 1 : argv[0], rounds);
	return 0;
}
