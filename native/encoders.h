#ifndef ENCODERS_H
#define ENCODERS_H

/*
 * Finished canvases to files' bytes. What is given is only read; `bytes` takes what comes of it. Each call stands alone: the
 * same canvas and settings give the same bytes, whatever was encoded before, on any number of threads.
 */

#include <stdint.h>

#include "library.h"

/* What a call answers that encoded nothing; otherwise it answers the number of bytes. `problem` then holds a sentence. */
enum encoding { ENCODER_FAILED = -1, ENCODER_OUT_OF_MEMORY = -2 };

#define ENCODER_PROBLEM_BYTES 256

/* Versions of x264 and of libjpeg-turbo: those that this was compiled against. */
const char *h264_version(void);
const char *jpeg_version(void);

/*
 * The planes of one picture in 8-bit 4:2:0 (limited range, BT.709), luma first, without gaps, both sides even, as one access
 * unit in Annex B: parameter sets and one IDR picture. `rate_factor`, 1..51, is the quantiser of the whole picture, which x264 varies within it.
 */
EXPORTED int64_t h264_encode(const uint8_t *planes, int width, int height, int rate_num, int rate_den,
                             double rate_factor, const char *preset, uint8_t *bytes, int64_t capacity, char *problem);

/* Red, green and blue of 8 bits, without gaps, as a JPEG in 4:2:0 with this ICC profile. `quality` 1..100. */
EXPORTED int64_t jpeg_encode(const uint8_t *rgb, int width, int height, int quality, const uint8_t *icc, int icc_bytes,
                             uint8_t *bytes, int64_t capacity, char *problem);

#endif
