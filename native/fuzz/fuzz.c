/*
 * Changes files and has them read until the time is over: PROGRAM SECONDS SEED FILE... Built with sanitizers by
 * scripts/fuzz-native; what they find ends it, and the file that did it is left in the folder it runs in, as `last`.
 */

#define _GNU_SOURCE

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILE_BYTES (1 << 20)
/* Where headers are, at the beginning or at the end. */
#define HEADER_BYTES 400

typedef struct {
  uint8_t *bytes;
  size_t length;
} sample_file;

static uint64_t state;

uint64_t random_below(uint64_t limit) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state % limit;
}

static sample_file load(const char *name) {
  sample_file file = {malloc(MOST_FILE_BYTES), 0};
  FILE *from = fopen(name, "rb");
  if (from == NULL || file.bytes == NULL) {
    perror(name);
    exit(2);
  }
  file.length = fread(file.bytes, 1, MOST_FILE_BYTES, from);
  fclose(from);
  return file;
}

/* Changes a few bytes, of headers as often as of everything, and sometimes cuts the end off. */
static size_t change(uint8_t *bytes, size_t length) {
  static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
  const size_t window = random_below(2) == 0 ? length : length < HEADER_BYTES ? length : HEADER_BYTES;
  const size_t begin = random_below(2) == 0 ? 0 : length - window;
  for (uint64_t changes = 1 + random_below(6); changes > 0; changes--) {
    const size_t at = begin + random_below(window);
    switch (random_below(3)) {
    case 0:
      bytes[at] ^= (uint8_t)(1u << random_below(8));
      break;
    case 1:
      bytes[at] = odd[random_below(sizeof odd)];
      break;
    default:
      bytes[at] = (uint8_t)random_below(256);
    }
  }
  return random_below(16) == 0 ? 1 + random_below(length) : length;
}

static int look_at(void *of, int row, const sample_row *samples) {
  const reader *from = of;
  const void *planes[3] = {samples->red, samples->green, samples->blue};
  volatile float last = 0;
  (void)row;
  for (int plane = 0; plane < 3; plane++)
    for (int x = 0; x < from->width; x++) {
      if (from->kind == CODES && ((const uint16_t *)planes[plane])[x] > from->top_code) abort();
      last = from->kind == CODES ? ((const uint16_t *)planes[plane])[x] : ((const float *)planes[plane])[x];
    }
  (void)last;
  return 0;
}

int all_rows(reader *from) {
  if (from == NULL) return 0;
  const int begin = (int)random_below((uint64_t)from->height);
  const int first = from->read_rows(from, begin, from->height - 1, look_at, from);
  const int second = from->read_rows(from, 0, from->height - 1, look_at, from);
  from->close(from);
  return first == OK && second == OK;
}

static void keep(const uint8_t *bytes, size_t length) {
  FILE *to = fopen("last", "wb");
  if (to == NULL || fwrite(bytes, 1, length, to) != length) {
    perror("last");
    exit(2);
  }
  fclose(to);
}

int main(int count, char **names) {
  static uint8_t changed[MOST_FILE_BYTES];
  char path[64];
  uint64_t runs = 0, read = 0;
  if (count < 4) return 2;
  const time_t end = time(NULL) + atol(names[1]);
  state = strtoull(names[2], NULL, 10) * 2654435761u + 88172645463325252u;
  sample_file *files = calloc((size_t)count, sizeof *files);
  if (files == NULL) return 2;
  for (int index = 3; index < count; index++) files[index - 3] = load(names[index]);
  const int memory = memfd_create("fuzz", 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  while (time(NULL) < end) {
    const sample_file *file = &files[random_below((uint64_t)count - 3)];
    memcpy(changed, file->bytes, file->length);
    const size_t length = change(changed, file->length);
    keep(changed, length);
    if (ftruncate(memory, (off_t)length) != 0 || pwrite(memory, changed, length, 0) != (ssize_t)length) return 2;
    read += (uint64_t)read_changed(path);
    runs++;
  }
  printf("%llu changed files were opened, and %llu times all rows were read\n", (unsigned long long)runs,
         (unsigned long long)read);
  for (int index = 3; index < count; index++) free(files[index - 3].bytes);
  free(files);
  close(memory);
  return runs > 0 ? 0 : 1;
}
