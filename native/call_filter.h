#ifndef CALL_FILTER_H
#define CALL_FILTER_H

/* Words for filters of system calls (seccomp), of which the kernel is told which it refuses from then on. */

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSED SECCOMP_RET_ERRNO | 1 /* EPERM */
#define UNKNOWN SECCOMP_RET_ERRNO | 38 /* ENOSYS: the C library then takes the older call, which can be looked into */
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Skips `count` instructions unless it is this call. */
#define UNLESS(name, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, (count))
#define ALLOW(name) UNLESS(name, 1), RETURN(SECCOMP_RET_ALLOW)
/* Both machines are little-endian: the lower half of an argument comes first. */
#define LOAD_LOW(arg) LOAD(args[arg])
#define LOAD_HIGH(arg) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[arg]) + 4)
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), (yes), (no))
#define IF_ANY_BIT(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(bits), (yes), (no))
#define ALLOW_WHERE(name, arg, test) UNLESS(name, 4), LOAD_LOW(arg), test, RETURN(SECCOMP_RET_ALLOW), RETURN(REFUSED)

/* For all threads of the process, for good. 0 where the kernel took it. */
static inline int filter_calls(struct sock_filter *calls, size_t length) {
  struct sock_fprog program = {.len = (unsigned short)length, .filter = calls};
  return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

#endif
