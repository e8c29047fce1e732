#ifndef EXR_CHROMA_H
#define EXR_CHROMA_H

#include "exr_planes.h"

typedef struct exr_chroma exr_chroma;

/* For planes of luminance and two of chroma, in this order; `weights` are the shares of red, green and blue in luminance. */
enum outcome new_chroma(exr_chroma **made, exr_file *file, const double weights[3]);

/* Gives rows of red, green and blue. */
enum outcome read_chroma(exr_chroma *chroma, exr_file *file, int first, int last, put_row put, void *state);

void free_chroma(exr_chroma *chroma);

#endif
