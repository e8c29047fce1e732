/* Deep samples, flattened: each pixel's, nearest first, one over the other. What an alpha channel lacks is opaque. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exr_planes.h"

/* The samples of one row that are looked at, and of where they are in its pixels. */
typedef struct {
  const float *planes[MOST_PLANES];
  const float *alpha;
  const float *depth;
} deep_row;

typedef struct {
  float depth;
  int sample;
} deep_order;

/* Nearest first; those at one depth as they stand, and those of none last. */
static int compare(const void *a, const void *b) {
  const deep_order *left = a, *right = b;
  if (left->depth < right->depth || (isnan(right->depth) && !isnan(left->depth))) return -1;
  if (left->depth > right->depth || (isnan(left->depth) && !isnan(right->depth))) return 1;
  return left->sample < right->sample ? -1 : 1;
}

static int is_sorted(const float *depth, int count) {
  for (int sample = 1; sample < count; sample++)
    if (!(depth[sample - 1] <= depth[sample])) return 0;
  return 1;
}

/* The order of a pixel's samples from `start` on; NULL where they stand in it already. */
static const deep_order *order_of(const deep_row *row, size_t start, int count, deep_order *room) {
  if (row->depth == NULL || is_sorted(row->depth + start, count)) return NULL;
  for (int sample = 0; sample < count; sample++) room[sample] = (deep_order){row->depth[start + (size_t)sample], sample};
  qsort(room, (size_t)count, sizeof *room, compare);
  return room;
}

static void flatten_pixel(exr_file *file, const deep_row *row, size_t start, int count, deep_order *room, size_t pixel) {
  const deep_order *order = order_of(row, start, count, room);
  double sums[MOST_PLANES] = {0}, through = 1;
  for (int at = 0; at < count; at++) {
    const size_t sample = start + (size_t)(order == NULL ? at : order[at].sample);
    for (int plane = 0; plane < file->plane_count; plane++) sums[plane] += through * (double)row->planes[plane][sample];
    through *= 1 - (row->alpha == NULL ? 1 : (double)row->alpha[sample]);
  }
  for (int plane = 0; plane < file->plane_count; plane++) file->planes[plane].rows[pixel] = (float)sums[plane];
}

static size_t bytes_of_sample(const exr_attr_chlist_entry_t *channel) { return channel->pixel_type == EXR_PIXEL_HALF ? 2 : 4; }

static const float **wanted_as(exr_file *file, deep_row *row, int channel, int index) {
  for (int plane = 0; plane < file->plane_count && index == 0; plane++)
    if (file->planes[plane].channel == channel) return &row->planes[plane];
  if (index <= 1 && channel == file->alpha) return &row->alpha;
  return index <= 2 && channel == file->depth ? &row->depth : NULL;
}

/* Floats of the shown channels, alpha and depth, of a row of so many samples; `at` moves behind it. */
static void take_deep_row(exr_file *file, const uint8_t **at, int samples, deep_row *row) {
  float *next = file->deep;
  *row = (deep_row){{NULL}, NULL, NULL};
  for (int channel = 0; channel < file->channels->num_channels; channel++) {
    const exr_attr_chlist_entry_t *of = &file->channels->entries[channel];
    const float *values = NULL;
    for (int index = 0; index < 3; index++) {
      const float **wanted = wanted_as(file, row, channel, index);
      if (wanted == NULL) continue;
      if (values == NULL) {
        to_floats(*at, of->pixel_type, next, samples);
        values = next;
        next += samples;
      }
      *wanted = values;
    }
    *at += (size_t)samples * bytes_of_sample(of);
  }
}

/* Reads and unpacks a chunk: counts of samples and samples are the pipeline's. */
static enum outcome unpack_deep(exr_file *file, const exr_chunk_info_t *info) {
  exr_decode_pipeline_t *pipeline = &file->pipeline;
  exr_result_t result;
  if (info->unpacked_size > MOST_BYTES || info->packed_size > MOST_BYTES || info->sample_count_table_size > MOST_BYTES)
    return fails(file, OVER_LIMIT, "A chunk of deep samples needs %llu bytes; %llu are allowed.",
                 (unsigned long long)info->unpacked_size, (unsigned long long)MOST_BYTES);
  if (file->has_pipeline)
    result = exr_decoding_update(file->context, file->part, info, pipeline);
  else {
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->pipe_size = sizeof *pipeline;
    result = exr_decoding_initialize(file->context, file->part, info, pipeline);
    file->has_pipeline = result == EXR_ERR_SUCCESS;
    if (result == EXR_ERR_SUCCESS) result = exr_decoding_choose_default_routines(file->context, file->part, pipeline);
    pipeline->decode_flags |= EXR_DECODE_SAMPLE_COUNTS_AS_INDIVIDUAL;
    pipeline->unpack_and_convert_fn = NULL;
  }
  if (result == EXR_ERR_SUCCESS) result = exr_decoding_run(file->context, file->part, pipeline);
  if (result == EXR_ERR_SUCCESS) return OK;
  if (file->trouble != OK) return file->trouble;
  return fails(file, DAMAGED, "The deep samples from line %d on cannot be read.", info->start_y);
}

enum outcome flatten_chunk(exr_file *file, const exr_chunk_info_t *info, int left, int columns, int rows) {
  const enum outcome outcome = unpack_deep(file, info);
  if (outcome != OK) return outcome;
  const int32_t *counts = file->pipeline.sample_count_table;
  const uint8_t *at = file->pipeline.unpacked_buffer;
  uint64_t left_bytes = info->unpacked_size, sample_bytes = 0;
  if (info->width != columns || info->height != rows || counts == NULL)
    return fails(file, DAMAGED, "Chunk %d has another size than its place.", info->idx);
  for (int channel = 0; channel < file->channels->num_channels; channel++)
    sample_bytes += bytes_of_sample(&file->channels->entries[channel]);
  for (int row = 0; row < rows; row++, counts += columns) {
    const size_t pixel = (size_t)row * (size_t)file->width + (size_t)left;
    deep_row samples;
    uint64_t total = 0, most = 0, start = 0;
    for (int column = 0; column < columns; column++) {
      total += (uint64_t)counts[column];
      if ((uint64_t)counts[column] > most) most = (uint64_t)counts[column];
    }
    /* A count below 0 is as large as none can be. */
    if (total * sample_bytes > left_bytes || most > total || (total > 0 && at == NULL))
      return fails(file, DAMAGED, "Chunk %d has fewer deep samples than it counts.", info->idx);
    left_bytes -= total * sample_bytes;
    const uint64_t floats = total * (MOST_PLANES + 2) * sizeof(float);
    if (!has_room(&file->deep, &file->deep_room, floats + most * sizeof(deep_order) + 1))
      return fails(file, OUT_OF_MEMORY, "There is no memory for a row of %llu deep samples.", (unsigned long long)total);
    take_deep_row(file, &at, (int)total, &samples);
    for (int column = 0; column < columns; start += (uint64_t)counts[column++])
      flatten_pixel(file, &samples, start, counts[column], (deep_order *)(void *)((uint8_t *)file->deep + floats),
                    pixel + (size_t)column);
  }
  return OK;
}
