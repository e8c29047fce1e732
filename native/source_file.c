/* Opening and reading a source, and what its troubles are called. */

/* For the names of errors. */
#define _GNU_SOURCE

#include "source_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum outcome trouble(int error, char problem[PROBLEM_BYTES]) {
  const char *name = strerrorname_np(error);
  switch (error) {
  case ENOENT:
  case ENOTDIR:
  case ESTALE:
    snprintf(problem, PROBLEM_BYTES, "The file is no longer there (%s).", name);
    return GONE;
  case EACCES:
  case EPERM:
  case ELOOP:
    snprintf(problem, PROBLEM_BYTES, "The file may not be read (%s); check its permissions.", name);
    return DENIED;
  case ENOMEM:
    snprintf(problem, PROBLEM_BYTES, "There is no memory to read the file with (%s).", name);
    return OUT_OF_MEMORY;
  default:
    snprintf(problem, PROBLEM_BYTES, "The file cannot be read (%s); check the disk.", name == NULL ? "unknown" : name);
    return READ_FAILED;
  }
}

enum outcome open_source(source_file *file, const char *path, char problem[PROBLEM_BYTES]) {
  struct stat status;
  file->descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (file->descriptor < 0) return trouble(errno, problem);
  if (fstat(file->descriptor, &status) != 0) {
    enum outcome outcome = trouble(errno, problem);
    close_source(file);
    return outcome;
  }
  file->size_bytes = status.st_size;
  return OK;
}

enum outcome read_source(const source_file *file, int64_t offset, void *into, size_t length, size_t *got,
                         char problem[PROBLEM_BYTES]) {
  *got = 0;
  while (*got < length) {
    ssize_t bytes = pread(file->descriptor, (char *)into + *got, length - *got, offset + (int64_t)*got);
    if (bytes == 0) break;
    if (bytes > 0)
      *got += (size_t)bytes;
    else if (errno != EINTR)
      return trouble(errno, problem);
  }
  return OK;
}

void close_source(source_file *file) {
  if (file->descriptor >= 0) close(file->descriptor);
  file->descriptor = -1;
}
