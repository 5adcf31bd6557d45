/*
 * Preloaded into a database: what it does to the files below SEMEL_DISK is written down in SEMEL_DISK_LOGS, so that a power failure can be played
 * afterwards. Each thread has a log of its own, whose end alone a kill can damage; times put them in order. Nothing is flushed: that a flush was asked for is
 * written down, once a time has passed that it takes a disk, so that failures come in the midst of it.
 *
 * Not seen: what stdio writes (fopen), and what is written to mapped files. Neither of the two databases keeps anything there that has to last.
 * Opening a file for writes that are flushed one by one (O_DSYNC, O_SYNC) is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_NS 1000000

enum what { CREATE = 'c', WRITE = 'w', RESIZE = 'z', SYNC = 's', RENAME = 'r', UNLINK = 'u' };

/* Before each entry; then come the path, and what was written or the other path. */
struct head {
  uint64_t at_ns;
  uint64_t offset; /* or the size, or when the flush was done */
  uint32_t bytes;
  uint16_t path;
  uint8_t what;
  uint8_t mark;
};

static char *disk, *logs; /* copies: a server may use the memory of its environment for its title */

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("SEMEL_DISK"), *entries = getenv("SEMEL_DISK_LOGS");
  if (!folder || !entries) return;
  logs = strdup(entries);
  disk = strdup(folder);
}

static void give_up(const char *why, const char *path) {
  dprintf(2, "forgetful disk: %s: %s\n", why, path);
  abort();
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int log_file(void) {
  static _Thread_local int file;
  static _Thread_local pid_t of; /* a fork has the log of its parent at first */
  if (of == getpid()) return file;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%d-%d-%llu", logs, getpid(), gettid(), (unsigned long long)now_ns());
  file = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) give_up(strerror(errno), path);
  of = getpid();
  return file;
}

static void record_at(uint64_t at_ns, enum what what, const char *path, uint64_t offset, const struct iovec *data, int count) {
  struct iovec parts[count + 2];
  struct head head = {.at_ns = at_ns, .offset = offset, .path = strlen(path), .what = what, .mark = 0xd1};
  for (int i = 0; i < count; i++) head.bytes += (parts[i + 2] = data[i]).iov_len;
  parts[0] = (struct iovec){&head, sizeof head};
  parts[1] = (struct iovec){(void *)path, head.path};
  const int error = errno;
  if (syscall(SYS_writev, log_file(), parts, count + 2) != (long)(sizeof head + head.path + head.bytes)) give_up("its log cannot be written", path);
  errno = error;
}

static void record(enum what what, const char *path, uint64_t offset, const struct iovec *data, int count) {
  record_at(now_ns(), what, path, offset, data, count);
}

static void note(enum what what, const char *path, uint64_t offset) { record(what, path, offset, NULL, 0); }

static int is_below(const char *path) {
  const size_t length = strlen(disk);
  return !strncmp(path, disk, length) && (path[length] == '/' || !path[length]);
}

/* Whether a path belongs to the disk, and the whole of it. */
static int whole(const char *path, char *full) {
  if (!disk) return 0;
  if (path[0] == '/') snprintf(full, PATH_MAX, "%s", path);
  else {
    char folder[PATH_MAX];
    if (syscall(SYS_getcwd, folder, sizeof folder) < 0) return 0;
    if (snprintf(full, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX) return 0;
  }
  return is_below(full);
}

/* The same of an open file, by the name that it has now; one without a name belongs to nobody. */
static int path_of(int file, char *path) {
  static const char gone[] = " (deleted)";
  if (!disk) return 0;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const int error = errno;
  const ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  errno = error;
  if (length < 0) return 0;
  path[length] = 0;
  if (length >= (ssize_t)sizeof gone && !strcmp(path + length - (sizeof gone - 1), gone)) return 0;
  return is_below(path);
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  char full[PATH_MAX];
  if ((path[0] != '/' && folder != AT_FDCWD) || !whole(path, full)) return syscall(SYS_openat, folder, path, flags, mode);
  if (flags & O_DSYNC) give_up("files whose every write is flushed are not simulated", full);
  int file;
  do {
    if (flags & O_CREAT) {
      file = syscall(SYS_openat, folder, path, flags | O_EXCL, mode); /* so that who makes it knows */
      if (file >= 0) note(CREATE, full, 0);
      if (file >= 0 || errno != EEXIST || flags & O_EXCL) return file;
    }
    file = syscall(SYS_openat, folder, path, flags & ~(O_CREAT | O_TRUNC), mode);
  } while (file < 0 && errno == ENOENT && flags & O_CREAT);
  if (file >= 0 && flags & O_TRUNC) {
    note(RESIZE, full, 0);
    syscall(SYS_ftruncate, file, 0);
  }
  return file;
}

#define MODE(last) ({ va_list more; va_start(more, last); const mode_t mode = va_arg(more, mode_t); va_end(more); mode; })

int open(const char *path, int flags, ...) { return open_at(AT_FDCWD, path, flags, flags & O_CREAT ? MODE(flags) : 0); }
int openat(int folder, const char *path, int flags, ...) { return open_at(folder, path, flags, flags & O_CREAT ? MODE(flags) : 0); }
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

/* Where the next write goes. */
static uint64_t place(int file) {
  struct stat is;
  if (fcntl(file, F_GETFL) & O_APPEND && !fstat(file, &is)) return is.st_size;
  return lseek(file, 0, SEEK_CUR);
}

ssize_t write(int file, const void *from, size_t bytes) {
  char path[PATH_MAX];
  if (path_of(file, path)) record(WRITE, path, place(file), &(struct iovec){(void *)from, bytes}, 1);
  return syscall(SYS_write, file, from, bytes);
}

ssize_t writev(int file, const struct iovec *data, int count) {
  char path[PATH_MAX];
  if (path_of(file, path)) record(WRITE, path, place(file), data, count);
  return syscall(SYS_writev, file, data, count);
}

ssize_t pwrite(int file, const void *from, size_t bytes, off_t offset) {
  char path[PATH_MAX];
  if (path_of(file, path)) record(WRITE, path, offset, &(struct iovec){(void *)from, bytes}, 1);
  return syscall(SYS_pwrite64, file, from, bytes, offset);
}
ssize_t pwrite64(int file, const void *from, size_t bytes, off64_t offset) __attribute__((alias("pwrite")));

ssize_t pwritev(int file, const struct iovec *data, int count, off_t offset) {
  char path[PATH_MAX];
  if (path_of(file, path)) record(WRITE, path, offset, data, count);
  return syscall(SYS_pwritev, file, data, count, offset, 0);
}
ssize_t pwritev64(int file, const struct iovec *data, int count, off64_t offset) __attribute__((alias("pwritev")));

int ftruncate(int file, off_t size) {
  char path[PATH_MAX];
  if (path_of(file, path)) note(RESIZE, path, size);
  return syscall(SYS_ftruncate, file, size);
}
int ftruncate64(int file, off64_t size) __attribute__((alias("ftruncate")));

int truncate(const char *path, off_t size) {
  char full[PATH_MAX];
  if (whole(path, full)) note(RESIZE, full, size);
  return syscall(SYS_truncate, path, size);
}
int truncate64(const char *path, off64_t size) __attribute__((alias("truncate")));

static void note_room(int file, off_t end) {
  char path[PATH_MAX];
  struct stat is;
  if (path_of(file, path) && !fstat(file, &is) && is.st_size < end) note(RESIZE, path, end);
}

int fallocate(int file, int mode, off_t offset, off_t bytes) {
  if (!mode) note_room(file, offset + bytes);
  return syscall(SYS_fallocate, file, mode, offset, bytes);
}
int fallocate64(int file, int mode, off64_t offset, off64_t bytes) __attribute__((alias("fallocate")));

int posix_fallocate(int file, off_t offset, off_t bytes) {
  note_room(file, offset + bytes);
  return syscall(SYS_fallocate, file, 0, offset, bytes) ? errno : 0;
}
int posix_fallocate64(int file, off64_t offset, off64_t bytes) __attribute__((alias("posix_fallocate")));

/* It covers what was written before it began, and counts where it came to its end. */
static int flush(const char *path) {
  const struct timespec while_ = {0, FLUSH_NS};
  const uint64_t began_ns = now_ns();
  nanosleep(&while_, NULL);
  record_at(began_ns, SYNC, path, now_ns(), NULL, 0);
  return 0;
}

int fsync(int file) {
  char path[PATH_MAX];
  return path_of(file, path) ? flush(path) : syscall(SYS_fsync, file);
}

int fdatasync(int file) {
  char path[PATH_MAX];
  return path_of(file, path) ? flush(path) : syscall(SYS_fdatasync, file);
}

/* These two are written down first: who has seen what they did comes after them in the logs too. */
int unlink(const char *path) {
  char full[PATH_MAX];
  if (whole(path, full)) note(UNLINK, full, 0);
  return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to) {
  char full[PATH_MAX], other[PATH_MAX];
  if (whole(from, full) && whole(to, other)) record(RENAME, full, 0, &(struct iovec){other, strlen(other)}, 1);
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
