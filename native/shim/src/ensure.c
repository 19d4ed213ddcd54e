/* ENSURE: a path of a given kind exists under a root, whatever the image put in its way.
 *
 * Links are followed inside the root only. openat2 does that for what exists; for a dangling link
 * its target has to be made, so the path is walked here component by component. Every step names
 * a path from the root that holds no link and is opened with RESOLVE_NO_SYMLINKS, so that a
 * component that turns into a link meanwhile is an error and never a way out. */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "kernel.h"
#include "plan.h"

#define MAX_LINKS 40
#define MAX_RACES 64
#define RESOLVE_EXACT (RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

/* -errno, or the kind of the open descriptor */
static int64_t kind_of(int fd) {
    struct stat s;
    return fstat(fd, &s) < 0 ? -errno : (int64_t)(s.st_mode & S_IFMT);
}

static int wrong_kind(int64_t is, uint32_t wanted) {
    if (is < 0)
        return (int)is;
    if (wanted == S_IFDIR && is != S_IFDIR)
        return -ENOTDIR;
    if (wanted == S_IFREG && is == S_IFDIR)
        return -EISDIR;
    /* A device or socket can be the target of a bind mount as well as a regular file can. */
    return 0;
}

static int checked(int fd, uint32_t kind) {
    int error = wrong_kind(kind_of(fd), kind);
    if (error < 0) {
        close(fd);
        return error;
    }
    return fd;
}

struct walk {
    int root;
    char done[PATH_MAX]; /* from the root, no links, no ".." */
    char rest[PATH_MAX]; /* still to be walked */
    int links, races;
};

static void drop_last(char *path) {
    char *slash = strrchr(path, '/');
    *(slash != NULL ? slash : path) = 0;
}

static int append(char *path, const char *name, size_t length) {
    size_t used = strlen(path);
    if (used + length + 2 > PATH_MAX)
        return -ENAMETOOLONG;
    if (used > 0)
        path[used++] = '/';
    memcpy(path + used, name, length);
    path[used + length] = 0;
    return 0;
}

/* Puts the link's target before what is left of the path. */
static int follow(struct walk *w, int link) {
    if (++w->links > MAX_LINKS)
        return -ELOOP;
    char target[PATH_MAX];
    ssize_t n = readlinkat(link, "", target, sizeof target);
    if (n < 0)
        return -errno;
    size_t left = strlen(w->rest);
    if ((size_t)n + left + 2 > sizeof w->rest)
        return -ENAMETOOLONG;
    memmove(w->rest + n + 1, w->rest, left + 1);
    memcpy(w->rest, target, (size_t)n);
    w->rest[n] = '/';
    drop_last(w->done);
    if (target[0] == '/')
        w->done[0] = 0;
    return 0;
}

static int make(struct walk *w, bool last, uint32_t kind, uint32_t mode) {
    char parent[PATH_MAX];
    strcpy(parent, w->done);
    const char *slash = strrchr(w->done, '/');
    const char *name = slash != NULL ? slash + 1 : w->done;
    drop_last(parent);
    int directory = open_rooted(w->root, parent[0] != 0 ? parent : ".", O_PATH | O_DIRECTORY,
                                RESOLVE_EXACT);
    if (directory < 0)
        return -errno;
    int result = 0;
    if (last && kind == S_IFREG) {
        int fd = openat(directory, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_RDONLY,
                        mode & 07777);
        if (fd < 0)
            result = -errno;
        else
            close(fd);
    } else if (mkdirat(directory, name, last ? mode & 07777 : 0755) < 0) {
        result = -errno;
    }
    close(directory);
    return result;
}

static int walk(struct walk *w, uint32_t kind, uint32_t mode) {
    char *rest = w->rest;
    for (;;) {
        size_t skip = strspn(rest, "/");
        size_t length = strcspn(rest + skip, "/");
        const char *name = rest + skip;
        const char *after = name + length;
        bool last = after[strspn(after, "/")] == 0;
        if (length == 0)
            break;
        if (length == 1 && name[0] == '.') {
            memmove(rest, after, strlen(after) + 1);
            continue;
        }
        if (length == 2 && name[0] == '.' && name[1] == '.') {
            drop_last(w->done);
            memmove(rest, after, strlen(after) + 1);
            continue;
        }
        int error = append(w->done, name, length);
        if (error < 0)
            return error;
        int fd = open_rooted(w->root, w->done, O_PATH | O_NOFOLLOW, RESOLVE_EXACT);
        if (fd < 0 && errno != ENOENT)
            return -errno;
        if (fd < 0) {
            error = make(w, last, kind, mode);
            if (error < 0 && error != -EEXIST)
                return error;
            if (++w->races > MAX_RACES)
                return -EAGAIN;
            drop_last(w->done); /* look again: it is there now, whatever it is */
            continue;
        }
        memmove(rest, after, strlen(after) + 1);
        int64_t is = kind_of(fd);
        if (is == S_IFLNK) {
            error = follow(w, fd);
        } else if (is < 0) {
            error = (int)is;
        } else if (!last && is != S_IFDIR) {
            error = -ENOTDIR;
        } else if (last) {
            return checked(fd, kind);
        }
        close(fd);
        if (error < 0)
            return error;
    }
    /* The path ended in "..", "." or the root itself. */
    int fd = open_rooted(w->root, w->done[0] != 0 ? w->done : ".", O_PATH | O_NOFOLLOW,
                         RESOLVE_EXACT);
    return fd < 0 ? -errno : checked(fd, kind);
}

static int ensure(int root, const char *path, uint32_t kind, uint32_t mode) {
    int fd = open_rooted(root, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0)
        return checked(fd, kind);
    if (errno != ENOENT || kind == 0)
        return -errno;
    struct walk w = {.root = root};
    if (strlen(path) >= sizeof w.rest)
        return -ENAMETOOLONG;
    strcpy(w.rest, path);
    mode_t mask = umask(0); /* the mode is what the plan says, exactly */
    int result = walk(&w, kind, mode);
    umask(mask);
    return result;
}

int ensure_path(int root, const char *path, uint32_t kind, uint32_t mode, uint32_t forbidden) {
    int fd = ensure(root, path, kind, mode);
    struct statfs file_system;
    if (fd < 0 || forbidden == 0)
        return fd;
    int error = fstatfs(fd, &file_system) < 0 ? -errno : 0;
    if (error == 0 && (uint32_t)file_system.f_type == forbidden)
        error = -EXDEV;
    if (error == 0)
        return fd;
    close(fd);
    return error;
}
