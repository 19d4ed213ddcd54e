/* Runs a list of instructions. No policy here: what is done and in which order is the plan's. */
#define _GNU_SOURCE
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kernel.h"
#include "plan.h"

#define RECEIVE_MS 10000

static int64_t argument(const struct plan *plan, const struct instruction *i, int n) {
    int64_t value = i->arguments[n];
    switch (i->kinds >> (2 * n) & 3) {
    case ARG_REGISTER: return plan->registers[value];
    case ARG_DATA: return (int64_t)(intptr_t)(plan->data + value);
    default: return value;
    }
}

static int say(const struct run *run, enum status_kind what, int value, uint32_t index, int fd) {
    struct status_message message = {.what = what, .value = value, .index = index};
    ssize_t sent =
        send_packet(run->status, &message, sizeof message, NULL, 0, &fd, fd >= 0 ? 1 : 0);
    return sent < 0 ? (int)sent : 0;
}

void die_with_monitor(int status) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The monitor may have died before the line above; getppid() says nothing in a new PID
     * namespace, but its end of the channel is closed then. */
    struct pollfd channel = {.fd = status};
    if (poll(&channel, 1, 0) == 1 && (channel.revents & (POLLHUP | POLLERR)) != 0)
        _exit(125);
}

static int64_t sync_with_monitor(const struct run *run, int number, uint32_t index) {
    if (run->status < 0)
        return -EOPNOTSUPP;
    int error = say(run, STATUS_SYNC, number, index, -1);
    if (error < 0)
        return error;
    struct status_message answer;
    ssize_t n;
    do
        n = recv(run->status, &answer, sizeof answer, 0);
    while (n < 0 && errno == EINTR);
    if (n != sizeof answer)
        _exit(125); /* the monitor is gone, or wants this child gone */
    return 0;
}

static int64_t fork_away(const struct run *run, uint64_t flags) {
    if (run->status < 0)
        return -EOPNOTSUPP;
    /* The new process waits until the monitor has been told of it: it must not speak or die as a
     * stranger. The gate opens when this one exits. */
    int gate[2];
    int pidfd = -1;
    if (pipe2(gate, O_CLOEXEC) < 0)
        return -errno;
    /* The exit signal is inherited with CLONE_PARENT: the kernel refuses another here. */
    pid_t pid = fork_with(flags | CLONE_PARENT, 0, -1, &pidfd);
    if (pid < 0) {
        int error = -errno;
        close(gate[0]);
        close(gate[1]);
        return error;
    }
    if (pid > 0) {
        say(run, STATUS_FORKED, pid, 0, pidfd);
        _exit(0);
    }
    close(gate[1]);
    char end;
    while (read(gate[0], &end, 1) < 0 && errno == EINTR)
        ;
    close(gate[0]);
    if ((run->plan->header->flags & FLAG_DETACHED) == 0)
        die_with_monitor(run->status);
    return 0;
}

static int64_t put_on_stdio(const int sources[3]) {
    for (int i = 0; i < 3; i++) {
        if (sources[i] >= 0 && sources[i] != i && dup3(sources[i], i, 0) < 0)
            return -errno;
    }
    return 0;
}

/* The first of the paths that is a file which this user may execute, as Go's exec.LookPath. */
static int64_t find_program(const struct plan *plan, int64_t array) {
    int64_t error = -ENOENT;
    for (int64_t n = 0; array + 8 * (n + 1) <= (int64_t)plan->data_size; n++) {
        const char *path;
        memcpy(&path, plan->data + array + 8 * n, sizeof path);
        if (path == NULL)
            break;
        if (syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
            /* A filter of the container's may not know the call; execve will tell then. */
            if (errno == ENOSYS || errno == EPERM)
                return n;
            if (errno == EACCES)
                error = -EACCES;
            continue;
        }
        struct stat file;
        if (fstatat(AT_FDCWD, path, &file, 0) == 0 && !S_ISDIR(file.st_mode))
            return n;
    }
    return error;
}

/* Runs a program of the host to its end. */
static int64_t run_program(char *const *arguments, char *const *environment) {
    int pidfd = -1;
    pid_t pid = fork_with(0, SIGCHLD, -1, &pidfd);
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execve(arguments[0], arguments, environment);
        _exit(127);
    }
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    close(pidfd);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return -ENOENT;
    return status == 0 ? 0 : -EPROTO;
}

/* Tells the monitor of a process that a program has left behind, and that is the monitor's child
 * by now, as its pid file says. */
static int64_t adopt(const struct run *run, const char *path, uint32_t index) {
    char text[24];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    long pid = strtol(text, NULL, 10);
    if (pid <= 1 || pid > INT32_MAX)
        return -EINVAL;
    int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (pidfd < 0 && errno != ESRCH)
        return -errno;
    /* One that has ended already was the monitor's child, who knows how. */
    int error = say(run, STATUS_ADOPTED, (int)pid, index, pidfd);
    close_fd(&pidfd);
    return error;
}

/* A descriptor that somebody sends who has connected, or is about to. */
static int64_t receive_descriptor(int listening) {
    struct pollfd ready = {.fd = listening, .events = POLLIN};
    int n;
    do
        n = poll(&ready, 1, RECEIVE_MS);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return n < 0 ? -errno : -ETIMEDOUT;
    int connection = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return -errno;
    char name[4096];
    int fd = -1;
    size_t count = 1;
    ssize_t got = receive_packet(connection, name, sizeof name, 0, &fd, &count);
    close(connection);
    return got < 0 ? got : count == 1 ? fd : -EBADMSG;
}

static int64_t operate(const struct run *run, const struct instruction *i, uint32_t index) {
    struct plan *plan = run->plan;
    int64_t a0 = argument(plan, i, 0);
    int64_t a1 = argument(plan, i, 1);
    switch ((enum operation)i->number) {
    case OP_RELOC: {
        uint64_t address = (uint64_t)(uintptr_t)(plan->data + i->arguments[1]);
        memcpy(plan->data + i->arguments[0], &address, sizeof address);
        return 0;
    }
    case OP_STORE: /* little-endian: the low bytes come first */
        memcpy(plan->data + i->arguments[1], &a0, (size_t)i->arguments[2]);
        return 0;
    case OP_ENSURE:
        return ensure_path((int)a0, plan->data + i->arguments[1], (uint32_t)i->arguments[2],
                           (uint32_t)argument(plan, i, 3), (uint32_t)argument(plan, i, 4));
    case OP_SYNC: return sync_with_monitor(run, (int)a0, index);
    case OP_SENDFD: {
        if (run->status < 0)
            return -EOPNOTSUPP;
        if (a0 < 0 || a0 > INT32_MAX)
            return -EBADF;
        int error = say(run, STATUS_FD, (int)a1, index, (int)a0);
        if (error < 0)
            return error;
        close((int)a0);
        return 0;
    }
    case OP_FORK: return fork_away(run, (uint64_t)a0);
    case OP_TTY: {
        if (ioctl((int)a0, TIOCSCTTY, 0) < 0)
            return -errno;
        const int terminal[3] = {(int)a0, (int)a0, (int)a0};
        return put_on_stdio(terminal);
    }
    case OP_STDIO: return run->stdio == NULL ? -EOPNOTSUPP : put_on_stdio(run->stdio);
    case OP_EXPECT: return a0 == a1 ? 0 : -argument(plan, i, 2);
    case OP_FIND: return find_program(plan, i->arguments[0]);
    case OP_RUN:
        if (run->status < 0)
            return -EOPNOTSUPP;
        return run_program((char **)(plan->data + i->arguments[0]),
                           (char **)(plan->data + i->arguments[1]));
    case OP_ADOPT:
        return run->status < 0 ? -EOPNOTSUPP
                               : adopt(run, plan->data + i->arguments[0], index);
    case OP_RECEIVE: return receive_descriptor((int)a0);
    case OP_LEAVE:
        if (run->status < 0)
            return -EOPNOTSUPP;
        _exit(0);
    case OP_END: break;
    }
    return -ENOSYS;
}

static int64_t execute(struct run *run, const struct instruction *i, uint32_t index) {
    if (i->number >= OPERATION)
        return operate(run, i, index);
    struct plan *plan = run->plan;
    long result = syscall((long)i->number, argument(plan, i, 0), argument(plan, i, 1),
                          argument(plan, i, 2), argument(plan, i, 3), argument(plan, i, 4),
                          argument(plan, i, 5));
    return result == -1 ? -errno : result;
}

static bool tolerated(const struct instruction *i, int64_t error) {
    return error >= 1 && error <= 63 && (i->tolerated >> error & 1) != 0;
}

static int run_list(struct run *run, const struct instruction *list, uint32_t count,
                    uint32_t *index) {
    for (uint32_t n = 0; n < count; n++) {
        const struct instruction *i = &list[n];
        int64_t result = execute(run, i, n);
        /* Only -1 to -4095 are errors: an address that a call returned may be negative too. */
        bool failed = result < 0 && result >= -4095;
        if (failed && !tolerated(i, -result)) {
            *index = n;
            return (int)-result;
        }
        if (i->destination != NO_DESTINATION)
            run->plan->registers[i->destination] = result;
    }
    *index = count;
    return 0;
}

struct failure run_outside(struct run *run) {
    struct failure failure = {.list = LIST_OUTSIDE};
    failure.error = run_list(run, run->plan->outside, run->plan->header->outside_count,
                             &failure.index);
    return failure;
}

/* Of a process that was started long after it was made nobody hears but its standard error. */
static void tell_user(const struct run *run, int error, uint32_t index) {
    const struct plan *plan = run->plan;
    const char *program = "";
    if (index < plan->header->inside_count && plan->inside[index].number == SYS_execve)
        program = plan->data + plan->inside[index].arguments[0];
    char text[4608];
    const char *reason = strerrordesc_np(error);
    int n = snprintf(text, sizeof text, "exec %s: %c%s\n", program, tolower(reason[0]), reason + 1);
    if (n > 0 && write(2, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1) < 0)
        return; /* nobody at all */
}

void run_inside(struct run *run) {
    uint32_t index;
    int error = run_list(run, run->plan->inside, run->plan->header->inside_count, &index);
    if (error == 0)
        error = ENOEXEC;
    int told = say(run, STATUS_FAILED, error, index, -1);
    if (told >= 0 || (run->plan->header->flags & FLAG_DETACHED) == 0)
        _exit(125);
    tell_user(run, error, index);
    _exit(255);
}
