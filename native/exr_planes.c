/* Opening an EXR with OpenEXR's core library, and reading its chunks as rows of planes. */

#include "exr_planes.h"

#include <internal_coding.h>
#include <internal_decompress.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome fails(exr_file *file, enum outcome outcome, const char *says, ...) {
  va_list values;
  va_start(values, says);
  vsnprintf(file->problem, PROBLEM_BYTES, says, values);
  va_end(values);
  return outcome;
}

/* Whether OpenEXR was refused memory: it calls sizes that a damaged chunk states out of memory as well. */
static _Thread_local int is_short_of_memory;

static void *memory_for_openexr(size_t bytes) {
  void *memory = malloc(bytes);
  if (memory == NULL) is_short_of_memory = 1;
  return memory;
}

/* What OpenEXR answers, as an outcome; the file's own trouble comes first. */
static enum outcome outcome_of(const exr_file *file, exr_result_t result) {
  if (file->trouble != OK) return file->trouble;
  if (result == EXR_ERR_SUCCESS) return OK;
  if (result == EXR_ERR_OUT_OF_MEMORY && is_short_of_memory) return OUT_OF_MEMORY;
  return result == EXR_ERR_FEATURE_NOT_IMPLEMENTED ? UNSUPPORTED : DAMAGED;
}

/* OpenEXR's words are kept where there are none yet: the innermost say the most. */
static void keep_words(exr_const_context_t context, exr_result_t code, const char *words) {
  void *of = NULL;
  (void)code;
  if (exr_get_user_data(context, &of) != EXR_ERR_SUCCESS || of == NULL) return;
  exr_file *file = of;
  if (file->problem[0] == 0) snprintf(file->problem, PROBLEM_BYTES, "OpenEXR says: %s.", words);
}

static int64_t read_for_openexr(exr_const_context_t context, void *of, void *into, uint64_t length, uint64_t offset,
                                exr_stream_error_func_ptr_t error) {
  exr_file *file = of;
  size_t got = 0;
  (void)context;
  (void)error;
  if (offset > INT64_MAX || length > SIZE_MAX) return -1;
  const enum outcome outcome = read_source(&file->file, (int64_t)offset, into, (size_t)length, &got, file->problem);
  if (outcome == OK) return (int64_t)got;
  file->trouble = outcome;
  return -1;
}

static int64_t size_for_openexr(exr_const_context_t context, void *of) {
  (void)context;
  return ((const exr_file *)of)->file.size_bytes;
}

/* The channel's plane, made where it is read for the first time; -1 where the part has no such channel. */
static int plane_named(exr_file *file, const char *name) {
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const exr_attr_chlist_entry_t *found = &file->channels->entries[channel];
    if (strcmp(found->name.str, name) != 0) continue;
    for (int plane = 0; plane < file->plane_count; plane++)
      if (file->planes[plane].channel == channel) return plane;
    file->planes[file->plane_count] = (exr_plane){channel, found->x_sampling, found->y_sampling,
                                                  file->width / found->x_sampling, NULL};
    return file->plane_count++;
  }
  return -1;
}

/* OpenEXR's rule for subsampled channels: never in tiles, and dividing the data window. */
static enum outcome check_samplings(exr_file *file) {
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const int x = file->channels->entries[channel].x_sampling, y = file->channels->entries[channel].y_sampling;
    if (x == 1 && y == 1) continue;
    if (x < 1 || y < 1 || file->has_tiles || file->is_deep || file->window.min.x % x != 0 || file->window.min.y % y != 0 ||
        file->width % x != 0 || file->height % y != 0)
      return fails(file, DAMAGED, "A channel is sampled %dx%d, which OpenEXR allows only in scan lines whose window it divides.", x, y);
  }
  return OK;
}

static int channel_named(const exr_file *file, const char *prefix, size_t length, const char *name) {
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const char *found = file->channels->entries[channel].name.str;
    if (strncmp(found, prefix, length) == 0 && strcmp(found + length, name) == 0) return channel;
  }
  return -1;
}

/* Alpha and depth of the layer that is shown, else of the whole part. */
static void choose_alpha_and_depth(exr_file *file, const char *shown) {
  const char *dot = strrchr(shown, '.');
  const size_t length = dot == NULL ? 0 : (size_t)(dot - shown) + 1;
  const struct {
    size_t length;
    const char *name;
  } alphas[] = {{length, "A"}, {length, "a"}, {0, "A"}, {0, "a"}}, depths[] = {{length, "Z"}, {0, "Z"}};
  file->alpha = file->depth = -1;
  for (size_t at = 0; at < sizeof alphas / sizeof *alphas && file->alpha < 0; at++)
    file->alpha = channel_named(file, shown, alphas[at].length, alphas[at].name);
  for (size_t at = 0; at < sizeof depths / sizeof *depths && file->depth < 0; at++)
    file->depth = channel_named(file, shown, depths[at].length, depths[at].name);
}

static enum outcome choose_planes(exr_file *file, const char *const names[3]) {
  for (int index = 0; index < 3; index++) {
    const int plane = plane_named(file, names[index]);
    if (plane < 0) return fails(file, NO_CHANNELS, "Part %d has no channel of one of the names.", file->part);
    file->plane_of_channel[index] = plane;
  }
  choose_alpha_and_depth(file, names[0]);
  return OK;
}

/* Windows and tiles, as far as they can be right; the header was read before, with limits. */
static enum outcome read_layout(exr_file *file) {
  exr_storage_t storage;
  exr_result_t result = exr_get_storage(file->context, file->part, &storage);
  if (result != EXR_ERR_SUCCESS) return fails(file, NO_CHANNELS, "The file has no part %d.", file->part);
  file->is_deep = storage == EXR_STORAGE_DEEP_SCANLINE || storage == EXR_STORAGE_DEEP_TILED;
  file->has_tiles = storage == EXR_STORAGE_TILED || storage == EXR_STORAGE_DEEP_TILED;
  result = exr_get_data_window(file->context, file->part, &file->window);
  if (result == EXR_ERR_SUCCESS) result = exr_get_compression(file->context, file->part, &file->compression);
  if (result == EXR_ERR_SUCCESS) result = exr_get_channels(file->context, file->part, &file->channels);
  if (result == EXR_ERR_SUCCESS && !file->has_tiles)
    result = exr_get_scanlines_per_chunk(file->context, file->part, &file->lines);
  if (result == EXR_ERR_SUCCESS && file->has_tiles) {
    int32_t width = 0, height = 0;
    result = exr_get_tile_sizes(file->context, file->part, 0, 0, &width, &height);
    file->tile_width = width;
    file->tile_height = height;
  }
  if (result != EXR_ERR_SUCCESS) return outcome_of(file, result);
  const int64_t width = (int64_t)file->window.max.x - file->window.min.x + 1;
  const int64_t height = (int64_t)file->window.max.y - file->window.min.y + 1;
  const int is_sound = file->has_tiles ? file->tile_width > 0 && file->tile_height > 0 : file->lines > 0;
  if (width < 1 || height < 1 || width > INT32_MAX / 8 || height > INT32_MAX / 8 || !is_sound)
    return fails(file, DAMAGED, "The data window or the tiles of part %d cannot be right.", file->part);
  file->width = (int)width;
  file->height = (int)height;
  if (file->is_deep && !file->has_tiles) {
    file->tile_width = file->width;
    file->tile_height = file->lines;
  }
  return OK;
}

static enum outcome make_room_for_rows(exr_file *file) {
  const uint64_t rows = file->tile_width == 0 ? 1 : (uint64_t)(file->tile_height < file->height ? file->tile_height : file->height);
  const uint64_t needed = rows * (uint64_t)file->width * sizeof(float);
  if (needed * (uint64_t)file->plane_count > MOST_BYTES)
    return fails(file, OVER_LIMIT, "A row of tiles needs %llu bytes; %llu are allowed.",
                 (unsigned long long)needed * (unsigned)file->plane_count, (unsigned long long)MOST_BYTES);
  for (int plane = 0; plane < file->plane_count; plane++) {
    file->planes[plane].rows = calloc(rows * (uint64_t)file->planes[plane].columns, sizeof(float));
    if (file->planes[plane].rows == NULL) return fails(file, OUT_OF_MEMORY, "There is no memory for a row.");
  }
  file->joined = malloc((size_t)file->width * sizeof(float));
  return file->joined == NULL ? fails(file, OUT_OF_MEMORY, "There is no memory for a row.") : OK;
}

enum outcome open_exr(exr_file *file, const char *path, int part, const char *const names[3], char *problem) {
  memset(file, 0, sizeof *file);
  file->part = part;
  file->problem = problem;
  file->chunk.index = -1;
  file->held_tiles = -1;
  problem[0] = 0;
  enum outcome outcome = open_source(&file->file, path, problem);
  if (outcome != OK) return outcome;
  is_short_of_memory = 0;
  exr_context_initializer_t with = EXR_DEFAULT_CONTEXT_INITIALIZER;
  with.error_handler_fn = keep_words;
  with.alloc_fn = memory_for_openexr;
  with.free_fn = free;
  with.user_data = file;
  with.read_fn = read_for_openexr;
  with.size_fn = size_for_openexr;
  const exr_result_t result = exr_start_read(&file->context, "source", &with);
  if (result != EXR_ERR_SUCCESS) return outcome_of(file, result);
  /* What it remarked and went on from is no problem. */
  problem[0] = 0;
  outcome = read_layout(file);
  if (outcome == OK) outcome = check_samplings(file);
  if (outcome == OK) outcome = choose_planes(file, names);
  return outcome == OK ? make_room_for_rows(file) : outcome;
}

void close_exr(exr_file *file) {
  if (file->has_pipeline) exr_decoding_destroy(file->context, &file->pipeline);
  if (file->context != NULL) exr_finish(&file->context);
  for (int plane = 0; plane < file->plane_count; plane++) free(file->planes[plane].rows);
  free(file->packed);
  free(file->unpacked);
  free(file->joined);
  free(file->deep);
  close_source(&file->file);
}

int has_room(void *memory, size_t *room, uint64_t bytes) {
  void **old = memory;
  if (bytes <= *room) return 1;
  free(*old);
  *old = malloc((size_t)bytes);
  *room = *old == NULL ? 0 : (size_t)bytes;
  return *old != NULL;
}

/* OpenEXR's pipeline of this chunk; only the shown channels are marked as wanted. */
static exr_result_t prepare_pipeline(exr_file *file, const exr_chunk_info_t *info) {
  if (file->has_pipeline) return exr_decoding_update(file->context, file->part, info, &file->pipeline);
  memset(&file->pipeline, 0, sizeof file->pipeline);
  file->pipeline.pipe_size = sizeof file->pipeline;
  const exr_result_t result = exr_decoding_initialize(file->context, file->part, info, &file->pipeline);
  if (result != EXR_ERR_SUCCESS) return result;
  file->has_pipeline = 1;
  for (int plane = 0; plane < file->plane_count; plane++)
    file->pipeline.channels[file->planes[plane].channel].decode_to_ptr = (uint8_t *)file->planes[plane].rows;
  return EXR_ERR_SUCCESS;
}

static exr_result_t unpack_split(exr_file *file, const exr_chunk_info_t *info) {
  size_t got = 0;
  if (file->compression == EXR_COMPRESSION_RLE)
    got = exr_rle_uncompress_buffer(info->packed_size, info->unpacked_size, file->packed, file->unpacked);
  else {
    const exr_result_t result = internal_exr_decode_uncompress_buffer(&file->pipeline, file->packed, info->packed_size,
                                                                      file->unpacked, info->unpacked_size, &got);
    if (result != EXR_ERR_SUCCESS) return result;
  }
  return got == info->unpacked_size ? EXR_ERR_SUCCESS : EXR_ERR_CORRUPT_CHUNK;
}

static exr_result_t unpack_other(exr_file *file) {
  exr_decode_pipeline_t *pipeline = &file->pipeline;
  pipeline->packed_buffer = file->packed;
  pipeline->unpacked_buffer = file->unpacked;
  const exr_result_t result = exr_uncompress_chunk(pipeline);
  /* They are not the pipeline's to free. */
  pipeline->packed_buffer = NULL;
  pipeline->unpacked_buffer = NULL;
  return result;
}

static int is_split(exr_compression_t compression) {
  return compression == EXR_COMPRESSION_RLE || compression == EXR_COMPRESSION_ZIP || compression == EXR_COMPRESSION_ZIPS;
}

static enum outcome read_packed(exr_file *file, const exr_chunk_info_t *info) {
  size_t got = 0;
  if (info->packed_size > info->unpacked_size || (info->packed_size == 0 && info->unpacked_size > 0))
    return fails(file, DAMAGED, "Chunk %d is said to have %llu bytes, for %llu unpacked.", info->idx,
                 (unsigned long long)info->packed_size, (unsigned long long)info->unpacked_size);
  if (info->unpacked_size > MOST_BYTES)
    return fails(file, OVER_LIMIT, "A chunk needs %llu bytes; %llu are allowed.", (unsigned long long)info->unpacked_size,
                 (unsigned long long)MOST_BYTES);
  if (!has_room(&file->packed, &file->packed_room, info->packed_size) ||
      !has_room(&file->unpacked, &file->unpacked_room, info->unpacked_size))
    return fails(file, OUT_OF_MEMORY, "There is no memory for a chunk of %llu bytes.", (unsigned long long)info->unpacked_size);
  const enum outcome outcome =
      read_source(&file->file, (int64_t)info->data_offset, file->packed, info->packed_size, &got, file->problem);
  if (outcome != OK) return outcome;
  return got == info->packed_size ? OK : fails(file, DAMAGED, "The file ends inside chunk %d.", info->idx);
}

/* What take_row takes out of a chunk of so many columns and rows, from line y on. */
static uint64_t bytes_of(const exr_file *file, int y, int columns, int rows) {
  uint64_t bytes = 0;
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const exr_attr_chlist_entry_t *of = &file->channels->entries[channel];
    uint64_t lines = 0;
    for (int row = 0; row < rows; row++) lines += (y + row) % of->y_sampling == 0;
    bytes += lines * (uint64_t)(columns / of->x_sampling) * (of->pixel_type == EXR_PIXEL_HALF ? 2 : 4);
  }
  return bytes;
}

/* Opens a chunk that was found, of so many columns and rows: its samples can be taken afterwards. */
static enum outcome open_chunk(exr_file *file, const exr_chunk_info_t *info, int y, int columns, int rows) {
  exr_chunk *chunk = &file->chunk;
  chunk->index = -1;
  is_short_of_memory = 0;
  if (info->unpacked_size != bytes_of(file, y, columns, rows))
    return fails(file, DAMAGED, "Chunk %d has another size than its samples need.", info->idx);
  const enum outcome outcome = read_packed(file, info);
  if (outcome != OK) return outcome;
  exr_result_t result = prepare_pipeline(file, info);
  chunk->is_split = 0;
  chunk->at = file->packed;
  /* A chunk that did not shrink was stored as it is. */
  if (result == EXR_ERR_SUCCESS && info->packed_size != info->unpacked_size) {
    chunk->is_split = is_split(file->compression);
    result = chunk->is_split ? unpack_split(file, info) : unpack_other(file);
    chunk->at = file->unpacked;
    if (chunk->is_split && result == EXR_ERR_SUCCESS) chunk->split = split_start(file->unpacked, info->unpacked_size);
  }
  const enum outcome unpacked = outcome_of(file, result);
  if (unpacked == OK) return OK;
  if (unpacked == OUT_OF_MEMORY) return fails(file, unpacked, "There is no memory to unpack chunk %d with.", info->idx);
  return !file->has_tiles ? fails(file, unpacked, "The scan lines from %d on cannot be unpacked.", info->start_y)
                               : fails(file, unpacked, "The tile in column %d, row %d cannot be unpacked.", info->start_x, info->start_y);
}

void to_floats(const uint8_t *samples, exr_pixel_type_t type, float *into, int count) {
  if (type == EXR_PIXEL_HALF)
    halves_to_floats(samples, into, (size_t)count);
  else if (type == EXR_PIXEL_FLOAT)
    memcpy(into, samples, (size_t)count * sizeof(float));
  else
    for (int at = 0; at < count; at++) {
      uint32_t value;
      memcpy(&value, samples + 4 * at, sizeof value);
      into[at] = (float)((double)value / 4294967296.0);
    }
}

/* Takes the next samples of a channel out of the open chunk; nowhere where `into` is NULL. */
static void take_samples(exr_file *file, exr_pixel_type_t type, int count, float *into) {
  exr_chunk *chunk = &file->chunk;
  const size_t bytes = (size_t)count * (type == EXR_PIXEL_HALF ? 2 : 4);
  if (!chunk->is_split) {
    if (into != NULL) to_floats(chunk->at, type, into, count);
    chunk->at += bytes;
  } else if (into == NULL) {
    split_skip(&chunk->split, bytes);
  } else {
    split_take(&chunk->split, bytes, file->joined);
    to_floats(file->joined, type, into, count);
  }
}

/* Takes one row of all channels out of the open chunk, for they follow one another: planes from `column` of row `row` on. */
static void take_row(exr_file *file, int y, int columns, int is_wanted, size_t column) {
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const exr_attr_chlist_entry_t *of = &file->channels->entries[channel];
    float *into = NULL;
    if (y % of->y_sampling != 0) continue;
    for (int plane = 0; plane < file->plane_count && is_wanted; plane++)
      if (file->planes[plane].channel == channel) into = file->planes[plane].rows + column;
    take_samples(file, of->pixel_type, columns / of->x_sampling, into);
  }
}

static enum outcome found_nowhere(exr_file *file, exr_result_t result, const char *what, int at) {
  char words[PROBLEM_BYTES];
  const enum outcome outcome = outcome_of(file, result);
  if (file->trouble != OK || outcome == OUT_OF_MEMORY) return outcome;
  snprintf(words, sizeof words, "%.180s", file->problem);
  return fails(file, outcome, "%s %d cannot be found. %.190s", what, at, words);
}

static enum outcome read_scan_lines(exr_file *file, int first, int last, put_planes put, void *state) {
  exr_chunk *chunk = &file->chunk;
  for (int top = first - first % file->lines; top <= last; top += file->lines) {
    const int end = top + file->lines - 1 < file->height - 1 ? top + file->lines - 1 : file->height - 1;
    const int start = top < first ? first : top;
    if (chunk->index != top || chunk->next > start) {
      exr_chunk_info_t info;
      file->problem[0] = 0;
      const exr_result_t result = exr_read_scanline_chunk_info(file->context, file->part, file->window.min.y + top, &info);
      if (result != EXR_ERR_SUCCESS) return found_nowhere(file, result, "The chunk of scan line", file->window.min.y + top);
      const enum outcome outcome = open_chunk(file, &info, file->window.min.y + top, file->width, end - top + 1);
      if (outcome != OK) return outcome;
      chunk->index = top;
      chunk->next = top;
    }
    while (chunk->next <= end && chunk->next <= last) {
      const float *planes[MOST_PLANES] = {NULL};
      const int row = chunk->next++, y = file->window.min.y + row;
      take_row(file, y, file->width, row >= first, 0);
      if (row < first) continue;
      for (int plane = 0; plane < file->plane_count; plane++)
        planes[plane] = y % file->planes[plane].y_sampling == 0 ? file->planes[plane].rows : NULL;
      if (put(state, row, planes) != 0) return REFUSED_BY_SINK;
    }
  }
  return OK;
}

/* Fills the planes with a row of tiles. */
static enum outcome hold_tiles(exr_file *file, int down) {
  if (file->held_tiles == down) return OK;
  file->held_tiles = -1;
  for (int across = 0; across * file->tile_width < file->width; across++) {
    exr_chunk_info_t info;
    file->problem[0] = 0;
    const exr_result_t result =
        file->has_tiles ? exr_read_tile_chunk_info(file->context, file->part, across, down, 0, 0, &info)
                        : exr_read_scanline_chunk_info(file->context, file->part, file->window.min.y + down * file->tile_height, &info);
    if (result != EXR_ERR_SUCCESS) return found_nowhere(file, result, "A chunk of row", down);
    const int left = across * file->tile_width, top = down * file->tile_height;
    const int columns = left + file->tile_width <= file->width ? file->tile_width : file->width - left;
    const int rows = top + file->tile_height <= file->height ? file->tile_height : file->height - top;
    const enum outcome outcome =
        file->is_deep ? flatten_chunk(file, &info, left, columns, rows) : open_chunk(file, &info, 0, columns, rows);
    if (outcome != OK) return outcome;
    for (int row = 0; row < rows && !file->is_deep; row++) take_row(file, 0, columns, 1, (size_t)row * (size_t)file->width + (size_t)left);
  }
  file->held_tiles = down;
  return OK;
}

static enum outcome read_tiles(exr_file *file, int first, int last, put_planes put, void *state) {
  for (int row = first; row <= last; row++) {
    const float *planes[MOST_PLANES] = {NULL};
    const enum outcome outcome = hold_tiles(file, row / file->tile_height);
    if (outcome != OK) return outcome;
    for (int plane = 0; plane < file->plane_count; plane++)
      planes[plane] = file->planes[plane].rows + (size_t)(row % file->tile_height) * (size_t)file->width;
    if (put(state, row, planes) != 0) return REFUSED_BY_SINK;
  }
  return OK;
}

enum outcome read_planes(exr_file *file, int first, int last, put_planes put, void *state) {
  const int end = last < file->height - 1 ? last : file->height - 1;
  if (first < 0) first = 0;
  return (file->tile_width == 0 ? read_scan_lines : read_tiles)(file, first, end, put, state);
}
