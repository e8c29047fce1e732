/*
 * Starts a render process under limits: `confine DATA_BYTES PROGRAM ARGUMENTS...`. It dies with the one that started it, gains
 * no privileges, leaves no core, and has no rings to the kernel, which native/sandbox.c could not close afterwards.
 */

#include "call_filter.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Node asks for a ring at its start, and does without where the kernel seems to know none. */
static int refuse_rings(void) {
#ifdef MACHINE
  struct sock_filter calls[] = {
      LOAD(arch), IF_EQUAL(MACHINE, 1, 0), RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(nr),
      UNLESS(io_uring_setup, 1), RETURN(UNKNOWN), RETURN(SECCOMP_RET_ALLOW),
  };
  return filter_calls(calls, sizeof calls / sizeof *calls);
#else
  return 0;
#endif
}

static int fail(const char *what) {
  fprintf(stderr, "confine: error: %s (%s)\n", what, strerror(errno));
  return 126;
}

int main(int count, char **arguments) {
  if (count < 3) return fail("DATA_BYTES and PROGRAM are missing");
  const rlim_t bytes = strtoull(arguments[1], NULL, 10);
  const struct rlimit data = {.rlim_cur = bytes, .rlim_max = bytes};
  const struct rlimit core = {0};
  if (setrlimit(RLIMIT_DATA, &data) != 0 || setrlimit(RLIMIT_CORE, &core) != 0) return fail("no limits can be set");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail("it would outlive its parent");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("it could gain privileges");
  /* A kernel without filters refuses nothing later, either. */
  (void)refuse_rings();
  execv(arguments[2], arguments + 2);
  return fail("the program does not start");
}
