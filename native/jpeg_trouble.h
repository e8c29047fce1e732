#ifndef JPEG_TROUBLE_H
#define JPEG_TROUBLE_H

/* What becomes of libjpeg's errors: it would end the process, and goes back instead to where `back` was set. */

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

typedef struct {
  struct jpeg_error_mgr manager; /* first, so that libjpeg's pointer to it is one to this */
  jmp_buf back;
  char *problem; /* takes the sentence */
  size_t capacity;
} jpeg_trouble;

static inline void jpeg_leave(j_common_ptr common) {
  jpeg_trouble *trouble = (jpeg_trouble *)common->err;
  char message[JMSG_LENGTH_MAX];
  common->err->format_message(common, message);
  snprintf(trouble->problem, trouble->capacity, "%s", message);
  longjmp(trouble->back, 1);
}

static inline void jpeg_keep_silent(j_common_ptr common) { (void)common; }

static inline struct jpeg_error_mgr *jpeg_told(jpeg_trouble *trouble, char *problem, size_t capacity) {
  jpeg_std_error(&trouble->manager);
  trouble->manager.error_exit = jpeg_leave;
  trouble->manager.output_message = jpeg_keep_silent;
  trouble->problem = problem;
  trouble->capacity = capacity;
  return &trouble->manager;
}

#endif
