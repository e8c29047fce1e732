#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

/* The file that a reader reads from, where it likes. */

#include <stddef.h>

#include "reader.h"

typedef struct {
  int descriptor;
  int64_t size_bytes;
} source_file;

/* Opens a file to be read. Otherwise than OK, `problem` says why. */
enum outcome open_source(source_file *file, const char *path, char problem[PROBLEM_BYTES]);

/* Reads bytes from `offset` on; `got` are fewer than `length` only where the file ends. */
enum outcome read_source(const source_file *file, int64_t offset, void *into, size_t length, size_t *got,
                         char problem[PROBLEM_BYTES]);

void close_source(source_file *file);

#endif
