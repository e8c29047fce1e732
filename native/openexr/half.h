#ifndef INCLUDED_HALF_H
#define INCLUDED_HALF_H

/* The little of Imath's half that OpenEXR's HTJ2K needs; its conversions are those of OpenEXR's core library. */

#include <stdint.h>

#include "internal_coding.h"

#ifndef HALF_MAX
#define HALF_MAX 65504.0f
#endif

class half {
 public:
  half(float value) : _bits(float_to_half(value)) {}
  uint16_t bits() const { return _bits; }
  operator float() const { return half_to_float(_bits); }

 private:
  uint16_t _bits;
};

#endif
