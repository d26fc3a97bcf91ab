/*
 * Preloaded into a program, it writes down in order what the program does to the files below one directory: names,
 * bytes, lengths and syncs, as `disk-recording.ts` reads them. What the program says (descriptor 1) is written down
 * among them. One log serves a program and its children; each record is one append, made before the call returns, so
 * whatever a program does because of a call comes after it.
 *
 * WHORL_DISK_ROOT: the directory, without symbolic links. WHORL_DISK_LOG: the log, outside of it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum kind { ROOT = 1, CREATE, DIRECTORY, RENAME, LINK, UNLINK, WRITE, TRUNCATE, SYNC, SAY };

struct record {
  uint32_t bytes; /* of the whole record */
  uint32_t kind;
  uint64_t inode;
  uint64_t at; /* offset, length, or how long the log was when a sync began */
  uint32_t path_bytes;
  uint32_t data_bytes;
};

/* Against other threads: the call and its record are one step. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static char root[PATH_MAX];
static size_t root_length;

static void fail(const char *why) {
  dprintf(2, "disk recorder: %s\n", why);
  abort();
}

static void write_down(enum kind kind, uint64_t inode, uint64_t at, const char *path, const void *data, size_t length) {
  size_t path_bytes = path == NULL ? 0 : strlen(path);
  struct record head = {sizeof head + path_bytes + length, kind, inode, at, path_bytes, length};
  struct iovec parts[3] = {{&head, sizeof head}, {(void *)path, path_bytes}, {(void *)data, length}};
  int before = errno;
  if (REAL(writev)(log_file, parts, 3) != (ssize_t)head.bytes) fail("the log cannot be written");
  errno = before;
}

__attribute__((constructor)) static void begin(void) {
  const char *directory = getenv("WHORL_DISK_ROOT"), *log = getenv("WHORL_DISK_LOG");
  if (directory == NULL || log == NULL) return;
  struct stat status;
  log_file = REAL(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_file < 0 || stat(directory, &status) != 0) fail("WHORL_DISK_ROOT or WHORL_DISK_LOG is not there");
  /* Out of the way of programs that count on low numbers. */
  int high = fcntl(log_file, F_DUPFD_CLOEXEC, 900);
  if (high >= 0) log_file = high;
  root_length = strlen(directory);
  memcpy(root, directory, root_length + 1);
  write_down(ROOT, status.st_ino, 0, root, NULL, 0);
}

static int is_below(const char *path) {
  return log_file >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* @return whether the path is watched; then `absolute` is it */
static int watched_path(const char *path, char absolute[PATH_MAX]) {
  if (log_file < 0 || path == NULL) return 0;
  if (path[0] == '/') {
    if (strlen(path) >= PATH_MAX) return 0;
    strcpy(absolute, path);
  } else {
    char here[PATH_MAX];
    if (getcwd(here, sizeof here) == NULL) return 0;
    if (snprintf(absolute, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) return 0;
  }
  return is_below(absolute);
}

static int watched_file(int file) {
  char name[32], path[PATH_MAX];
  if (log_file < 0 || file < 0) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static struct stat status_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) fail("a file has no status");
  return status;
}

static uint64_t log_length(void) { return status_of(log_file).st_size; }

#define LOCKED(step)                \
  do {                              \
    pthread_mutex_lock(&lock);      \
    step;                           \
    pthread_mutex_unlock(&lock);    \
  } while (0)

/* ---- names ---- */

static int open_watched(const char *absolute, int flags, mode_t mode, int (*real)(const char *, int, ...),
                        const char *path) {
  int file;
  LOCKED({
    struct stat before;
    int existed = stat(absolute, &before) == 0;
    file = real(path, flags, mode);
    if (file >= 0) {
      struct stat status = status_of(file);
      if (!existed) write_down(CREATE, status.st_ino, 0, absolute, NULL, 0);
      else if ((flags & O_TRUNC) && before.st_size > 0) write_down(TRUNCATE, status.st_ino, 0, NULL, NULL, 0);
    }
  });
  return file;
}

#define OPEN(name)                                                                     \
  int name(const char *path, int flags, ...) {                                         \
    va_list rest;                                                                      \
    va_start(rest, flags);                                                             \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;            \
    va_end(rest);                                                                      \
    char absolute[PATH_MAX];                                                           \
    if (!(flags & (O_CREAT | O_TRUNC)) || !watched_path(path, absolute))               \
      return REAL(name)(path, flags, mode);                                            \
    return open_watched(absolute, flags, mode, REAL(name), path);                      \
  }
OPEN(open)
OPEN(open64)

#define RENAMED(call)                                                  \
  char a[PATH_MAX], b[PATH_MAX];                                       \
  if (!watched_path(from, a) || !watched_path(to, b)) return call;     \
  int result;                                                          \
  LOCKED({                                                             \
    result = call;                                                     \
    if (result == 0) write_down(RENAME, 0, 0, a, b, strlen(b));        \
  });                                                                  \
  return result;
int rename(const char *from, const char *to) { RENAMED(REAL(rename)(from, to)) }

int link(const char *from, const char *to) {
  char absolute[PATH_MAX];
  if (!watched_path(to, absolute)) return REAL(link)(from, to);
  int result;
  LOCKED({
    result = REAL(link)(from, to);
    struct stat status;
    if (result == 0 && stat(absolute, &status) == 0) write_down(LINK, status.st_ino, 0, absolute, NULL, 0);
  });
  return result;
}

int mkdir(const char *path, mode_t mode) {
  char absolute[PATH_MAX];
  if (!watched_path(path, absolute)) return REAL(mkdir)(path, mode);
  int result;
  LOCKED({
    result = REAL(mkdir)(path, mode);
    struct stat status;
    if (result == 0 && stat(absolute, &status) == 0) write_down(DIRECTORY, status.st_ino, 0, absolute, NULL, 0);
  });
  return result;
}

#define UNLINKED(call)                                                 \
  char absolute[PATH_MAX];                                             \
  if (!watched_path(path, absolute)) return call;                      \
  int result;                                                          \
  LOCKED({                                                             \
    result = call;                                                     \
    if (result == 0) write_down(UNLINK, 0, 0, absolute, NULL, 0);      \
  });                                                                  \
  return result;
int unlink(const char *path) { UNLINKED(REAL(unlink)(path)) }
int remove(const char *path) { UNLINKED(REAL(remove)(path)) }
int rmdir(const char *path) { UNLINKED(REAL(rmdir)(path)) }

/* ---- bytes ---- */

static uint64_t place_of(int file) {
  if (fcntl(file, F_GETFL) & O_APPEND) return status_of(file).st_size;
  return lseek(file, 0, SEEK_CUR);
}

static void wrote(int file, uint64_t at, const struct iovec *parts, ssize_t bytes) {
  uint64_t inode = file == STDOUT_FILENO ? 0 : status_of(file).st_ino;
  for (; bytes > 0; parts++) {
    size_t length = parts->iov_len < (size_t)bytes ? parts->iov_len : (size_t)bytes;
    write_down(file == STDOUT_FILENO ? SAY : WRITE, inode, at, NULL, parts->iov_base, length);
    at += length;
    bytes -= length;
  }
}

#define WRITTEN(call, place, parts)                                            \
  if (log_file < 0 || (file != STDOUT_FILENO && !watched_file(file))) return call; \
  ssize_t result;                                                              \
  LOCKED({                                                                     \
    uint64_t at = file == STDOUT_FILENO ? 0 : (uint64_t)(place);               \
    result = call;                                                             \
    wrote(file, at, parts, result);                                            \
  });                                                                          \
  return result;

#define PART (&(struct iovec){(void *)data, length})
ssize_t write(int file, const void *data, size_t length) { WRITTEN(REAL(write)(file, data, length), place_of(file), PART) }
ssize_t pwrite(int file, const void *data, size_t length, off_t at_) {
  WRITTEN(REAL(pwrite)(file, data, length, at_), at_, PART)
}
ssize_t pwrite64(int file, const void *data, size_t length, off64_t at_) {
  WRITTEN(REAL(pwrite64)(file, data, length, at_), at_, PART)
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  WRITTEN(REAL(writev)(file, parts, count), place_of(file), parts)
}

#define SHORTENED(call)                                                               \
  if (!watched_file(file)) return call;                                               \
  int result;                                                                         \
  LOCKED({                                                                            \
    result = call;                                                                    \
    if (result == 0) write_down(TRUNCATE, status_of(file).st_ino, length, NULL, NULL, 0); \
  });                                                                                 \
  return result;
int ftruncate(int file, off_t length) { SHORTENED(REAL(ftruncate)(file, length)) }
int ftruncate64(int file, off64_t length) { SHORTENED(REAL(ftruncate64)(file, length)) }

/* Programs then copy by reading and writing, which is watched. */
ssize_t sendfile(int to, int from, off_t *at, size_t length) {
  if (!watched_file(to)) return ((ssize_t(*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, "sendfile"))(to, from, at, length);
  errno = EINVAL;
  return -1;
}
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t length, unsigned flags) {
  if (!watched_file(to)) return REAL(copy_file_range)(from, a, to, b, length, flags);
  errno = EINVAL;
  return -1;
}

/* ---- syncs ---- */

/* What was written while it went on may or may not be covered by it: only what was written down before it began is. */
#define SYNCED(call)                                                          \
  if (!watched_file(file)) return call;                                       \
  uint64_t began = log_length();                                              \
  int result = call;                                                          \
  if (result == 0) LOCKED(write_down(SYNC, status_of(file).st_ino, began, NULL, NULL, 0)); \
  return result;
int fsync(int file) { SYNCED(REAL(fsync)(file)) }
int fdatasync(int file) { SYNCED(REAL(fdatasync)(file)) }
