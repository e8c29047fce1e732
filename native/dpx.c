/*
 * Rows of a DPX as codes: one image element of 8, 10, 12 or 16 bits, packed or filled. Where its samples are has been found
 * out of the header before (dpx-storage.ts); nothing of the file but its rows is read here.
 */

#include "dpx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"
#include "source_file.h"
#include "spread.h"

/* Bytes that are read at once, if a row is not longer: they stay in the cache until they are unpacked. */
#define READ_BYTES (256 * 1024)
/* Codes behind the end of a row that its last word may hold. */
#define SPARE_CODES 32
#define MOST_PIXELS_A_SIDE (1 << 20)

typedef struct dpx dpx;

struct dpx {
  reader of;
  source_file file;
  dpx_layout layout;
  int64_t row_bytes;    /* of a row's own samples; without what is behind them */
  uint8_t *bytes;       /* of some rows */
  int rows_at_once;
  uint16_t *codes;      /* of a row in the file's order, where they cannot be unpacked at once into planes */
  uint16_t *planes[3];  /* the same one three times where the channels are one */
  float *values[3];     /* where black and white are not the ends of the range */
  void (*unpack)(dpx *, const uint8_t *row);
};

/* How many planes there are to fill: one of grey. */
static int planes_of(const dpx *file) { return file->planes[1] == file->planes[0] ? 1 : 3; }

WIDE static void words_to_planes(const uint8_t *row, int width, const int shifts[3], uint16_t *red, uint16_t *green,
                                 uint16_t *blue, int swap) {
  const int first = shifts[0], second = shifts[1], third = shifts[2];
  for (int x = 0; x < width; x++) {
    uint32_t word;
    memcpy(&word, row + 4 * (size_t)x, 4);
    if (swap) word = __builtin_bswap32(word);
    red[x] = (uint16_t)(word >> first & 1023);
    green[x] = (uint16_t)(word >> second & 1023);
    blue[x] = (uint16_t)(word >> third & 1023);
  }
}

/* Three samples of 10 bits in a word, three channels: a pixel a word. */
static void unpack_rgb_words(dpx *file, const uint8_t *row) {
  const dpx_layout *layout = &file->layout;
  const int lowest = layout->filling == 1 ? 2 : 0;
  const int shifts[3] = {lowest + 20 - 10 * (int)layout->places[0], lowest + 20 - 10 * (int)layout->places[1],
                         lowest + 20 - 10 * (int)layout->places[2]};
  if (layout->is_little_endian)
    words_to_planes(row, file->of.width, shifts, file->planes[0], file->planes[1], file->planes[2], 0);
  else
    words_to_planes(row, file->of.width, shifts, file->planes[0], file->planes[1], file->planes[2], 1);
}

static inline uint32_t word_at(const uint8_t *bytes, int is_little_endian) {
  uint32_t word;
  memcpy(&word, bytes, 4);
  return is_little_endian ? word : __builtin_bswap32(word);
}

static void spread_all(dpx *file) {
  for (int plane = 0; plane < planes_of(file); plane++)
    spread_one(file->codes + file->layout.places[plane], file->of.width, (size_t)file->layout.channels, SHORTS,
               file->planes[plane]);
}

/* Three samples of 10 bits in a word, any number of channels. Of one channel the first sample is in the low bits. */
static void unpack_thirds(dpx *file, const uint8_t *row) {
  const int lowest = file->layout.filling == 1 ? 2 : 0;
  const int is_single = file->layout.channels == 1;
  const int first = lowest + (is_single ? 0 : 20), third = lowest + (is_single ? 20 : 0);
  const int64_t count = (int64_t)file->of.width * file->layout.channels;
  for (int64_t n = 0; n < count; n += 3, row += 4) {
    const uint32_t word = word_at(row, (int)file->layout.is_little_endian);
    file->codes[n] = (uint16_t)(word >> first & 1023);
    file->codes[n + 1] = (uint16_t)(word >> (lowest + 10) & 1023);
    file->codes[n + 2] = (uint16_t)(word >> third & 1023);
  }
  spread_all(file);
}

/* Samples of 10 or 12 bits one after the other through words of 32 bits, from the low end up. */
static void unpack_tight(dpx *file, const uint8_t *row) {
  const int bits = (int)file->layout.bits;
  const uint64_t mask = ((uint64_t)1 << bits) - 1;
  const int64_t count = (int64_t)file->of.width * file->layout.channels;
  uint64_t held = 0;
  int held_bits = 0;
  for (int64_t n = 0; n < count; n++) {
    if (held_bits < bits) {
      held |= (uint64_t)word_at(row, (int)file->layout.is_little_endian) << held_bits;
      held_bits += 32;
      row += 4;
    }
    file->codes[n] = (uint16_t)(held & mask);
    held >>= bits;
    held_bits -= bits;
  }
  spread_all(file);
}

static enum stored_sample stored_in(const dpx_layout *layout) {
  if (layout->bits == 8) return BYTES;
  const enum stored_sample in_order =
      layout->bits == 16 ? SHORTS : layout->filling == 1 ? HIGH_12_OF_SHORTS : LOW_12_OF_SHORTS;
  return layout->is_little_endian ? in_order : in_order + 1;
}

/* Samples of 8 bits, and those that have 16 to themselves. */
static void unpack_whole(dpx *file, const uint8_t *row) {
  const dpx_layout *layout = &file->layout;
  const spread_rgb all = spread_rgb_of(stored_in(layout), layout->channels);
  if (planes_of(file) == 3 && all != NULL) {
    all(row, file->of.width, layout->places, file->planes);
    return;
  }
  for (int plane = 0; plane < planes_of(file); plane++)
    spread_one(row + layout->places[plane] * (layout->bits == 8 ? 1 : 2), file->of.width, (size_t)layout->channels,
               stored_in(layout), file->planes[plane]);
}

/* Values of codes where some code above 0 is black, or one below the highest white. */
WIDE static void codes_to_values(const uint16_t *codes, float *values, int width, double low, double range) {
  for (int x = 0; x < width; x++) values[x] = (float)((codes[x] - low) / range);
}

static int is_whole_range(const dpx_layout *layout) {
  return layout->low == 0 && layout->high == ((int64_t)1 << layout->bits) - 1;
}

static enum outcome put_one_row(dpx *file, int row, const uint8_t *bytes, put_row put, void *state) {
  const dpx_layout *layout = &file->layout;
  file->unpack(file, bytes);
  sample_row samples = {file->planes[0], file->planes[1], file->planes[2]};
  if (!is_whole_range(layout)) {
    for (int plane = 0; plane < planes_of(file); plane++)
      codes_to_values(file->planes[plane], file->values[plane], file->of.width, (double)layout->low,
                      (double)(layout->high - layout->low));
    samples = (sample_row){file->values[0], file->values[1], file->values[2]};
  }
  if (put(state, row, &samples) == 0) return OK;
  snprintf(file->of.problem, PROBLEM_BYTES, "The rows were not taken.");
  return REFUSED_BY_SINK;
}

static enum outcome read_dpx_rows(reader *of, int first, int last, put_row put, void *state) {
  dpx *file = (dpx *)of;
  const dpx_layout *layout = &file->layout;
  for (int row = first; row <= last; row += file->rows_at_once) {
    const int rows = last - row + 1 < file->rows_at_once ? last - row + 1 : file->rows_at_once;
    const int64_t offset = layout->offset + (int64_t)row * layout->row_bytes;
    const size_t wanted = (size_t)((rows - 1) * layout->row_bytes + file->row_bytes);
    size_t got = 0;
    enum outcome outcome = read_source(&file->file, offset, file->bytes, wanted, &got, of->problem);
    if (outcome != OK) return outcome;
    for (int n = 0; n < rows; n++) {
      const int64_t end = n * layout->row_bytes + file->row_bytes;
      if ((size_t)end > got) {
        snprintf(of->problem, PROBLEM_BYTES, "The DPX ends at byte %lld, its pixels at %lld: it is truncated.",
                 (long long)(offset + (int64_t)got), (long long)(offset + end));
        return DAMAGED;
      }
      outcome = put_one_row(file, row + n, file->bytes + n * layout->row_bytes, put, state);
      if (outcome != OK) return outcome;
    }
  }
  return OK;
}

static void close_dpx(reader *of) {
  dpx *file = (dpx *)of;
  close_source(&file->file);
  for (int plane = 0; plane < 3; plane++) {
    if (plane == 0 || file->planes[plane] != file->planes[0]) free(file->planes[plane]);
    if (plane == 0 || file->values[plane] != file->values[0]) free(file->values[plane]);
  }
  free(file->codes);
  free(file->bytes);
  free(file);
}

/* Bytes of a row's samples, in whole words of 32 bits where they are packed or filled. */
static int64_t sample_bytes(const dpx_layout *layout) {
  const int64_t samples = layout->width * layout->channels;
  if (layout->bits == 10 && layout->filling > 0) return (samples + 2) / 3 * 4;
  if (layout->bits == 12 && layout->filling > 0) return samples * 2;
  if (layout->bits == 10 || layout->bits == 12) return (samples * layout->bits + 31) / 32 * 4;
  return samples * (layout->bits / 8);
}

/* Whoever calls wrongly is told so, and not read for. */
static int is_sound(const dpx_layout *layout) {
  const int64_t bits = layout->bits;
  if (bits != 8 && bits != 10 && bits != 12 && bits != 16) return 0;
  if (layout->width < 1 || layout->width > MOST_PIXELS_A_SIDE || layout->height < 1 || layout->height > MOST_PIXELS_A_SIDE) return 0;
  if (layout->channels < 1 || layout->channels > 8 || layout->filling < 0 || layout->filling > 2) return 0;
  for (int plane = 0; plane < 3; plane++)
    if (layout->places[plane] < 0 || layout->places[plane] >= layout->channels) return 0;
  if (layout->low < 0 || layout->high <= layout->low || layout->high >> bits != 0) return 0;
  return layout->offset >= 0 && layout->row_bytes >= sample_bytes(layout) && layout->row_bytes <= INT32_MAX;
}

static void choose_unpacking(dpx *file) {
  const dpx_layout *layout = &file->layout;
  const int is_rgb = planes_of(file) == 3;
  if (layout->bits == 10 && layout->filling > 0)
    file->unpack = is_rgb && layout->channels == 3 ? unpack_rgb_words : unpack_thirds;
  else if (layout->bits == 10 || (layout->bits == 12 && layout->filling == 0))
    file->unpack = unpack_tight;
  else
    file->unpack = unpack_whole;
}

static int make_room(dpx *file) {
  const dpx_layout *layout = &file->layout;
  const size_t width = (size_t)layout->width;
  const int is_grey = layout->places[0] == layout->places[1] && layout->places[1] == layout->places[2];
  file->rows_at_once = layout->row_bytes >= READ_BYTES ? 1 : (int)(READ_BYTES / layout->row_bytes);
  file->bytes = malloc((size_t)layout->row_bytes * (size_t)file->rows_at_once);
  file->codes = calloc(width * (size_t)layout->channels + SPARE_CODES, sizeof(uint16_t));
  for (int plane = 0; plane < 3; plane++) {
    const int is_first = plane == 0 || !is_grey;
    file->planes[plane] = is_first ? calloc(width, sizeof(uint16_t)) : file->planes[0];
    if (!is_whole_range(layout)) file->values[plane] = is_first ? calloc(width, sizeof(float)) : file->values[0];
    if (file->planes[plane] == NULL || (!is_whole_range(layout) && file->values[plane] == NULL)) return 0;
  }
  return file->bytes != NULL && file->codes != NULL;
}

reader *dpx_open(const char *path, const dpx_layout *layout, int *outcome, char *problem) {
  dpx *file = calloc(1, sizeof(dpx));
  *outcome = OUT_OF_MEMORY;
  snprintf(problem, PROBLEM_BYTES, "There is no memory to read the DPX with.");
  if (file == NULL) return NULL;
  file->file.descriptor = -1;
  file->layout = *layout;
  file->of = (reader){(int)layout->width, (int)layout->height, CODES, 0, read_dpx_rows, close_dpx, ""};
  if (!is_sound(layout)) {
    *outcome = UNSUPPORTED;
    snprintf(problem, PROBLEM_BYTES, "The DPX is not laid out in a way that is read.");
  } else if (make_room(file)) {
    file->row_bytes = sample_bytes(layout);
    file->of.kind = is_whole_range(layout) ? CODES : FLOATS;
    file->of.top_code = (1 << layout->bits) - 1;
    choose_unpacking(file);
    *outcome = (int)open_source(&file->file, path, problem);
    if (*outcome == OK) return &file->of;
  }
  close_dpx(&file->of);
  return NULL;
}
