/* fuzz.h - what a fuzz target defines; driver.c calls it. Seeds for target NAME
 * are the files of tests/data/fuzz/NAME/. */
#ifndef SP_TESTS_FUZZ_H
#define SP_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

void fuzz_one(const uint8_t *p, size_t n);

#endif
