#ifndef TURN_H
#define TURN_H

/* Exif orientations: holds a picture until it is whole, then gives it upright. */

#include "resize.h"

typedef struct turner turner;

/* For a stored picture of this size; orientation is 2..8. NULL where memory is out. */
turner *turner_new(int orientation, int width, int height);
void turner_free(turner *);

/* Takes a row of the stored picture. */
void turner_put(turner *, const float *row, int index);

/* Gives the rows of the upright picture, from the top down. */
void turner_give(turner *, take_row take, void *state);

#endif
