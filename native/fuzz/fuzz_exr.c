/*
 * Reads small EXR files of which bytes were changed, until the time is over: fuzz_exr SECONDS SEED FILE... Built with
 * sanitizers by scripts/fuzz-native; what they find ends it, and the file that did it is left in the folder it runs in.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../exr.h"

#define MOST_FILE_BYTES (1 << 20)

typedef struct {
  const char *name;
  uint8_t *bytes;
  size_t length;
} sample_file;

static uint64_t state;

static uint64_t random_below(uint64_t limit) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state % limit;
}

static sample_file load(const char *name) {
  sample_file file = {name, malloc(MOST_FILE_BYTES), 0};
  FILE *from = fopen(name, "rb");
  if (from == NULL || file.bytes == NULL) {
    perror(name);
    exit(2);
  }
  file.length = fread(file.bytes, 1, MOST_FILE_BYTES, from);
  fclose(from);
  return file;
}

/* Changes a few bytes, nearly always of the chunks, and sometimes cuts the end off. */
static size_t change(uint8_t *bytes, size_t length) {
  static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
  const size_t front = random_below(8) == 0 ? 0 : length / 8;
  for (uint64_t changes = 1 + random_below(8); changes > 0; changes--) {
    const size_t at = front + random_below(length - front);
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

static int look_at(void *sum, int row, const sample_row *samples) {
  const int *width = sum;
  const float *planes[3] = {samples->red, samples->green, samples->blue};
  volatile float last = 0;
  (void)row;
  for (int plane = 0; plane < 3; plane++)
    for (int x = 0; x < *width; x++) last = planes[plane][x];
  (void)last;
  return 0;
}

static int is_read(const char *path, const char *const channels[3], const double *weights) {
  char problem[PROBLEM_BYTES];
  int outcome = OK;
  reader *exr = exr_open(path, 0, channels[0], channels[1], channels[2], weights, &outcome, problem);
  if (exr == NULL) return 0;
  outcome = (int)exr->read_rows(exr, 0, exr->height - 1, look_at, &exr->width);
  exr->close(exr);
  return outcome == OK;
}

static void keep(const uint8_t *bytes, size_t length) {
  FILE *to = fopen("last.exr", "wb");
  if (to == NULL || fwrite(bytes, 1, length, to) != length) {
    perror("last.exr");
    exit(2);
  }
  fclose(to);
}

int main(int count, char **names) {
  static const char *const rgb[3] = {"R", "G", "B"}, *const chroma[3] = {"Y", "RY", "BY"}, *const depth[3] = {"Z", "Z", "Z"};
  static const double weights[3] = {0.2126, 0.7152, 0.0722};
  static uint8_t changed[MOST_FILE_BYTES];
  char path[64];
  uint64_t runs = 0, read = 0;
  if (count < 4) return 2;
  const time_t end = time(NULL) + atol(names[1]);
  state = strtoull(names[2], NULL, 10) * 2654435761u + 88172645463325252u;
  sample_file *files = calloc((size_t)count, sizeof *files);
  for (int index = 3; index < count; index++) files[index - 3] = load(names[index]);
  const int memory = memfd_create("fuzz", 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  while (time(NULL) < end) {
    const sample_file *file = &files[random_below((uint64_t)count - 3)];
    memcpy(changed, file->bytes, file->length);
    const size_t length = change(changed, file->length);
    keep(changed, length);
    if (ftruncate(memory, (off_t)length) != 0 || pwrite(memory, changed, length, 0) != (ssize_t)length) return 2;
    read += (uint64_t)(is_read(path, rgb, NULL) + is_read(path, chroma, weights) + is_read(path, depth, NULL));
    runs++;
  }
  printf("%llu changed files were opened, of %llu all rows were read\n", (unsigned long long)runs, (unsigned long long)read);
  for (int index = 3; index < count; index++) free(files[index - 3].bytes);
  free(files);
  close(memory);
  return runs > 0 ? 0 : 1;
}
