/* Strips, rows of tiles, whole pictures that are one strip, and uncompressed rows straight from the file. */

#include "tiff_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"

/* A strip that is no longer is decoded whole, which is faster; a longer one row by row. */
#define WHOLE_STRIP_BYTES ((uint64_t)64 << 20)
/* Tiles side by side are held decoded, and strips that libtiff converts. */
#define HELD_BYTES ((uint64_t)1 << 30)
/* What libtiff may ask for at once: a compressed strip, above all. */
#define LIBTIFF_BYTES ((tmsize_t)2 << 30)
/* Uncompressed bytes that are read at once, if a row is not longer. */
#define READ_BYTES (256 * 1024)

static int keep_first_error(TIFF *tif, void *user_data, const char *module, const char *format, va_list arguments) {
  tiff_client *client = user_data;
  (void)tif;
  (void)module;
  if (client->problem[0] == '\0') {
    const int length = snprintf(client->problem, PROBLEM_BYTES, "The TIFF cannot be decoded: ");
    vsnprintf(client->problem + length, PROBLEM_BYTES - (size_t)length, format, arguments);
  }
  return 1;
}

static int drop_warning(TIFF *tif, void *user_data, const char *module, const char *format, va_list arguments) {
  (void)tif;
  (void)user_data;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

static tmsize_t read_client(thandle_t handle, void *into, tmsize_t length) {
  tiff_client *client = handle;
  size_t got = 0;
  char problem[PROBLEM_BYTES];
  const enum outcome outcome = read_source(client->file, client->position, into, (size_t)length, &got, problem);
  if (outcome != OK) {
    client->trouble = outcome;
    memcpy(client->problem, problem, PROBLEM_BYTES);
    return -1;
  }
  client->position += (int64_t)got;
  return (tmsize_t)got;
}

static tmsize_t write_client(thandle_t handle, void *from, tmsize_t length) {
  (void)handle;
  (void)from;
  (void)length;
  return -1;
}

static toff_t seek_client(thandle_t handle, toff_t offset, int whence) {
  tiff_client *client = handle;
  if (whence == SEEK_SET) client->position = (int64_t)(offset & INT64_MAX);
  if (whence == SEEK_CUR) client->position += (int64_t)offset;
  if (whence == SEEK_END) client->position = client->file->size_bytes + (int64_t)offset;
  return (toff_t)client->position;
}

static toff_t size_of_client(thandle_t handle) { return (toff_t)((tiff_client *)handle)->file->size_bytes; }

/* The file is closed by whoever opened it. */
static int leave_open(thandle_t handle) {
  (void)handle;
  return 0;
}

/* What libtiff failed with, or this sentence where it said nothing. */
static enum outcome failed(tiff_rows *rows, enum outcome outcome, const char *says) {
  if (rows->client.trouble != OK) return rows->client.trouble;
  if (rows->client.problem[0] == '\0') snprintf(rows->client.problem, PROBLEM_BYTES, "%s", says);
  return outcome;
}

#define TRUNCATED "The TIFF ends before its pixels do: it is truncated or inconsistent."
#define NO_MEMORY "There is no memory to read the TIFF with."

static void read_shape(tiff_rows *rows) {
  tiff_shape *shape = &rows->shape;
  uint16_t planar = PLANARCONFIG_CONTIG;
  TIFFGetField(rows->tif, TIFFTAG_IMAGEWIDTH, &shape->width);
  TIFFGetField(rows->tif, TIFFTAG_IMAGELENGTH, &shape->height);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_BITSPERSAMPLE, &shape->bits);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_SAMPLESPERPIXEL, &shape->samples);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_SAMPLEFORMAT, &shape->format);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_COMPRESSION, &shape->compression);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_FILLORDER, &shape->fill_order);
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_PLANARCONFIG, &planar);
  shape->photometric = shape->samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
  TIFFGetField(rows->tif, TIFFTAG_PHOTOMETRIC, &shape->photometric);
  shape->is_separate = planar == PLANARCONFIG_SEPARATE && shape->samples > 1;
  shape->is_tiled = TIFFIsTiled(rows->tif);
}

/* Luminance and chroma become colours in libtiff: as JPEG by its decoder, else of whole strips and tiles. */
static void convert_chroma(tiff_rows *rows) {
  tiff_shape *shape = &rows->shape;
  if (shape->photometric != PHOTOMETRIC_YCBCR) return;
  if (shape->compression == COMPRESSION_JPEG && !shape->is_separate) {
    TIFFSetField(rows->tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    return;
  }
  /* Turning is left to whoever shows the picture. */
  TIFFSetField(rows->tif, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  shape->is_as_rgba = 1;
  shape->is_separate = 0;
  shape->bits = 8;
  shape->samples = 4;
}

enum outcome open_tiff_rows(tiff_rows *rows, const source_file *file, int part, char problem[PROBLEM_BYTES]) {
  rows->client = (tiff_client){file, 0, OK, problem};
  problem[0] = '\0';
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (options == NULL) return failed(rows, OUT_OF_MEMORY, NO_MEMORY);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, LIBTIFF_BYTES);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_first_error, &rows->client);
  TIFFOpenOptionsSetWarningHandlerExtR(options, drop_warning, NULL);
  rows->tif = TIFFClientOpenExt("the file", "rmC", &rows->client, read_client, write_client, seek_client, leave_open,
                                size_of_client, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  if (rows->tif == NULL || (part > 0 && !TIFFSetDirectory(rows->tif, (tdir_t)part)))
    return failed(rows, DAMAGED, "The TIFF's directory cannot be read.");
  /* What was said of directories and tags that are not needed. */
  if (rows->client.trouble != OK) return rows->client.trouble;
  problem[0] = '\0';
  read_shape(rows);
  if (!TIFFIsCODECConfigured(rows->shape.compression)) {
    snprintf(problem, PROBLEM_BYTES, "Unsupported TIFF compression: %u.", rows->shape.compression);
    return UNSUPPORTED;
  }
  convert_chroma(rows);
  return OK;
}

WIDE static void swap_shorts(uint16_t *values, size_t count) {
  for (size_t n = 0; n < count; n++) values[n] = __builtin_bswap16(values[n]);
}

WIDE static void swap_words(uint32_t *values, size_t count) {
  for (size_t n = 0; n < count; n++) values[n] = __builtin_bswap32(values[n]);
}

WIDE static void swap_longs(uint64_t *values, size_t count) {
  for (size_t n = 0; n < count; n++) values[n] = __builtin_bswap64(values[n]);
}

static void swap_samples(tiff_rows *rows, size_t bytes) {
  void *values = rows->bytes;
  if (rows->sample_bytes == 2) swap_shorts(values, bytes / 2);
  if (rows->sample_bytes == 4) swap_words(values, bytes / 4);
  if (rows->sample_bytes == 8) swap_longs(values, bytes / 8);
}

static uint32_t rows_in_strip(const tiff_rows *rows, uint32_t first) {
  const uint32_t rest = rows->shape.height - first;
  return rest < rows->rows_per_strip ? rest : rows->rows_per_strip;
}

static uint32_t strip_start(const tiff_rows *rows, int row) {
  return (uint32_t)row - (uint32_t)row % rows->rows_per_strip;
}

/* Uncompressed rows, straight from the file. */
static enum outcome fill_from_file(tiff_rows *rows, int row) {
  const uint32_t start = strip_start(rows, row);
  const uint32_t strip = TIFFComputeStrip(rows->tif, start, rows->plane);
  const uint32_t in_strip = rows_in_strip(rows, start), before = (uint32_t)row - start;
  const uint64_t offset = TIFFGetStrileOffset(rows->tif, strip) + before * rows->row_bytes;
  size_t count = rows->room / rows->row_bytes, got = 0;
  if (count > in_strip - before) count = in_strip - before;
  if (TIFFGetStrileByteCount(rows->tif, strip) < in_strip * (uint64_t)rows->row_bytes || offset > INT64_MAX)
    return failed(rows, DAMAGED, TRUNCATED);
  const enum outcome outcome =
      read_source(rows->client.file, (int64_t)offset, rows->bytes, count * rows->row_bytes, &got, rows->client.problem);
  if (outcome != OK) return outcome;
  if (got < count * rows->row_bytes) return failed(rows, DAMAGED, TRUNCATED);
  if (TIFFIsByteSwapped(rows->tif)) swap_samples(rows, got);
  rows->first = row;
  rows->count = (int)count;
  return OK;
}

static enum outcome fill_strip(tiff_rows *rows, int row) {
  const uint32_t start = strip_start(rows, row);
  const uint32_t count = rows_in_strip(rows, start);
  const tmsize_t wanted = (tmsize_t)(count * rows->row_bytes);
  const uint32_t strip = TIFFComputeStrip(rows->tif, start, rows->plane);
  if (TIFFReadEncodedStrip(rows->tif, strip, rows->bytes, wanted) != wanted) return failed(rows, DAMAGED, TRUNCATED);
  rows->first = (int)start;
  rows->count = (int)count;
  return OK;
}

/* One row of a long strip: those before it are decoded, too. */
static enum outcome fill_row(tiff_rows *rows, int row) {
  const int start = (int)strip_start(rows, row);
  int next = rows->next_row >= start && rows->next_row <= row ? rows->next_row : start;
  rows->next_row = -1;
  for (; next <= row; next++)
    if (TIFFReadScanline(rows->tif, rows->bytes, (uint32_t)next, rows->plane) < 0)
      return failed(rows, DAMAGED, TRUNCATED);
  rows->next_row = next;
  rows->first = row;
  rows->count = 1;
  return OK;
}

static void place_tile(tiff_rows *rows, uint32_t column, size_t tile_row_bytes, uint32_t count) {
  const size_t begin = (size_t)column / rows->tile_width * tile_row_bytes;
  const size_t rest = rows->row_bytes - begin;
  const size_t bytes = rest < tile_row_bytes ? rest : tile_row_bytes;
  for (uint32_t y = 0; y < count; y++)
    memcpy(rows->bytes + y * rows->row_bytes + begin, rows->tile + y * tile_row_bytes, bytes);
}

static enum outcome fill_tiles(tiff_rows *rows, int row) {
  const uint32_t start = (uint32_t)row - (uint32_t)row % rows->tile_height;
  const uint32_t rest = rows->shape.height - start;
  const uint32_t count = rest < rows->tile_height ? rest : rows->tile_height;
  const tmsize_t wanted = TIFFTileSize(rows->tif);
  for (uint32_t column = 0; column < rows->shape.width; column += rows->tile_width) {
    const uint32_t tile = TIFFComputeTile(rows->tif, column, start, 0, rows->plane);
    if (TIFFReadEncodedTile(rows->tif, tile, rows->tile, wanted) != wanted) return failed(rows, DAMAGED, TRUNCATED);
    place_tile(rows, column, (size_t)TIFFTileRowSize(rows->tif), count);
  }
  rows->first = (int)start;
  rows->count = (int)count;
  return OK;
}

/* libtiff gives what it converts from the bottom up. */
static enum outcome fill_rgba_strip(tiff_rows *rows, int row) {
  const uint32_t start = strip_start(rows, row);
  const uint32_t count = rows_in_strip(rows, start);
  if (!TIFFReadRGBAStripExt(rows->tif, start, (uint32_t *)(void *)rows->tile, 1))
    return failed(rows, DAMAGED, TRUNCATED);
  for (uint32_t y = 0; y < count; y++)
    memcpy(rows->bytes + y * rows->row_bytes, rows->tile + (count - 1 - y) * rows->row_bytes, rows->row_bytes);
  rows->first = (int)start;
  rows->count = (int)count;
  return OK;
}

static enum outcome fill_rgba_tiles(tiff_rows *rows, int row) {
  const uint32_t start = (uint32_t)row - (uint32_t)row % rows->tile_height;
  const uint32_t rest = rows->shape.height - start;
  const uint32_t count = rest < rows->tile_height ? rest : rows->tile_height;
  const size_t tile_row_bytes = (size_t)rows->tile_width * 4;
  for (uint32_t column = 0; column < rows->shape.width; column += rows->tile_width) {
    if (!TIFFReadRGBATileExt(rows->tif, column, start, (uint32_t *)(void *)rows->tile, 1))
      return failed(rows, DAMAGED, TRUNCATED);
    const size_t begin = (size_t)column * 4, behind = rows->row_bytes - begin;
    for (uint32_t y = 0; y < count; y++)
      memcpy(rows->bytes + y * rows->row_bytes + begin,
             rows->tile + (rows->tile_height - 1 - y) * tile_row_bytes,
             behind < tile_row_bytes ? behind : tile_row_bytes);
  }
  rows->first = (int)start;
  rows->count = (int)count;
  return OK;
}

static int is_read_from_file(const tiff_rows *rows) {
  const tiff_shape *shape = &rows->shape;
  return shape->compression == COMPRESSION_NONE && shape->fill_order == FILLORDER_MSB2LSB &&
         (shape->bits == 8 || shape->bits == 16 || shape->bits == 32 || shape->bits == 64);
}

static enum outcome no_memory(tiff_rows *rows) {
  snprintf(rows->client.problem, PROBLEM_BYTES, NO_MEMORY);
  return OUT_OF_MEMORY;
}

static enum outcome make_room(tiff_rows *rows, uint64_t bytes, uint64_t tile_bytes) {
  if (bytes > HELD_BYTES || tile_bytes > HELD_BYTES) {
    snprintf(rows->client.problem, PROBLEM_BYTES, "Strips or rows of tiles of the TIFF need more than %llu bytes.",
             (unsigned long long)HELD_BYTES);
    return OVER_LIMIT;
  }
  rows->room = bytes;
  rows->bytes = malloc(bytes + 64);
  rows->tile = tile_bytes == 0 ? NULL : malloc(tile_bytes);
  if (rows->bytes != NULL && (tile_bytes == 0 || rows->tile != NULL)) return OK;
  return no_memory(rows);
}

static enum outcome inconsistent(tiff_rows *rows) {
  snprintf(rows->client.problem, PROBLEM_BYTES, "The TIFF says of its rows what cannot be: it is inconsistent.");
  return DAMAGED;
}

/*
 * libtiff 4.5 takes a buffer of its own, whose size it rounds up, for the length of an uncompressed tile that it converts, and
 * then finds that too long.
 */
static int has_exact_buffer(tiff_rows *rows) {
  const tmsize_t bytes = TIFFTileSize(rows->tif);
  rows->raw = bytes > 0 && (uint64_t)bytes <= HELD_BYTES ? malloc((size_t)bytes) : NULL;
  return rows->raw != NULL && TIFFReadBufferSetup(rows->tif, rows->raw, bytes);
}

static enum outcome start_tiles(tiff_rows *rows) {
  const tiff_shape *shape = &rows->shape;
  TIFFGetField(rows->tif, TIFFTAG_TILEWIDTH, &rows->tile_width);
  TIFFGetField(rows->tif, TIFFTAG_TILELENGTH, &rows->tile_height);
  if (rows->tile_width == 0 || rows->tile_height == 0) return inconsistent(rows);
  const uint32_t held = rows->tile_height < shape->height ? rows->tile_height : shape->height;
  rows->fill = shape->is_as_rgba ? fill_rgba_tiles : fill_tiles;
  if (shape->is_as_rgba && shape->compression == COMPRESSION_NONE && !has_exact_buffer(rows)) return no_memory(rows);
  if (shape->is_as_rgba)
    return make_room(rows, (uint64_t)rows->row_bytes * held, (uint64_t)rows->tile_width * rows->tile_height * 4);
  const uint64_t samples = shape->is_separate ? 1 : shape->samples;
  const uint64_t tile_row_bytes = (rows->tile_width * samples * shape->bits + 7) / 8;
  /* Pixels that do not begin on a byte in the second tile. */
  const int is_apart = rows->tile_width * samples * shape->bits % 8 != 0 && rows->tile_width < shape->width;
  if ((uint64_t)TIFFTileRowSize(rows->tif) != tile_row_bytes || is_apart) return inconsistent(rows);
  return make_room(rows, (uint64_t)rows->row_bytes * held, tile_row_bytes * rows->tile_height);
}

static enum outcome start_strips(tiff_rows *rows, int share) {
  const tiff_shape *shape = &rows->shape;
  TIFFGetFieldDefaulted(rows->tif, TIFFTAG_ROWSPERSTRIP, &rows->rows_per_strip);
  if (rows->rows_per_strip == 0) return inconsistent(rows);
  if (rows->rows_per_strip > shape->height) rows->rows_per_strip = shape->height;
  const uint64_t strip_bytes = (uint64_t)rows->row_bytes * rows->rows_per_strip;
  if (shape->is_as_rgba) {
    rows->fill = fill_rgba_strip;
    return make_room(rows, strip_bytes, strip_bytes);
  }
  if ((uint64_t)TIFFScanlineSize(rows->tif) != rows->row_bytes) return inconsistent(rows);
  if (is_read_from_file(rows)) {
    rows->fill = fill_from_file;
    rows->sample_bytes = shape->bits / 8;
    return make_room(rows, rows->row_bytes > READ_BYTES ? rows->row_bytes : READ_BYTES / rows->row_bytes * rows->row_bytes, 0);
  }
  rows->next_row = -1;
  rows->fill = strip_bytes * (uint64_t)share <= WHOLE_STRIP_BYTES ? fill_strip : fill_row;
  return make_room(rows, rows->fill == fill_strip ? strip_bytes : rows->row_bytes, 0);
}

enum outcome start_tiff_rows(tiff_rows *rows, uint16_t plane, int share) {
  const tiff_shape *shape = &rows->shape;
  const uint64_t samples = shape->is_separate ? 1 : shape->samples;
  const uint64_t row_bytes = ((uint64_t)shape->width * samples * shape->bits + 7) / 8;
  rows->plane = shape->is_separate ? plane : 0;
  if (row_bytes == 0 || shape->height == 0) return inconsistent(rows);
  rows->row_bytes = row_bytes;
  return shape->is_tiled ? start_tiles(rows) : start_strips(rows, share);
}

enum outcome tiff_row(tiff_rows *rows, int row, const uint8_t **bytes) {
  if (rows->count == 0 || row < rows->first || row >= rows->first + rows->count) {
    rows->count = 0;
    rows->client.problem[0] = '\0';
    const enum outcome outcome = rows->fill(rows, row);
    if (outcome != OK) return outcome;
  }
  *bytes = rows->bytes + (size_t)(row - rows->first) * rows->row_bytes;
  return OK;
}

void close_tiff_rows(tiff_rows *rows) {
  if (rows->tif != NULL) TIFFClose(rows->tif);
  free(rows->bytes);
  free(rows->tile);
  free(rows->raw);
  rows->tif = NULL;
  rows->bytes = rows->tile = rows->raw = NULL;
}
