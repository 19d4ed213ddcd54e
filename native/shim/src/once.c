/* Makes one process by a plan and leaves: no monitor, the streams are those of the caller, and the
 * process speaks with the caller itself until it executes its program. */
#define _GNU_SOURCE
#include "once.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "kernel.h"
#include "plan.h"
#include "wire.h"
#include "zygote.h"

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        close_fd(&fd);
    return fd;
}

static int answer(int caller, struct failure failure, pid_t pid, int pidfd) {
    struct once_reply reply = {.magic = REPLY_MAGIC,
                               .error = failure.error,
                               .pid = pid,
                               .list = failure.list,
                               .index = failure.index};
    ssize_t sent =
        send_packet(caller, &reply, sizeof reply, NULL, 0, &pidfd, pidfd >= 0 ? 1 : 0);
    return sent < 0 || failure.error != 0 ? 1 : 0;
}

/* fds: the plan, the pidfd that an exec's plan wants, the caller's end of the status channel, and
 * the plan's own. */
static struct failure start(int *fds, size_t count, int caller, pid_t *pid, int *pidfd) {
    static struct plan plan;
    struct failure failure = plan_load(&plan, fds[0], fds, count);
    if (failure.error != 0)
        return failure;
    const struct plan_header *h = plan.header;
    if ((h->flags & FLAG_DETACHED) == 0)
        return (struct failure){LIST_HEADER, offsetof(struct plan_header, flags), EINVAL};
    struct run run = {.plan = &plan, .status = -1};
    failure = run_outside(&run);
    if (failure.error != 0)
        return failure;
    failure = (struct failure){.list = LIST_CLONE, .index = NO_INDEX};
    int cgroup = plan_descriptor(&plan, h->cgroup_register);
    if (h->cgroup_register != NO_REGISTER && cgroup < 0) {
        failure.error = EBADF;
        return failure;
    }
    *pid = fork_with(h->clone_flags, SIGCHLD, cgroup, pidfd);
    if (*pid < 0) {
        failure.error = errno;
        return failure;
    }
    if (*pid == 0) {
        close(caller);
        if (h->kind == KIND_CONTAINER)
            plan.registers[1] = -1;
        plan.registers[2] = -1;
        static const int inherited[3] = {-1, -1, -1};
        /* Where the numbers that the plan gives away do not reach. */
        run.status = fcntl(fds[2], F_DUPFD_CLOEXEC, 512);
        close(fds[2]);
        run.stdio = inherited;
        run_inside(&run);
    }
    return failure;
}

int once_run(char **argv) {
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return 1;
    }
    close_from(3, ~0u);
    run_from_sealed_copy(argv);
    reset_signals();
    int caller = connect_to(argv[2]);
    if (caller < 0)
        return 1;
    struct spawn_request request;
    int fds[MAX_DESCRIPTORS + 3];
    size_t count = MAX_DESCRIPTORS + 3;
    ssize_t n = receive_packet(caller, &request, sizeof request, 0, fds, &count);
    struct failure failure = {LIST_HEADER, 0, EINVAL};
    pid_t pid = -1;
    int pidfd = -1;
    if (n == sizeof request && request.magic == SPAWN_MAGIC &&
        request.version == PROTOCOL_VERSION && request.fd_count == count && count >= 3 &&
        count <= MAX_DESCRIPTORS)
        failure = start(fds, count, caller, &pid, &pidfd);
    return answer(caller, failure, pid, pidfd);
}
