/* Reads changed TIFFs, and whatever bytes as DPX files that are laid out at random. */

#include <stdlib.h>
#include <tiffio.h>

#include "../dpx.h"
#include "../tiff.h"
#include "fuzz.h"

/* What our own header reading lets through is larger, and takes longer. */
#define MOST_PIXELS (1 << 18)

static int is_quiet(TIFF *tif, void *data, const char *module, const char *format, va_list arguments) {
  (void)tif, (void)data, (void)module, (void)format, (void)arguments;
  return 1;
}

/* What a caller reads of the header that the file has now; 0 where there is none that would be read. */
static int order_of(const char *path, tiff_order *order) {
  uint32_t width = 0, height = 0;
  uint16_t samples = 1, photometric = 0;
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  TIFFOpenOptionsSetErrorHandlerExtR(options, is_quiet, NULL);
  TIFFOpenOptionsSetWarningHandlerExtR(options, is_quiet, NULL);
  TIFF *tif = TIFFOpenExt(path, "rmC", options);
  TIFFOpenOptionsFree(options);
  if (tif == NULL) return 0;
  TIFFGetField(tif, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tif, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetField(tif, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFClose(tif);
  const int is_grey = samples < 3 && photometric != PHOTOMETRIC_PALETTE;
  const int64_t step = is_grey ? 0 : 1;
  const int has_alpha = samples > (is_grey ? 1 : 3) && photometric < PHOTOMETRIC_PALETTE && random_below(2) == 0;
  *order = (tiff_order){0, width, height, samples, {0, step, 2 * step}, has_alpha ? samples - 1 : -1};
  return width > 0 && height > 0 && (uint64_t)width * height <= MOST_PIXELS && samples <= 64;
}

static int is_tiff_read(const char *path) {
  char problem[PROBLEM_BYTES];
  int outcome = OK;
  tiff_order order;
  if (!order_of(path, &order)) return 0;
  return all_rows(tiff_open(path, &order, &outcome, problem));
}

static int is_dpx_read(const char *path) {
  static const int64_t bits[] = {8, 10, 12, 16};
  char problem[PROBLEM_BYTES];
  int outcome = OK;
  const int64_t depth = random_below(50) == 0 ? (int64_t)random_below(40) : bits[random_below(4)];
  const int64_t channels = 1 + (int64_t)random_below(random_below(50) == 0 ? 12 : 4);
  const int64_t width = 1 + (int64_t)random_below(120);
  const int64_t top = ((int64_t)1 << depth) - 1;
  const int is_video = random_below(4) == 0;
  dpx_layout layout = {(int64_t)random_below(4096), 0, width, 1 + (int64_t)random_below(60), depth,
                       (int64_t)random_below(3), (int64_t)random_below(2), channels, {0, 0, 0},
                       is_video ? top / 16 : 0, is_video ? top - top / 12 : top};
  layout.row_bytes = (width * channels * depth + 7) / 8 + (int64_t)random_below(40);
  for (int plane = 0; plane < 3; plane++) layout.places[plane] = (int64_t)random_below((uint64_t)channels);
  return all_rows(dpx_open(path, &layout, &outcome, problem));
}

int read_changed(const char *path) { return is_tiff_read(path) + is_dpx_read(path); }
