/* System calls that libc lacks, and the few descriptor helpers that everything here uses. */
#ifndef CORTEN_KERNEL_H
#define CORTEN_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define ALL_NAMESPACES                                                                        \
    ((uint64_t)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
                CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME))

/* fork() with clone3's flags: the child goes on here with a copy of this memory. libc's fork
 * would run handlers and cannot take flags. */
static inline pid_t fork_with(uint64_t flags, int exit_signal, int cgroup, int *pidfd) {
    struct clone_args arguments = {
        .flags = flags | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = (uint64_t)exit_signal,
    };
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static inline int open_rooted(int root, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
    int fd;
    int tries = 32; /* EAGAIN: a rename happened while ".." was being walked */
    do
        fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    while (fd < 0 && errno == EAGAIN && --tries > 0);
    return fd;
}

static inline int signal_process(int pidfd, int signal_number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
}

static inline void close_from(unsigned first, unsigned last) {
    if (first <= last)
        syscall(SYS_close_range, first, last, 0);
}

/* Closes every descriptor from 3 up but the given ones; sorts `keep`. */
void close_all_but(int *keep, size_t count);

/* Sends or receives one packet with descriptors; 0 or more, or -errno. */
ssize_t send_packet(int socket, const void *head, size_t head_size, const void *body,
                    size_t body_size, const int *fds, size_t fd_count);
ssize_t receive_packet(int socket, void *buffer, size_t size, int flags, int *fds,
                       size_t *fd_count);

/* Ends a packet connection so that the peer still gets all that was sent. */
void close_connection(int *fd);

static inline void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Maps zeroed memory that costs nothing until it is touched; NULL if there is none. */
void *map_memory(size_t size);
void unmap_memory(void *memory, size_t size);

#endif
