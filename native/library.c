/* What the library says of itself. */

#include "library.h"

#include <stdint.h>
#include <stdio.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <openexr_base.h>
#include <tiffio.h>

#include "encoders.h"

#define STRINGIFIED(text) #text
#define STRING(text) STRINGIFIED(text)

/* Raised with every change of a function that is called from outside, so that an older build is not called wrongly. */
#define INTERFACE_NUMBER 5

#define KEPT_BYTES (128 << 20)
#define LARGE_BYTES (32 << 20)

void library_keep_memory(void) {
#ifdef __GLIBC__
  mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
  mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
}

int library_interface(void) { return INTERFACE_NUMBER; }

const char *library_compiler(void) { return "gcc " STRING(__GNUC__) "." STRING(__GNUC_MINOR__); }

void library_parts(char *text, int capacity) {
  int major, minor, patch;
  const char *extra;
  exr_get_library_version(&major, &minor, &patch, &extra);
  snprintf(text, (size_t)capacity, "openexr %d.%d.%d\nlibtiff %d.%d.%d\nlibjpeg-turbo %s\nx264 %s\n", major, minor, patch,
           TIFFLIB_MAJOR_VERSION, TIFFLIB_MINOR_VERSION, TIFFLIB_MICRO_VERSION, jpeg_version(), h264_version());
}
