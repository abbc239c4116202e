/* siphash.h - SipHash-2-4 (Aumasson, Bernstein): a hash whose collisions nobody can
 * choose who does not know the key. For tables that the network fills. */
#ifndef SP_BASE_SIPHASH_H
#define SP_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY], const uint8_t *p, size_t n);

#endif
