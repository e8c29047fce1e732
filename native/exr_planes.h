#ifndef EXR_PLANES_H
#define EXR_PLANES_H

/* Channels of one part of an EXR as planes, row by row: what the readers of exr.c and exr_chroma.c are made of. */

#include <openexr.h>
#include <openexr_decode.h>

#include "exr_split.h"
#include "reader.h"
#include "source_file.h"

#define MOST_PLANES 3

/* One channel that is read. */
typedef struct {
  int channel;     /* index among the part's channels */
  int x_sampling;
  int y_sampling;
  int columns;     /* samples of a row */
  float *rows;     /* one row, or as many as a tile is high */
} exr_plane;

/* A chunk whose rows are taken one after the other, channel after channel. */
typedef struct {
  int index;           /* of its first row in the data window, or -1 where there is none */
  int next;            /* row of the data window that comes next */
  int is_split;
  const uint8_t *at;   /* of one that is not split: where its next samples begin */
  split_bytes split;
} exr_chunk;

typedef struct {
  source_file file;
  exr_context_t context;
  int part;
  exr_attr_box2i_t window;
  exr_compression_t compression;
  int width;
  int height;
  int lines;           /* of a chunk of scan lines */
  int tile_width;      /* 0 where there are no tiles; of deep scan lines the whole width */
  int tile_height;
  int is_deep;
  int has_tiles;
  int alpha;           /* channel that says how much deep samples hide, or -1 */
  int depth;           /* channel by which they are sorted, or -1 */
  int held_tiles;      /* row of tiles that the planes hold, or -1 */
  const exr_attr_chlist_t *channels;
  int plane_count;
  exr_plane planes[MOST_PLANES];
  int plane_of_channel[3]; /* which plane is red, which green, which blue */
  exr_decode_pipeline_t pipeline;
  int has_pipeline;
  exr_chunk chunk;
  uint8_t *packed;
  size_t packed_room;
  uint8_t *unpacked;
  size_t unpacked_room;
  uint8_t *joined;     /* one row of a channel that was split */
  float *deep;         /* samples of one row of a deep chunk, channel by channel */
  size_t deep_room;
  enum outcome trouble; /* of the file, while OpenEXR reads from it */
  char *problem;       /* PROBLEM_BYTES of whoever opened it */
} exr_file;

/* Row `row` of every plane, NULL of one that has no samples there. 0 to go on. */
typedef int (*put_planes)(void *state, int row, const float *const planes[MOST_PLANES]);

/* Opens channels by name; the same name may stand more than once. Otherwise than OK, `problem` says why. */
enum outcome open_exr(exr_file *file, const char *path, int part, const char *const names[3], char *problem);

/* Gives rows first..last from the top down. */
enum outcome read_planes(exr_file *file, int first, int last, put_planes put, void *state);

/* Says what is wrong, and answers with it. */
enum outcome fails(exr_file *file, enum outcome outcome, const char *says, ...) __attribute__((format(printf, 3, 4)));

/* Makes room for so many bytes, whose old content is lost; 0 where there is no memory. */
int has_room(void *memory, size_t *room, uint64_t bytes);

void to_floats(const uint8_t *samples, exr_pixel_type_t type, float *into, int count);

/* Bytes that an unpacked chunk, or the planes of a row of tiles, may take. */
#define MOST_BYTES ((uint64_t)256 << 20)

/* Puts a deep chunk that was found into the planes from column `left` on, flattened (exr_deep.c). */
enum outcome flatten_chunk(exr_file *file, const exr_chunk_info_t *info, int left, int columns, int rows);

void close_exr(exr_file *file);

#endif
