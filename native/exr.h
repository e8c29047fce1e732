#ifndef EXR_H
#define EXR_H

#include "library.h"
#include "reader.h"

/*
 * Opens three channels of a part of an EXR; a grey picture's channel is named three times. Subsampled channels are repeated
 * to the size of the data window. With `weights`, the shares of red, green and blue in luminance, the channels are luminance
 * and chroma (Y, RY, BY) and become red, green and blue. NULL where it fails: `outcome` and `problem` (PROBLEM_BYTES long)
 * say why.
 */
EXPORTED reader *exr_open(const char *path, int part, const char *red, const char *green, const char *blue,
                          const double *weights, int *outcome, char *problem);

#endif
