/* Decodes row by row what was somebody's thumbnail, and resizes its picture into a sheet as the rows come. */

#include "thumbnail.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>

#include "jpeg_trouble.h"
#include "resize.h"

typedef struct {
  const int32_t *numbers;
  uint8_t *sheet;
  int width; /* of the resized picture */
  int peak;
} drawing;

static uint8_t *sheet_row(const drawing *to, int index) {
  const size_t pixel = (size_t)(to->numbers[SHEET_Y] + index) * (size_t)to->numbers[SHEET_WIDTH];
  return to->sheet + (pixel + (size_t)to->numbers[SHEET_X]) * 3;
}

static void draw_row(void *state, const float *row, int index) {
  drawing *to = state;
  uint8_t *pixels = sheet_row(to, index);
  for (int channel = 0; channel < 3; channel++) {
    const float *plane = row + (size_t)channel * (size_t)to->width;
    for (int x = 0; x < to->width; x++) {
      const long code = lrintf(plane[x]);
      const int value = code < 0 ? 0 : code > 255 ? 255 : (int)code;
      pixels[x * 3 + channel] = (uint8_t)value;
      to->peak = value > to->peak ? value : to->peak;
    }
  }
}

/* libjpeg goes on with what it warns of: a file that was cut short or damaged. */
static void leave_at_warnings(j_common_ptr common, int level) {
  if (level < 0) jpeg_leave(common);
}

static int is_ours(const struct jpeg_decompress_struct *jpeg, const int32_t *numbers) {
  return jpeg->image_width == (JDIMENSION)numbers[THUMBNAIL_WIDTH] &&
         jpeg->image_height == (JDIMENSION)numbers[THUMBNAIL_HEIGHT] && jpeg->num_components == 3 &&
         jpeg->jpeg_color_space == JCS_YCbCr && !jpeg->progressive_mode && !jpeg->arith_code &&
         jpeg->comps_in_scan == 3;
}

/* Splits a row of the picture into planes, which lie one behind the other. */
static void split(const uint8_t *row, const int32_t *numbers, float *planes) {
  const int width = numbers[PICTURE_WIDTH];
  const uint8_t *from = row + (size_t)numbers[PICTURE_X] * 3;
  for (int channel = 0; channel < 3; channel++) {
    float *plane = planes + (size_t)channel * (size_t)width;
    for (int x = 0; x < width; x++) plane[x] = from[x * 3 + channel];
  }
}

/* 1 where all of it was drawn, 0 where memory is out. `row` and `planes` are room. */
static int decode(struct jpeg_decompress_struct *jpeg, const int32_t *numbers, resizer *resized, uint8_t *row, float *planes) {
  const int width = numbers[PICTURE_WIDTH];
  const float *const shown[3] = {planes, planes + width, planes + 2 * (size_t)width};
  jpeg->out_color_space = JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    const int at = (int)jpeg->output_scanline - numbers[PICTURE_Y];
    jpeg_read_scanlines(jpeg, &row, 1);
    if (at < 0 || at >= numbers[PICTURE_HEIGHT]) continue;
    split(row, numbers, planes);
    if (resizer_push(resized, shown, at) < 0) return 0;
  }
  jpeg_finish_decompress(jpeg);
  resizer_end(resized);
  return 1;
}

static int drawn(const uint8_t *bytes, int length, const drawing *to, resizer *resized, uint8_t *row, float *planes) {
  struct jpeg_decompress_struct jpeg;
  jpeg_trouble trouble;
  char problem[JMSG_LENGTH_MAX];
  jpeg.err = jpeg_told(&trouble, problem, sizeof problem);
  trouble.manager.emit_message = leave_at_warnings;
  if (setjmp(trouble.back) != 0) {
    const int code = trouble.manager.msg_code;
    jpeg_destroy_decompress(&jpeg);
    return code == JERR_OUT_OF_MEMORY ? DRAWING_OUT_OF_MEMORY : NO_THUMBNAIL;
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, bytes, (unsigned long)length);
  jpeg_read_header(&jpeg, TRUE);
  const int answer = !is_ours(&jpeg, to->numbers)                          ? NO_THUMBNAIL
                     : decode(&jpeg, to->numbers, resized, row, planes) ? 0
                                                                        : DRAWING_OUT_OF_MEMORY;
  jpeg_destroy_decompress(&jpeg);
  return answer;
}

static void blacken(const drawing *to, int rows) {
  for (int index = 0; index < rows; index++) memset(sheet_row(to, index), 0, (size_t)to->width * 3);
}

int thumbnail_draw(const uint8_t *jpeg, int bytes, const int32_t *numbers, const int32_t *columns, const float *column_weights,
                   const int32_t *rows, const float *row_weights, uint8_t *sheet) {
  taps axes[2] = {{0}, {0}};
  if (!taps_copy(&axes[0], columns, column_weights) || !taps_copy(&axes[1], rows, row_weights)) {
    taps_free(&axes[0]);
    taps_free(&axes[1]);
    return DRAWING_OUT_OF_MEMORY;
  }
  drawing to = {.numbers = numbers, .sheet = sheet, .width = axes[0].outputs};
  const int height = axes[1].outputs;
  resizer *resized = resizer_new(&axes[0], &axes[1], 3, draw_row, &to);
  uint8_t *row = malloc((size_t)numbers[THUMBNAIL_WIDTH] * 3);
  float *planes = malloc((size_t)numbers[PICTURE_WIDTH] * 3 * sizeof *planes);
  const int hasRoom = resized != NULL && row != NULL && planes != NULL;
  const int answer = hasRoom ? drawn(jpeg, bytes, &to, resized, row, planes) : DRAWING_OUT_OF_MEMORY;
  resizer_free(resized);
  free(row);
  free(planes);
  if (answer != 0) blacken(&to, height);
  return answer == 0 ? to.peak : answer;
}
