/* sum.c - the Internet checksum, RFC 1071: words of eight bytes and what they carry, in
 * the machine's byte order, which does not matter until the end. */
#include "wire/sum.h"

#include <arpa/inet.h>
#include <string.h>

#define STEP 32 /* bytes */

static uint64_t steps_of(const uint8_t *b, size_t steps)
{
	uint64_t sum = 0, carried = 0, w[STEP / sizeof sum];
	for (; steps > 0; steps--, b += STEP) {
		memcpy(w, b, sizeof w);
		for (unsigned i = 0; i < STEP / sizeof sum; i++)
			carried += __builtin_add_overflow(sum, w[i], &sum);
	}
	return (sum & 0xffffffff) + (sum >> 32) + carried;
}

uint16_t sum_of(const uint8_t *b, size_t n)
{
	size_t i = n - n % STEP;
	uint64_t sum = steps_of(b, n / STEP);
	uint32_t word = 0;
	for (; n - i >= sizeof word; i += sizeof word) {
		memcpy(&word, &b[i], sizeof word);
		sum += word;
	}
	word = 0;
	memcpy(&word, &b[i], n - i);
	sum += word;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ntohs((uint16_t)sum);
}
