/* sum.c - the Internet checksum, RFC 1071: four bytes a step, in the machine's byte
 * order, which does not matter until the end. */
#include "wire/sum.h"

#include <arpa/inet.h>
#include <string.h>

uint16_t sum_of(const uint8_t *b, size_t n)
{
	uint64_t sum = 0;
	uint32_t word = 0;
	size_t i = 0;
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
