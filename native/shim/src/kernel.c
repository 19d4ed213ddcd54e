#define _GNU_SOURCE
#include "kernel.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "wire.h"

void close_all_but(int *keep, size_t count) {
    for (size_t i = 1; i < count; i++) {
        int fd = keep[i];
        size_t j = i;
        for (; j > 0 && keep[j - 1] > fd; j--)
            keep[j] = keep[j - 1];
        keep[j] = fd;
    }
    unsigned next = 3;
    for (size_t i = 0; i < count; i++) {
        if (keep[i] < 3 || (unsigned)keep[i] < next)
            continue;
        if ((unsigned)keep[i] > next)
            close_from(next, (unsigned)keep[i] - 1);
        next = (unsigned)keep[i] + 1;
    }
    close_from(next, ~0u);
}

union control_space {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * (MAX_DESCRIPTORS + 3))];
};

ssize_t send_packet(int socket, const void *head, size_t head_size, const void *body,
                    size_t body_size, const int *fds, size_t fd_count) {
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = head_size},
        {.iov_base = (void *)(uintptr_t)body, .iov_len = body_size},
    };
    union control_space control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    if (fd_count > 0) {
        if (fd_count > MAX_DESCRIPTORS + 3)
            return -E2BIG;
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        memset(control.bytes, 0, message.msg_controllen);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        memcpy(CMSG_DATA(rights), fds, sizeof(int) * fd_count);
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/* fd_count: room on entry, received on return. What was cut off is -EMSGSIZE, nothing leaks. */
ssize_t receive_packet(int socket, void *buffer, size_t size, int flags, int *fds,
                       size_t *fd_count) {
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    union control_space control;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    size_t room = *fd_count;
    *fd_count = 0;
    ssize_t received;
    do
        received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    while (received < 0 && (errno == EINTR || errno == ECONNRESET));
    /* ECONNRESET is told once and before packets that still wait: a peer that ended with something
     * unread. What it said comes now, then its end. */
    if (received < 0)
        return -errno;
    bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (*fd_count < room) {
                fds[(*fd_count)++] = fd;
            } else {
                close(fd);
                cut = true;
            }
        }
    }
    if (cut) {
        for (size_t i = 0; i < *fd_count; i++)
            close(fds[i]);
        *fd_count = 0;
        return -EMSGSIZE;
    }
    return received;
}

void close_connection(int *fd) {
    if (*fd < 0)
        return;
    /* Closed with something unread, the peer would see ECONNRESET before our last words. */
    shutdown(*fd, SHUT_RDWR);
    char byte;
    while (recv(*fd, &byte, sizeof byte, MSG_DONTWAIT) > 0)
        ;
    close_fd(fd);
}

void *map_memory(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void unmap_memory(void *memory, size_t size) {
    munmap(memory, size);
}
