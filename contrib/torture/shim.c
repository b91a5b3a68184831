/* Simulates disk faults by LD_PRELOAD, for files whose path contains $SHIM_PATH: calls of open, write and fsync
 * fail with $SHIM_ERRNO from number $SHIM_AT on (until number $SHIM_UNTIL, if set), or each fsync takes
 * $SHIM_SLOW_MS milliseconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

static long number(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int matches(const char *path) {
    const char *part = getenv("SHIM_PATH");
    return part && strstr(path, part);
}

static int matches_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return matches(path);
}

static int fails(void) {
    long at = number("SHIM_AT"), until = number("SHIM_UNTIL"), call = atomic_fetch_add(&calls, 1) + 1;
    if (!at || call < at || (until && call >= until)) return 0;
    errno = (int)number("SHIM_ERRNO");
    return 1;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    if ((flags & O_ACCMODE) != O_RDONLY && matches(path) && fails()) return -1;
    return real(path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (fd > 2 && matches_fd(fd) && fails()) return -1;
    return real(fd, bytes, count);
}

static int call_sync(const char *name, int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    if (matches_fd(fd)) {
        usleep((useconds_t)(number("SHIM_SLOW_MS") * 1000));
        if (fails()) return -1;
    }
    return real(fd);
}

int fsync(int fd) { return call_sync("fsync", fd); }
int fdatasync(int fd) { return call_sync("fdatasync", fd); }
