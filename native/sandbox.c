/*
 * Gives away every right that a render process does not need once all is loaded: what a hostile file may make of a decoder's
 * fault then writes, connects, starts and signals nothing, and sees no other process.
 */

#define _GNU_SOURCE

#include "sandbox.h"

#include "call_filter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef MACHINE

#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))
#define PR_SET_VMA_NUMBER 0x53564d41

/* Whatever is not named is refused. */
static int refuse_calls(void) {
  const uint32_t self = (uint32_t)getpid();
  struct sock_filter calls[] = {
      LOAD(arch),
      IF_EQUAL(MACHINE, 1, 0),
      RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD(nr),
      /* Reading, and writing to what is open: the channel and standard error. */
      ALLOW(read), ALLOW(write), ALLOW(pread64), ALLOW(readv), ALLOW(writev), ALLOW(lseek), ALLOW(close), ALLOW(fstat),
      ALLOW(newfstatat), ALLOW(statx), ALLOW(getdents64), ALLOW(readlinkat), ALLOW(faccessat), ALLOW(faccessat2),
      ALLOW(getcwd), ALLOW(fsync), ALLOW(fdatasync), ALLOW(fadvise64), ALLOW(statfs), ALLOW(fstatfs),
      /* Memory and threads. */
      ALLOW(futex), ALLOW(madvise), ALLOW(mmap), ALLOW(munmap), ALLOW(mprotect), ALLOW(mremap), ALLOW(brk), ALLOW(mincore),
      ALLOW(pkey_alloc), ALLOW(pkey_free), ALLOW(pkey_mprotect), ALLOW(membarrier), ALLOW(sched_yield),
      ALLOW(sched_getaffinity), ALLOW(sched_getparam), ALLOW(sched_getscheduler), ALLOW(set_robust_list), ALLOW(set_tid_address), ALLOW(rseq), ALLOW(gettid), ALLOW(getpid),
      ALLOW(getppid), ALLOW(exit), ALLOW(exit_group),
      /* Time, waiting, signals of its own. */
      ALLOW(clock_gettime), ALLOW(clock_getres), ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday),
      ALLOW(epoll_create1), ALLOW(epoll_ctl), ALLOW(epoll_pwait), ALLOW(ppoll), ALLOW(eventfd2), ALLOW(pipe2),
      ALLOW(timerfd_create), ALLOW(timerfd_settime), ALLOW(restart_syscall), ALLOW(rt_sigaction), ALLOW(rt_sigprocmask),
      ALLOW(rt_sigreturn), ALLOW(sigaltstack), ALLOW(getrandom), ALLOW(getrusage), ALLOW(sysinfo), ALLOW(uname),
      ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid), ALLOW(getegid), ALLOW(dup), ALLOW(dup3),
#ifdef __x86_64__
      ALLOW(epoll_wait), ALLOW(poll), ALLOW(stat), ALLOW(lstat), ALLOW(access), ALLOW(readlink), ALLOW(pipe), ALLOW(dup2),
      ALLOW(time), ALLOW(arch_prctl), ALLOW_WHERE(open, 1, IF_ANY_BIT(WRITING, 1, 0)),
#endif
      ALLOW_WHERE(openat, 2, IF_ANY_BIT(WRITING, 1, 0)),
      /* Threads, no processes. */
      ALLOW_WHERE(clone, 0, IF_ANY_BIT(CLONE_THREAD, 0, 1)),
      ALLOW_WHERE(tgkill, 0, IF_EQUAL(self, 0, 1)),
      ALLOW_WHERE(kill, 0, IF_EQUAL(self, 0, 1)),
      ALLOW_WHERE(fcntl, 1, BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, F_SETFL, 1, 0)),
      UNLESS(ioctl, 6), LOAD_LOW(1), IF_EQUAL(FIONBIO, 2, 0), IF_EQUAL(FIOCLEX, 1, 0), IF_EQUAL(FIONREAD, 0, 1),
      RETURN(SECCOMP_RET_ALLOW), RETURN(REFUSED),
      UNLESS(prctl, 5), LOAD_LOW(0), IF_EQUAL(PR_SET_NAME, 1, 0), IF_EQUAL(PR_SET_VMA_NUMBER, 0, 1),
      RETURN(SECCOMP_RET_ALLOW), RETURN(REFUSED),
      /* Limits may be asked for, not set. */
      UNLESS(prlimit64, 6), LOAD_LOW(2), IF_EQUAL(0, 0, 3), LOAD_HIGH(2), IF_EQUAL(0, 0, 1), RETURN(SECCOMP_RET_ALLOW),
      RETURN(REFUSED),
      UNLESS(clone3, 1), RETURN(UNKNOWN),
      UNLESS(openat2, 1), RETURN(UNKNOWN),
      RETURN(REFUSED),
  };
  return filter_calls(calls, sizeof calls / sizeof *calls);
}

#else

static int refuse_calls(void) { return -1; }

#endif

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* Everything that the first version knows: to read, to write, to remove, to make, to execute. */
#define EVERYTHING ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static void allow_reading(int rules, int root, const char *name) {
  const int place = openat(root, name, O_PATH | O_CLOEXEC | O_NOFOLLOW);
  if (place < 0) return;
  struct landlock_path_beneath_attr beneath = {.allowed_access = READING, .parent_fd = place};
  if (syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
    /* A file, of which no entries can be read. */
    beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
    (void)syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  }
  close(place);
}

/*
 * Sources lie anywhere, but none below /proc, where other processes show their environment and memory. The kernel knows rules
 * that allow only: each folder of the root is allowed but that one.
 */
static int hide_processes(void) {
  const struct landlock_ruleset_attr handled = {.handled_access_fs = EVERYTHING};
  const int rules = (int)syscall(__NR_landlock_create_ruleset, &handled, sizeof handled, 0);
  if (rules < 0) return -1;
  DIR *root = opendir("/");
  if (root == NULL) {
    close(rules);
    return -1;
  }
  for (const struct dirent *entry = readdir(root); entry != NULL; entry = readdir(root)) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "proc") != 0) allow_reading(rules, dirfd(root), name);
  }
  closedir(root);
  const int restricted = (int)syscall(__NR_landlock_restrict_self, rules, 0);
  close(rules);
  return restricted;
}

/*
 * What goes through a ring passes by every filter, and Node, which has one unless it was started without, cannot go on when it
 * may no longer use it.
 */
static int has_no_rings(void) {
  return syscall(__NR_io_uring_setup, 0, NULL) != 0 && (errno == ENOSYS || errno == EPERM);
}

int sandbox_enter(void) {
  int protects = 0;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return protects;
  if (hide_processes() == 0) protects |= HIDES_PROCESSES;
  if (has_no_rings() && refuse_calls() == 0) protects |= REFUSES_CALLS;
  return protects;
}
