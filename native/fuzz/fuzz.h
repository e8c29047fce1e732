#ifndef FUZZ_H
#define FUZZ_H

/* What every fuzzed reader is given: small sound files of which bytes were changed. */

#include <stddef.h>
#include <stdint.h>

#include "../reader.h"

/* Always the same numbers after the same seed. */
uint64_t random_below(uint64_t limit);

/* Reads the file, whatever is in it; how often all rows of it could be read. Each program has its own. */
int read_changed(const char *path);

/* Reads rows from anywhere on, then all of them, looks at each sample, and closes; whether all was given. NULL is read as nothing. */
int all_rows(reader *);

#endif
