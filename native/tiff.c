/*
 * Rows of a TIFF: integers of 8 and 16 bits as codes, all else as floats. Palettes, CMYK, luminance with chroma, white that
 * is zero and colours beside an alpha that they are not multiplied by become plain red, green and blue here.
 */

#include "tiff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source_file.h"
#include "spread.h"
#include "tiff_rows.h"

#define MOST_PLANES 4

enum element { UINT_8, UINT_16, INT_8, INT_16, UINT_32, INT_32, HALF, FLOAT_32, FLOAT_64 };

static const size_t ELEMENT_BYTES[] = {1, 2, 1, 2, 4, 4, 2, 4, 8};

/* One sample of each pixel: where the first is, and how many samples further the next. */
typedef struct {
  const uint8_t *first;
  size_t step;
} strided;

typedef struct tiff tiff;
struct tiff {
  reader of;
  source_file file;
  tiff_order order;
  tiff_shape shape;
  tiff_rows rows[MOST_PLANES]; /* one, or one for each plane that is read */
  int row_count;
  int components; /* samples that are read: 1 or 3, 4 of CMYK, and one more for alpha */
  int64_t places[MOST_PLANES]; /* of the components, among the samples of a pixel */
  enum element element;
  uint16_t *unpacked;    /* a row of samples that do not fill bytes, and what each of their codes becomes */
  uint16_t *meaning;
  uint16_t *palette[3];
  uint16_t *codes[MOST_PLANES];
  float *values[MOST_PLANES];
  enum outcome (*convert)(tiff *, const strided *, sample_row *);
};

static int is_grey(const tiff_order *order) {
  return order->places[0] == order->places[1] && order->places[1] == order->places[2];
}

static int is_packed(const tiff_shape *shape) { return shape->bits < 16 && shape->bits != 8; }

/* Samples of 1 to 15 bits, from the high end of each byte on. */
static void unpack_bits(const uint8_t *row, size_t count, int bits, const uint16_t *meaning, uint16_t *to) {
  const uint32_t mask = (1u << bits) - 1;
  uint32_t held = 0;
  int held_bits = 0;
  for (size_t n = 0; n < count; n++) {
    while (held_bits < bits) {
      held = held << 8 | *row++;
      held_bits += 8;
    }
    held_bits -= bits;
    const uint16_t code = (uint16_t)(held >> held_bits & mask);
    to[n] = meaning == NULL ? code : meaning[code];
  }
}

/* The component's samples of a row, all planes read as far as they are needed. */
static enum outcome find_components(tiff *file, int row, strided *components) {
  const tiff_shape *shape = &file->shape;
  const size_t samples = shape->is_separate ? 1 : shape->samples;
  const uint8_t *bytes = NULL;
  for (int n = 0; n < file->components; n++) {
    if (n < file->row_count) {
      const enum outcome outcome = tiff_row(&file->rows[n], row, &bytes);
      if (outcome != OK) return outcome;
    }
    const size_t place = shape->is_separate ? 0 : (size_t)file->places[n];
    if (!is_packed(shape)) {
      components[n] = (strided){bytes + place * ELEMENT_BYTES[file->element], samples};
      continue;
    }
    uint16_t *to = file->unpacked + (shape->is_separate ? (size_t)n * shape->width : 0);
    if (n < file->row_count) unpack_bits(bytes, samples * shape->width, shape->bits, file->meaning, to);
    components[n] = (strided){(const uint8_t *)(to + place), samples};
  }
  return OK;
}

static enum stored_sample stored_as(const tiff *file) {
  return file->element == UINT_8 && !is_packed(&file->shape) ? BYTES : SHORTS;
}

static void component_codes(const tiff *file, const strided *component, uint16_t *codes) {
  spread_one(component->first, file->of.width, component->step, stored_as(file), codes);
}

/* Whether the samples are the codes, one behind the other. */
static int is_in_place(const tiff *file, const strided *component) {
  return component->step == 1 && stored_as(file) == SHORTS;
}

/* All samples of the pixels that the components are of, where these stand together. */
static const void *pixels_of(const tiff *file, const strided *components) {
  return components[0].first - (size_t)file->places[0] * (stored_as(file) == BYTES ? 1 : 2);
}

static enum outcome convert_codes(tiff *file, const strided *components, sample_row *to) {
  const spread_rgb all = file->row_count == 1 ? spread_rgb_of(stored_as(file), (int64_t)components[0].step) : NULL;
  const void *planes[3] = {file->codes[0], file->codes[1], file->codes[2]};
  if (file->components == 3 && all != NULL) {
    all(pixels_of(file, components), file->of.width, file->places, file->codes);
  } else {
    for (int n = 0; n < file->components; n++) {
      if (is_in_place(file, &components[n]))
        planes[n] = components[n].first;
      else
        component_codes(file, &components[n], file->codes[n]);
    }
  }
  *to = (sample_row){planes[0], planes[file->components == 1 ? 0 : 1], planes[file->components == 1 ? 0 : 2]};
  return OK;
}

/* White is zero: of 8 bits, and of fewer, which have become 8. */
WIDE static void invert(uint16_t *codes, int count) {
  for (int x = 0; x < count; x++) codes[x] = 255 - codes[x];
}

static enum outcome convert_inverted(tiff *file, const strided *components, sample_row *to) {
  component_codes(file, &components[0], file->codes[0]);
  invert(file->codes[0], file->of.width);
  *to = (sample_row){file->codes[0], file->codes[0], file->codes[0]};
  return OK;
}

/* Products of codes are rounded as codes. */
WIDE static void multiply_codes(uint16_t *codes, const uint16_t *alpha, int count, uint32_t top) {
  for (int x = 0; x < count; x++) codes[x] = (uint16_t)((codes[x] * (uint32_t)alpha[x] + top / 2) / top);
}

static enum outcome convert_codes_by_alpha(tiff *file, const strided *components, sample_row *to) {
  const int colours = file->components - 1;
  for (int n = 0; n < file->components; n++) component_codes(file, &components[n], file->codes[n]);
  for (int n = 0; n < colours; n++)
    if (file->places[n] != file->order.alpha)
      multiply_codes(file->codes[n], file->codes[colours], file->of.width, (uint32_t)file->of.top_code);
  *to = (sample_row){file->codes[0], file->codes[colours == 1 ? 0 : 1], file->codes[colours == 1 ? 0 : 2]};
  return OK;
}

static enum outcome convert_palette(tiff *file, const strided *components, sample_row *to) {
  uint16_t *index = file->codes[3];
  component_codes(file, &components[0], index);
  for (int plane = 0; plane < 3; plane++) {
    const uint16_t *colours = file->palette[file->order.places[plane]];
    for (int x = 0; x < file->of.width; x++) file->codes[plane][x] = colours[index[x]];
  }
  *to = (sample_row){file->codes[0], file->codes[1], file->codes[2]};
  return OK;
}

WIDE static void ink_to_light(uint16_t *ink, const uint16_t *black, int count, float top) {
  const float part = 1 / top;
  for (int x = 0; x < count; x++)
    ink[x] = (uint16_t)((1 - (float)ink[x] * part) * (1 - (float)black[x] * part) * top + 0.5f);
}

static enum outcome convert_inks(tiff *file, const strided *components, sample_row *to) {
  const int64_t *places = file->order.places;
  for (int n = 0; n < 4; n++) component_codes(file, &components[n], file->codes[n]);
  for (int n = 0; n < 3; n++) ink_to_light(file->codes[n], file->codes[3], file->of.width, (float)file->of.top_code);
  *to = (sample_row){file->codes[places[0]], file->codes[places[1]], file->codes[places[2]]};
  return OK;
}

#define FLOATS_OF(name, type, read)                                                                                    \
  WIDE static void name(const uint8_t *first, size_t step, int count, float *to) {                                     \
    const type *samples = (const type *)(const void *)first;                                                           \
    for (int x = 0; x < count; x++) to[x] = read(samples[(size_t)x * step]);                                           \
  }

#define OF_INT_8(value) ((float)((value) * (1.0 / 127)))
#define OF_INT_16(value) ((float)((value) * (1.0 / 32767)))
#define OF_UINT_32(value) ((float)((value) * (1.0 / 4294967295.0)))
#define OF_INT_32(value) ((float)((value) * (1.0 / 2147483647.0)))
#define OF_FLOAT(value) ((float)(value))

FLOATS_OF(int_8_floats, int8_t, OF_INT_8)
FLOATS_OF(int_16_floats, int16_t, OF_INT_16)
FLOATS_OF(uint_32_floats, uint32_t, OF_UINT_32)
FLOATS_OF(int_32_floats, int32_t, OF_INT_32)
FLOATS_OF(float_floats, float, OF_FLOAT)
FLOATS_OF(double_floats, double, OF_FLOAT)
#if defined(__FLT16_MANT_DIG__)
FLOATS_OF(half_floats, _Float16, OF_FLOAT)
#define HALF_FLOATS half_floats
#else
#define HALF_FLOATS NULL
#endif

/* In the order of enum element. */
static void (*const FLOATS_FROM[])(const uint8_t *, size_t, int, float *) = {
    NULL, NULL, int_8_floats, int_16_floats, uint_32_floats, int_32_floats, HALF_FLOATS, float_floats, double_floats,
};

WIDE static void multiply_floats(float *values, const float *alpha, int count) {
  for (int x = 0; x < count; x++) values[x] *= alpha[x];
}

static enum outcome convert_floats(tiff *file, const strided *components, sample_row *to) {
  const int has_alpha = file->order.alpha >= 0;
  const int colours = file->components - has_alpha;
  const void *planes[MOST_PLANES];
  for (int n = 0; n < file->components; n++) {
    planes[n] = file->values[n];
    if (file->element == FLOAT_32 && components[n].step == 1 && !has_alpha)
      planes[n] = components[n].first;
    else
      FLOATS_FROM[file->element](components[n].first, components[n].step, file->of.width, file->values[n]);
  }
  if (has_alpha)
    for (int n = 0; n < colours; n++)
      if (file->places[n] != file->order.alpha) multiply_floats(file->values[n], file->values[colours], file->of.width);
  *to = (sample_row){planes[0], planes[colours == 1 ? 0 : 1], planes[colours == 1 ? 0 : 2]};
  return OK;
}

static enum outcome read_rows_of_tiff(reader *of, int first, int last, put_row put, void *state) {
  tiff *file = (tiff *)of;
  for (int row = first; row <= last; row++) {
    strided components[MOST_PLANES];
    sample_row samples;
    enum outcome outcome = find_components(file, row, components);
    if (outcome == OK) outcome = file->convert(file, components, &samples);
    if (outcome != OK) return outcome;
    if (put(state, row, &samples) != 0) {
      snprintf(of->problem, PROBLEM_BYTES, "The rows were not taken.");
      return REFUSED_BY_SINK;
    }
  }
  return OK;
}

static void close_tiff(reader *of) {
  tiff *file = (tiff *)of;
  for (int n = 0; n < MOST_PLANES; n++) {
    close_tiff_rows(&file->rows[n]);
    free(file->codes[n]);
    free(file->values[n]);
  }
  for (int n = 0; n < 3; n++) free(file->palette[n]);
  free(file->unpacked);
  free(file->meaning);
  close_source(&file->file);
  free(file);
}

static enum outcome unsupported(tiff *file, const char *what) {
  snprintf(file->of.problem, PROBLEM_BYTES, "TIFF pictures of this kind are not read: %s.", what);
  return UNSUPPORTED;
}

static enum outcome choose_element(tiff *file) {
  const tiff_shape *shape = &file->shape;
  const int bits = shape->bits;
  if (shape->format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 32 || bits == 64))
    file->element = bits == 16 ? HALF : bits == 32 ? FLOAT_32 : FLOAT_64;
  else if (shape->format == SAMPLEFORMAT_INT && (bits == 8 || bits == 16 || bits == 32))
    file->element = bits == 8 ? INT_8 : bits == 16 ? INT_16 : INT_32;
  /* Void is what libtiff makes of the old tag DataType, which says no more. */
  else if ((shape->format == SAMPLEFORMAT_UINT || shape->format == SAMPLEFORMAT_VOID) && bits >= 1 && (bits <= 16 || bits == 32))
    file->element = bits <= 8 ? UINT_8 : bits <= 16 ? UINT_16 : UINT_32;
  else
    return unsupported(file, "samples of another type");
  file->of.kind = file->element <= UINT_16 ? CODES : FLOATS;
  file->of.top_code = file->element == UINT_8 ? 255 : 65535;
  if (file->of.kind == FLOATS && FLOATS_FROM[file->element] == NULL) return unsupported(file, "floats of 16 bits");
  return OK;
}

/* Codes of fewer bits as ones of 8 or 16, rounded down. A palette's are taken as they are. */
static enum outcome make_meaning(tiff *file) {
  const uint32_t highest = (1u << file->shape.bits) - 1;
  file->meaning = malloc((highest + 1) * sizeof(uint16_t));
  if (file->meaning == NULL) return OUT_OF_MEMORY;
  for (uint32_t code = 0; code <= highest; code++)
    file->meaning[code] = (uint16_t)((uint64_t)code * (uint32_t)file->of.top_code / highest);
  return OK;
}

static enum outcome choose_palette(tiff *file) {
  uint16_t *colours[3] = {NULL, NULL, NULL};
  const uint32_t entries = 1u << file->shape.bits;
  if (file->shape.samples != 1 || file->element > UINT_16) return unsupported(file, "a palette beside other samples");
  if (!TIFFGetField(file->rows[0].tif, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2]))
    return unsupported(file, "a palette without colours");
  for (int n = 0; n < 3; n++) {
    file->palette[n] = malloc(entries * sizeof(uint16_t));
    if (file->palette[n] == NULL) return OUT_OF_MEMORY;
    for (uint32_t code = 0; code < entries; code++) file->palette[n][code] = colours[n][code] / 257;
  }
  file->of.top_code = 255;
  file->components = 1;
  file->places[0] = 0;
  file->convert = convert_palette;
  return OK;
}

static enum outcome choose_inks(tiff *file) {
  if (file->shape.samples != 4 || file->element > UINT_16 || is_packed(&file->shape))
    return unsupported(file, "inks other than four of 8 or 16 bits");
  file->components = 4;
  for (int n = 0; n < 4; n++) file->places[n] = n;
  file->convert = convert_inks;
  return OK;
}

static enum outcome choose_colours(tiff *file) {
  const tiff_order *order = &file->order;
  const int colours = is_grey(order) ? 1 : 3;
  const int has_alpha = order->alpha >= 0;
  file->components = colours + has_alpha;
  for (int n = 0; n < colours; n++) file->places[n] = order->places[n];
  if (has_alpha) file->places[colours] = order->alpha;
  file->convert = file->of.kind == FLOATS ? convert_floats : has_alpha ? convert_codes_by_alpha : convert_codes;
  if (file->shape.photometric != PHOTOMETRIC_MINISWHITE) return OK;
  if (file->components != 1 || file->element != UINT_8) return unsupported(file, "white is zero");
  file->convert = convert_inverted;
  return OK;
}

static enum outcome choose_conversion(tiff *file) {
  const enum outcome outcome = choose_element(file);
  if (outcome != OK) return outcome;
  switch (file->shape.photometric) {
  case PHOTOMETRIC_PALETTE:
    return choose_palette(file);
  case PHOTOMETRIC_SEPARATED:
    return choose_inks(file);
  case PHOTOMETRIC_MINISWHITE:
  case PHOTOMETRIC_MINISBLACK:
  case PHOTOMETRIC_RGB:
  case PHOTOMETRIC_YCBCR:
    return choose_colours(file);
  default:
    return unsupported(file, "its colours");
  }
}

/* What the order says is what the caller read of the same header. */
static enum outcome check_order(tiff *file) {
  const tiff_order *order = &file->order;
  const tiff_shape *shape = &file->shape;
  const int64_t samples = shape->is_as_rgba ? 3 : shape->samples;
  const int is_same = shape->width == order->width && shape->height == order->height && samples == order->samples;
  const int64_t named = shape->photometric == PHOTOMETRIC_PALETTE || shape->photometric == PHOTOMETRIC_SEPARATED ? 3 : samples;
  int has_places = order->alpha < samples && order->width <= INT32_MAX && order->height <= INT32_MAX;
  for (int n = 0; n < 3; n++) has_places = has_places && order->places[n] >= 0 && order->places[n] < named;
  if (is_same && has_places) return OK;
  snprintf(file->of.problem, PROBLEM_BYTES, "The TIFF's directory can be read in two ways: it is inconsistent.");
  return DAMAGED;
}

static int make_room(tiff *file) {
  const size_t width = (size_t)file->of.width;
  const size_t unpacked = width * (file->shape.is_separate ? (size_t)file->components : file->shape.samples);
  for (int n = 0; n < MOST_PLANES; n++) {
    if (file->of.kind == CODES) file->codes[n] = calloc(width, sizeof(uint16_t));
    if (file->of.kind == FLOATS) file->values[n] = calloc(width, sizeof(float));
    if (file->codes[n] == NULL && file->values[n] == NULL) return 0;
  }
  if (!is_packed(&file->shape)) return 1;
  file->unpacked = calloc(unpacked, sizeof(uint16_t));
  return file->unpacked != NULL;
}

/* One reader of rows for each plane that is needed: each keeps its own place in the file. */
static enum outcome start_rows(tiff *file) {
  file->row_count = file->shape.is_separate ? file->components : 1;
  for (int n = 0; n < file->row_count; n++) {
    enum outcome outcome = OK;
    if (n > 0) outcome = open_tiff_rows(&file->rows[n], &file->file, (int)file->order.part, file->of.problem);
    if (outcome == OK) outcome = start_tiff_rows(&file->rows[n], (uint16_t)file->places[n], file->row_count);
    if (outcome != OK) return outcome;
  }
  return OK;
}

static enum outcome open_parts(tiff *file, const char *path) {
  enum outcome outcome = open_source(&file->file, path, file->of.problem);
  if (outcome == OK) outcome = open_tiff_rows(&file->rows[0], &file->file, (int)file->order.part, file->of.problem);
  if (outcome != OK) return outcome;
  file->shape = file->rows[0].shape;
  outcome = check_order(file);
  if (outcome == OK) outcome = choose_conversion(file);
  if (outcome != OK) return outcome;
  if (is_packed(&file->shape) && file->shape.photometric != PHOTOMETRIC_PALETTE) outcome = make_meaning(file);
  if (outcome == OK && !make_room(file)) outcome = OUT_OF_MEMORY;
  return outcome == OK ? start_rows(file) : outcome;
}

reader *tiff_open(const char *path, const tiff_order *order, int *outcome, char *problem) {
  tiff *file = calloc(1, sizeof(tiff));
  *outcome = OUT_OF_MEMORY;
  snprintf(problem, PROBLEM_BYTES, "There is no memory to read the TIFF with.");
  if (file == NULL) return NULL;
  file->file.descriptor = -1;
  file->order = *order;
  file->of = (reader){(int)order->width, (int)order->height, CODES, 0, read_rows_of_tiff, close_tiff, ""};
  *outcome = (int)open_parts(file, path);
  if (*outcome == OK) return &file->of;
  if (file->of.problem[0] != '\0') memcpy(problem, file->of.problem, PROBLEM_BYTES);
  close_tiff(&file->of);
  return NULL;
}
