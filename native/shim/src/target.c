/* A process and its stdio: how it starts, what it says on the way, and how its output flows. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "monitor.h"

#define DRAIN_MS 2000

static uint32_t index_of(const struct target *t) {
    return (uint32_t)(t - monitor.targets);
}

static bool is_container(const struct target *t) {
    return t == monitor.targets;
}

struct target *target_find(uint64_t tag) {
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        if (monitor.targets[i].used && monitor.targets[i].tag == tag)
            return &monitor.targets[i];
    }
    return NULL;
}

struct target *target_new(uint64_t tag) {
    for (uint32_t i = 0; i < MAX_TARGETS; i++) {
        struct target *t = &monitor.targets[i];
        if (t->used)
            continue;
        *t = (struct target){.used = true,
                             .serial = ++monitor.serial,
                             .tag = tag,
                             .pidfd = -1,
                             .status = -1,
                             .owner = -1,
                             .input = -1,
                             .output = {-1, -1, -1}};
        if (i >= monitor.target_count)
            monitor.target_count = i + 1;
        return t;
    }
    return NULL;
}

static void close_status(struct target *t) {
    uint32_t watched = EPOLLIN;
    if (t->status >= 0)
        unwatch_and_close(&t->status, &watched);
    t->sync = 0;
}

void target_forget(struct target *t) {
    close_status(t);
    unwatch_and_close(&t->input, &t->input_events);
    for (int s = STREAM_STDOUT; s <= STREAM_STDERR; s++)
        unwatch_and_close(&t->output[s], &t->output_events[s]);
    close_fd(&t->pidfd);
    t->used = false;
}

/* ---- start ---- */

static int nonblocking_pipe(int ends[2], int ours) {
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    return fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Makes the pipes; `theirs` are the child's ends in the order 0, 1, 2. */
static int make_stdio(struct target *t, int theirs[3]) {
    if ((t->flags & FLAG_OPEN_STDIN) == 0)
        t->input_ended = true;
    if ((t->flags & FLAG_TERMINAL) != 0)
        return 0; /* the master comes by SENDFD */
    int ends[2];
    int error = 0;
    if ((t->flags & FLAG_OPEN_STDIN) != 0) {
        if ((error = nonblocking_pipe(ends, 1)) < 0)
            return error;
        theirs[0] = ends[0];
        t->input = ends[1];
    }
    for (int s = STREAM_STDOUT; s <= STREAM_STDERR; s++) {
        if ((error = nonblocking_pipe(ends, 0)) < 0)
            return error;
        theirs[s] = ends[1];
        t->output[s] = ends[0];
    }
    return 0;
}

static _Noreturn void child(struct plan *plan, int status, const int theirs[3]) {
    sigset_t none;
    sigemptyset(&none);
    signal(SIGPIPE, SIG_DFL); /* all others are at their default since the zygote's start */
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    die_with_monitor(status);
    bool exec = plan->header->kind == KIND_EXEC;
    if (exec)
        prctl(PR_SET_DUMPABLE, 0); /* the container's processes must not trace it on its way in */
    int own[MAX_OWN];
    size_t count = own_descriptors(own);
    for (size_t i = 0; i < count; i++) {
        /* Of an exec, the monitor's pidfd of init is for the plan. */
        if (!exec || own[i] != plan->registers[1])
            close(own[i]);
    }
    close((int)plan->registers[0]); /* the plan itself: it has been read */
    plan->registers[0] = -1;
    if (!exec)
        plan->registers[1] = plan->registers[2] = -1;
    struct run run = {.plan = plan,
                      .status = status,
                      .stdio = theirs};
    run_inside(&run);
}

/* The kernel keeps the flags and the start time of a zombie too. */
static bool read_process(pid_t pid, uint64_t *start_time) {
    char path[32] = "/proc/";
    char digits[12];
    int n = 0, length = 6;
    for (unsigned rest = (unsigned)pid; rest > 0; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    while (n > 0)
        path[length++] = digits[--n];
    strcpy(path + length, "/stat");
    char text[1024];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close_fd(&fd);
    if (size <= 0)
        return true; /* no /proc here: believe the channel */
    text[size] = 0;
    const char *field = strrchr(text, ')'); /* the name before it may hold anything */
    uint64_t flags = 0;
    for (int i = 2; field != NULL && i < 22; i++) {
        field = strchr(field + 1, ' ');
        if (field != NULL && i == 8)
            flags = strtoull(field + 1, NULL, 10);
    }
    *start_time = field != NULL ? strtoull(field + 1, NULL, 10) : 0;
    return (flags & 0x40) == 0; /* PF_FORKNOEXEC */
}

/* The plan is loaded; runs its outside list and makes the child. */
struct failure target_start(struct target *t, struct plan *plan) {
    t->flags = plan->header->flags;
    t->rows = (uint16_t)plan->header->rows;
    t->columns = (uint16_t)plan->header->columns;
    struct run run = {.plan = plan, .status = -1};
    struct failure failure = run_outside(&run);
    if (failure.error != 0)
        return failure;
    failure = (struct failure){.list = LIST_CLONE, .index = NO_INDEX};
    int theirs[3] = {-1, -1, -1};
    int channel[2] = {-1, -1};
    int error = make_stdio(t, theirs);
    if (error == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
        error = -errno;
    t->status = channel[0];
    int cgroup = plan_descriptor(plan, plan->header->cgroup_register);
    if (error == 0 && plan->header->cgroup_register != NO_REGISTER && cgroup < 0)
        error = -EBADF;
    if (error == 0) {
        t->pid = fork_with(plan->header->clone_flags, SIGCHLD, cgroup, &t->pidfd);
        if (t->pid == 0)
            child(plan, channel[1], theirs);
        if (t->pid < 0) {
            error = -errno;
            t->pid = 0;
        }
    }
    close_fd(&channel[1]);
    for (int i = 0; i < 3; i++)
        close_fd(&theirs[i]);
    failure.error = -error;
    if (error == 0) {
        uint32_t events = 0;
        t->state = STARTING;
        watch(t->status, &events, EPOLLIN, ON_STATUS, index_of(t), t->serial);
        target_pace(t);
    }
    return failure;
}

static void settle_clients(const struct target *t) {
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        if (monitor.clients[i].id != 0 && monitor.clients[i].target == index_of(t))
            client_settle(&monitor.clients[i]);
    }
}

static void target_failed(struct target *t, uint32_t index, int error) {
    close_status(t);
    t->state = FAILED;
    t->failure = (struct failure){LIST_INSIDE, index, error};
    if (t->pidfd >= 0)
        signal_process(t->pidfd, SIGKILL);
    /* What follows is said when it has been reaped, in target_died: a daemon that tries again
     * must not meet the rest of this one. */
}

static void target_started(struct target *t) {
    /* One that is adopted executes its program in its own time. */
    if (!read_process(t->pid, &t->start_time) && !t->adopted) {
        target_failed(t, NO_INDEX, ECHILD);
        return;
    }
    close_status(t);
    t->state = RUNNING;
    if ((t->flags & FLAG_FOREIGN) != 0)
        target_pace(t);
    struct started_body body = {.pid = t->pid, .start_time = t->start_time};
    if (is_container(t)) {
        struct connection *control = connection_at(t->owner);
        if (control != NULL)
            tell(control, MSG_STARTED, 0, &body, sizeof body);
        settle_clients(t);
        return;
    }
    struct connection *owner = connection_at(t->owner);
    for (uint32_t i = 0; owner != NULL && i < monitor.client_count; i++) {
        struct client *c = &monitor.clients[i];
        if (c->id == 0 || c->target != index_of(t))
            continue;
        struct attached_body attached = {
            c->id, {monitor.log.generation, monitor.log.offset}};
        tell(owner, MSG_ATTACHED, t->tag, &attached, sizeof attached);
    }
    if (owner != NULL)
        tell(owner, MSG_EXEC_STARTED, t->tag, &body, sizeof body);
    settle_clients(t);
}

static void take_terminal(struct target *t, int master) {
    fcntl(master, F_SETFL, O_NONBLOCK);
    if (t->output[STREAM_STDOUT] >= 0) { /* a second one: the plan is odd, the first stays */
        close(master);
        return;
    }
    t->output[STREAM_STDOUT] = master;
    if (!t->input_ended)
        t->input = fcntl(master, F_DUPFD_CLOEXEC, 3);
    target_resize(t, t->rows, t->columns);
    target_pace(t);
    clients_feed(t);
}

static void ask_sync(struct target *t, int number) {
    t->sync = number;
    if (t->death_waits) { /* what it waits for with us has died */
        target_failed(t, NO_INDEX, ECHILD);
        return;
    }
    struct connection *owner = connection_at(t->owner);
    if (number == SYNC_PLACED || (number == SYNC_START && (monitor.go || !is_container(t)))) {
        target_answer_sync(t);
    } else if (number == SYNC_START) {
        return; /* GO will come, or the end of control */
    } else if (owner == NULL) {
        signal_process(t->pidfd, SIGKILL);
    } else {
        struct pair_body body = {number, (uint32_t)t->pid};
        tell(owner, MSG_SYNC_ASKED, t->tag, &body, sizeof body);
    }
}

void target_answer_sync(struct target *t) {
    struct status_message answer = {.what = STATUS_SYNC, .value = t->sync};
    t->sync = 0;
    if (t->status >= 0)
        send_packet(t->status, &answer, sizeof answer, NULL, 0, NULL, 0);
}

static void target_adopt(struct target *t, pid_t pid, int pidfd) {
    struct stray *known = NULL;
    for (size_t i = 0; i < MAX_STRAYS; i++) {
        if (monitor.strays[i].pid == pid)
            known = &monitor.strays[i];
    }
    if (pidfd < 0 && known == NULL) { /* it was never a child of this process */
        target_failed(t, NO_INDEX, ESRCH);
        return;
    }
    close_fd(&t->pidfd);
    t->pidfd = pidfd;
    t->pid = pid;
    t->adopted = true;
    if (known != NULL) {
        known->pid = 0;
        t->reaped = t->death_waits = true;
        t->wait_status = known->wait_status;
    }
}

static void read_status(struct target *t) {
    while (t->status >= 0) {
        struct status_message message;
        int fd = -1;
        size_t fds = 1;
        ssize_t n = receive_packet(t->status, &message, sizeof message, MSG_DONTWAIT, &fd, &fds);
        if (n == -EAGAIN)
            return;
        if (n == 0) {
            target_started(t);
            return;
        }
        if (n != sizeof message) {
            target_failed(t, NO_INDEX, n < 0 ? (int)-n : EPROTO);
        } else if (message.what == STATUS_SYNC) {
            ask_sync(t, message.value);
        } else if (message.what == STATUS_FAILED) {
            target_failed(t, message.index, message.value);
        } else if (message.what == STATUS_FD && fds == 1 && message.value == FD_TERMINAL) {
            take_terminal(t, fd);
            fd = -1;
        } else if (message.what == STATUS_FD && fds == 1 && message.value == FD_SECCOMP) {
            keep_descriptor("seccomp", fd);
            fd = -1;
        } else if (message.what == STATUS_ADOPTED) {
            target_adopt(t, message.value, fds == 1 ? fd : -1);
            fd = -1;
        } else if (message.what == STATUS_FORKED && fds == 1) {
            close_fd(&t->pidfd);
            t->pidfd = fd;
            t->pid = message.value;
            fd = -1;
            /* Somebody in the container may have ended it before anybody here had heard of it. */
            if (signal_process(t->pidfd, 0) < 0 && errno == ESRCH)
                target_died(t, SIGKILL);
        }
        if (fds == 1)
            close_fd(&fd);
    }
}

void target_status(struct target *t) {
    read_status(t);
    if (t->death_waits && t->status < 0) {
        t->death_waits = false;
        target_died(t, t->wait_status);
    }
}

/* ---- end ---- */

void target_died(struct target *t, int wait_status) {
    t->reaped = true;
    t->wait_status = wait_status;
    /* All that it said before comes first; the end of the channel may be execve or the death. */
    target_status(t);
    /* Who has had it adopted is about to say whether its start went well. */
    t->death_waits = t->status >= 0 && t->adopted && t->sync == 0;
    if (t->death_waits)
        return;
    if (t->status >= 0)
        target_failed(t, NO_INDEX, ECHILD);
    if (t->state == FAILED) {
        struct failed_body body = {t->failure.list, t->failure.index, t->failure.error, 0};
        for (uint32_t i = 0; i < monitor.client_count; i++) {
            if (monitor.clients[i].id != 0 && monitor.clients[i].target == index_of(t))
                client_abandon(&monitor.clients[i]);
        }
        struct connection *owner = connection_at(t->owner);
        if (owner != NULL)
            tell(owner, is_container(t) ? MSG_FAILED : MSG_EXEC_FAILED, t->tag, &body,
                 sizeof body);
        if (is_container(t))
            monitor.ended = true;
        else
            target_forget(t);
        return;
    }
    if (t->state == EXITED)
        return;
    t->state = EXITED;
    t->draining = true;
    t->drain_deadline = now_ms() + DRAIN_MS;
    target_close_input(t);
}

static void stream_ended(struct target *t, enum stream stream) {
    if (t->output[stream] < 0)
        return;
    unwatch_and_close(&t->output[stream], &t->output_events[stream]);
    if (is_container(t))
        log_end(&monitor.log, stream);
    settle_clients(t);
}

/* ---- output ---- */

/* May output be read, as far as the clients can take it? See "Streams" in the protocol. */
static bool clients_have_room(struct target *t) {
    bool none = true, one_keeps_up = false;
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        const struct client *c = &monitor.clients[i];
        if (c->id == 0 || c->target != index_of(t) ||
            (c->flags & (ATTACH_STDOUT | ATTACH_STDERR)) == 0)
            continue;
        bool full = client_room(c) < CHUNK_BYTES;
        if (full && (c->held || t->draining))
            return false;
        none = none && c->held;
        one_keeps_up = one_keeps_up || (!c->held && c->queue_head == c->queue_tail);
    }
    return t->draining || none || one_keeps_up;
}

void target_pace(struct target *t) {
    /* What another runtime says when it fails is not the process's output. */
    bool silent = (t->flags & FLAG_FOREIGN) != 0 && t->state == STARTING;
    uint32_t wanted = !silent && clients_have_room(t) ? EPOLLIN : 0;
    for (int s = STREAM_STDOUT; s <= STREAM_STDERR; s++) {
        if (t->output[s] >= 0)
            watch(t->output[s], &t->output_events[s], wanted,
                  s == STREAM_STDOUT ? ON_STDOUT : ON_STDERR, index_of(t), t->serial);
    }
}

/* One read, to the log and to the clients. */
static void read_once(struct target *t, enum stream stream) {
    ssize_t n = read(t->output[stream], monitor.chunk, CHUNK_BYTES);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        /* A PTY ends with EIO. Once the process is gone, no data now is the end as well. */
        if (n == 0 || errno != EAGAIN || t->draining)
            stream_ended(t, stream);
        return;
    }
    if (n > 4096)
        monitor.trim_at = now_ms() + 1000;
    if (is_container(t))
        log_write(&monitor.log, stream, monitor.chunk, (size_t)n);
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        struct client *c = &monitor.clients[i];
        if (c->id != 0 && c->target == index_of(t) && client_wants(c, stream))
            client_output(c, stream, monitor.chunk, (size_t)n);
    }
}

void target_output(struct target *t, enum stream stream) {
    if (t->output[stream] >= 0 && clients_have_room(t))
        read_once(t, stream);
    target_pace(t);
}

bool target_drain(struct target *t) {
    for (int s = STREAM_STDOUT; s <= STREAM_STDERR; s++) {
        while (t->output[s] >= 0) {
            bool late = now_ms() >= t->drain_deadline;
            if (!clients_have_room(t)) {
                if (!late) {
                    target_pace(t);
                    return false;
                }
                for (uint32_t i = 0; i < monitor.client_count; i++) {
                    struct client *c = &monitor.clients[i];
                    if (c->id != 0 && c->target == index_of(t) && client_room(c) < CHUNK_BYTES)
                        client_detach(c, DETACH_SLOW);
                }
            }
            read_once(t, (enum stream)s);
            if (late) /* somebody who was left behind writes without end */
                stream_ended(t, (enum stream)s);
        }
    }
    return true;
}

/* ---- input ---- */

void target_close_input(struct target *t) {
    unwatch_and_close(&t->input, &t->input_events);
    t->input_ended = true;
}

void target_resize(struct target *t, uint16_t rows, uint16_t columns) {
    t->rows = rows;
    t->columns = columns;
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    if (t->output[STREAM_STDOUT] >= 0 && rows != 0 && columns != 0)
        ioctl(t->output[STREAM_STDOUT], TIOCSWINSZ, &size);
}
