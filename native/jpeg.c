/* Encodes one canvas as a JPEG, by libjpeg-turbo. */

#include "encoders.h"

#include <jerror.h>

#include "jpeg_trouble.h"

#define STRINGIFIED(text) #text
#define STRING(text) STRINGIFIED(text)

const char *jpeg_version(void) { return STRING(LIBJPEG_TURBO_VERSION); }

/* The caller's memory and no other. */
struct destination {
  struct jpeg_destination_mgr manager; /* first, likewise */
  uint8_t *bytes;
  size_t capacity;
};

static void begin(j_compress_ptr jpeg) {
  struct destination *to = (struct destination *)jpeg->dest;
  to->manager.next_output_byte = to->bytes;
  to->manager.free_in_buffer = to->capacity;
}

static boolean overflow(j_compress_ptr jpeg) {
  ERREXIT(jpeg, JERR_BUFFER_SIZE);
  return FALSE;
}

static void end(j_compress_ptr jpeg) { (void)jpeg; }

/* 4:2:0 is the default of libjpeg; square pixels, and JFIF 1.02, which is what such files are. */
static void describe(struct jpeg_compress_struct *jpeg, int width, int height, int quality) {
  jpeg->image_width = (JDIMENSION)width;
  jpeg->image_height = (JDIMENSION)height;
  jpeg->input_components = 3;
  jpeg->in_color_space = JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg_set_quality(jpeg, quality, TRUE);
  jpeg->dct_method = JDCT_ISLOW;
  jpeg->optimize_coding = TRUE;
  jpeg->JFIF_minor_version = 2;
}

static void write_rows(struct jpeg_compress_struct *jpeg, const uint8_t *rgb) {
  const size_t row_bytes = (size_t)jpeg->image_width * 3;
  while (jpeg->next_scanline < jpeg->image_height) {
    /* Rows are only read; libjpeg's type knows no const. */
    JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + jpeg->next_scanline * row_bytes);
    jpeg_write_scanlines(jpeg, &row, 1);
  }
}

int64_t jpeg_encode(const uint8_t *rgb, int width, int height, int quality, const uint8_t *icc, int icc_bytes,
                    uint8_t *bytes, int64_t capacity, char *problem) {
  struct jpeg_compress_struct jpeg;
  jpeg_trouble trouble;
  struct destination to = {.bytes = bytes, .capacity = (size_t)capacity};
  jpeg.err = jpeg_told(&trouble, problem, ENCODER_PROBLEM_BYTES);
  if (setjmp(trouble.back) != 0) {
    const int code = trouble.manager.msg_code;
    jpeg_destroy_compress(&jpeg);
    return code == JERR_OUT_OF_MEMORY ? ENCODER_OUT_OF_MEMORY : ENCODER_FAILED;
  }
  jpeg_create_compress(&jpeg);
  to.manager.init_destination = begin;
  to.manager.empty_output_buffer = overflow;
  to.manager.term_destination = end;
  jpeg.dest = &to.manager;
  describe(&jpeg, width, height, quality);
  jpeg_start_compress(&jpeg, TRUE);
  jpeg_write_icc_profile(&jpeg, icc, (unsigned int)icc_bytes);
  write_rows(&jpeg, rgb);
  jpeg_finish_compress(&jpeg);
  const int64_t length = (int64_t)((size_t)capacity - to.manager.free_in_buffer);
  jpeg_destroy_compress(&jpeg);
  return length;
}
