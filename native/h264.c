/* Encodes one picture as one access unit of H.264, by x264. */

#include "encoders.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <x264.h>

const char *h264_version(void) { return X264_POINTVER; }

/*
 * What x264 says of settings and pictures that it cannot use. It says nothing here where it did not get its memory: that goes
 * to the standard error output.
 */
static void complain(void *problem, int level, const char *format, va_list values) {
  if (level != X264_LOG_ERROR) return;
  vsnprintf(problem, ENCODER_PROBLEM_BYTES, format, values);
  char *end = strchr(problem, '\n');
  if (end != NULL) *end = '\0';
}

/* x264 would say it on the standard error output. */
static int is_preset(const char *name) {
  for (const char *const *known = x264_preset_names; *known != NULL; known++)
    if (strcmp(*known, name) == 0) return 1;
  return 0;
}

/* Limited range and BT.709, as the planes are; square pixels, so that players need not guess. */
static void describe(x264_param_t *param, int width, int height, int rate_num, int rate_den) {
  param->i_csp = X264_CSP_I420;
  param->i_bitdepth = 8;
  param->i_width = width;
  param->i_height = height;
  param->b_vfr_input = 0;
  param->i_fps_num = (uint32_t)rate_num;
  param->i_fps_den = (uint32_t)rate_den;
  param->i_timebase_num = (uint32_t)rate_den;
  param->i_timebase_den = (uint32_t)rate_num;
  param->vui.i_sar_width = 1;
  param->vui.i_sar_height = 1;
  param->vui.b_fullrange = 0;
  param->vui.i_colorprim = 1;
  param->vui.i_transfer = 1;
  param->vui.i_colmatrix = 1;
}

/* Of motion, in rows; there is none. */
#define SHORTEST_RANGE 32

/*
 * The first picture of a movie in which nothing is reordered and one picture is referred to. x264 would look ahead of it, and
 * spread its bits over the pictures that follow; there are none, so that neither is done, and the rate factor alone decides how
 * fine it is, by all presets. (It is not a movie of intra pictures, keyint=1, whose heads state no reference.) What motion
 * would cost is tabulated for the shortest range. Parameter sets are the same whatever the rate factor, so that pictures can be
 * put into one movie. One thread, because x264 writes the number of threads into the stream.
 */
static void stand_alone(x264_param_t *param) {
  param->i_bframe = 0;
  param->i_frame_reference = 1;
  param->analyse.i_mv_range = SHORTEST_RANGE;
  param->analyse.i_weighted_pred = 0;
  param->rc.b_mb_tree = 0;
  param->rc.f_qcompress = 1;
  param->rc.i_lookahead = 0;
  param->i_sync_lookahead = 0;
  param->i_threads = 1;
  param->i_lookahead_threads = 1;
  param->b_stitchable = 1;
  param->b_repeat_headers = 1;
  param->b_annexb = 1;
}

static int64_t refused(char *problem) {
  if (problem[0] != '\0') return ENCODER_FAILED;
  snprintf(problem, ENCODER_PROBLEM_BYTES, "it could not allocate it.");
  return ENCODER_OUT_OF_MEMORY;
}

static int64_t kept(const x264_nal_t *units, int length, int skipped, uint8_t *bytes, int64_t capacity, char *problem) {
  if (length <= 0) return refused(problem);
  if (length - skipped > capacity) {
    snprintf(problem, ENCODER_PROBLEM_BYTES, "The picture takes more than %lld bytes.", (long long)capacity);
    return ENCODER_FAILED;
  }
  /* The payloads of all units lie behind one another. */
  memcpy(bytes, units[0].p_payload + skipped, (size_t)(length - skipped));
  return length - skipped;
}

/* What stands before the first picture: parameter sets, and what x264 says of its settings. */
static int64_t write_head(x264_param_t *param, uint8_t *bytes, int64_t capacity, char *problem) {
  x264_t *encoder = x264_encoder_open(param);
  if (encoder == NULL) return refused(problem);
  x264_nal_t *units = NULL;
  int count = 0;
  const int length = x264_encoder_headers(encoder, &units, &count);
  const int64_t written = kept(units, length, 0, bytes, capacity, problem);
  x264_encoder_close(encoder);
  return written;
}

/*
 * The picture as x264 codes one that none is predicted from: it is the same to the bit, without the deblocked and interpolated
 * planes that the next one would be predicted from, which take a tenth of the time.
 */
static int64_t write_picture(x264_param_t *param, x264_picture_t *picture, uint8_t *bytes, int64_t capacity, char *problem) {
  param->i_keyint_max = 1;
  param->b_repeat_headers = 0;
  x264_t *encoder = x264_encoder_open(param);
  if (encoder == NULL) return refused(problem);
  x264_picture_t coded;
  x264_nal_t *units = NULL;
  int count = 0;
  int length = x264_encoder_encode(encoder, &units, &count, picture, &coded);
  while (length == 0 && x264_encoder_delayed_frames(encoder) > 0)
    length = x264_encoder_encode(encoder, &units, &count, NULL, &coded);
  /* Behind a head the start code is a byte shorter. */
  const int skipped = length > 0 && units[0].b_long_startcode;
  const int64_t written = kept(units, length, skipped, bytes, capacity, problem);
  x264_encoder_close(encoder);
  return written;
}

int64_t h264_encode(const uint8_t *planes, int width, int height, int rate_num, int rate_den,
                    double rate_factor, const char *preset, uint8_t *bytes, int64_t capacity, char *problem) {
  x264_param_t param;
  if (!is_preset(preset)) {
    snprintf(problem, ENCODER_PROBLEM_BYTES, "It has no preset %s.", preset);
    return ENCODER_FAILED;
  }
  problem[0] = '\0';
  if (x264_param_default_preset(&param, preset, NULL) < 0) return refused(problem);
  describe(&param, width, height, rate_num, rate_den);
  stand_alone(&param);
  param.rc.i_rc_method = X264_RC_CRF;
  param.rc.f_rf_constant = (float)rate_factor;
  param.pf_log = complain;
  param.p_log_private = problem;
  param.i_log_level = X264_LOG_ERROR;
  if (x264_param_apply_profile(&param, "high") < 0) return refused(problem);
  const size_t luma = (size_t)width * (size_t)height;
  x264_picture_t picture;
  x264_picture_init(&picture);
  picture.img.i_csp = X264_CSP_I420;
  picture.img.i_plane = 3;
  /* x264 copies the planes before it changes anything; its structure knows no const. */
  for (int plane = 0; plane < 3; plane++) {
    picture.img.plane[plane] = (uint8_t *)(uintptr_t)planes + (plane > 0 ? luma : 0) + (plane > 1 ? luma / 4 : 0);
    picture.img.i_stride[plane] = plane > 0 ? width / 2 : width;
  }
  const int64_t head = write_head(&param, bytes, capacity, problem);
  if (head < 0) return head;
  const int64_t coded = write_picture(&param, &picture, bytes + head, capacity - head, problem);
  return coded < 0 ? coded : head + coded;
}
