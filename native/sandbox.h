#ifndef SANDBOX_H
#define SANDBOX_H

#include "library.h"

/* What protects from now on. */
enum protection {
  REFUSES_CALLS = 1,  /* seccomp: the process, with all its threads, starts, connects, writes and signals nothing */
  HIDES_PROCESSES = 2 /* Landlock: the calling thread, and those that it starts, read nothing below /proc */
};

/*
 * Gives rights away, for good; the sum of what this kernel and machine can do of it. To be called once all is loaded: what is
 * compiled later can no longer be kept for others. Calls are refused only to a process that native/confine started.
 */
EXPORTED int sandbox_enter(void);

#endif
