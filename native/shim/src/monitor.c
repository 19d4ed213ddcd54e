/* The monitor's loop, its end, and what reaches it from outside: signals, OOM, deadlines. */
#define _GNU_SOURCE
#include "monitor.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "title.h"

#define EXIT_MS 2000    /* for what is left in the container when init has exited */
#define RETRY_MS 10     /* between two looks at cgroup.procs */
#define LINGER_MS 5000  /* for a daemon that says neither BYE nor leaves */

struct monitor monitor;

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void watch(int fd, uint32_t *events, uint32_t wanted, enum event_kind kind, uint32_t index,
           uint32_t serial) {
    if (*events == wanted || fd < 0)
        return;
    struct epoll_event event = {
        .events = wanted,
        .data.u64 = (uint64_t)kind << 56 | (uint64_t)(index & 0xffffff) << 32 | serial,
    };
    int operation = wanted == 0 ? EPOLL_CTL_DEL : *events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_ctl(monitor.epoll, operation, fd, &event);
    *events = wanted;
}

void unwatch_and_close(int *fd, uint32_t *events) {
    if (*fd < 0)
        return;
    if (*events != 0)
        epoll_ctl(monitor.epoll, EPOLL_CTL_DEL, *fd, NULL);
    *events = 0;
    close_fd(fd);
}

size_t own_descriptors(int *out) {
    const int fixed[] = {monitor.epoll,          monitor.signals, monitor.listen,
                         monitor.log.directory,  monitor.log.file,
                         monitor.exit_directory, monitor.oom_fd,  monitor.kill_fd};
    size_t n = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        out[n++] = fixed[i];
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        if (monitor.connections[i].used)
            out[n++] = monitor.connections[i].fd;
    }
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        const struct target *t = &monitor.targets[i];
        if (!t->used)
            continue;
        out[n++] = t->pidfd;
        out[n++] = t->status;
        out[n++] = t->input;
        out[n++] = t->output[STREAM_STDOUT];
        out[n++] = t->output[STREAM_STDERR];
    }
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        if (monitor.clients[i].id != 0)
            out[n++] = monitor.clients[i].fd;
    }
    for (uint32_t i = 0; i < monitor.kept_count; i++)
        out[n++] = monitor.kept[i].fd;
    size_t real = 0;
    for (size_t i = 0; i < n; i++) {
        if (out[i] >= 0)
            out[real++] = out[i];
    }
    return real;
}

/* ---- start ---- */

static struct failure prepare(const struct plan *plan) {
    const struct plan_header *h = plan->header;
    const struct {
        uint32_t reg;
        int *fd;
    } wanted[] = {{h->log_register, &monitor.log.directory},
                  {h->exit_register, &monitor.exit_directory},
                  {h->oom_register, &monitor.oom_fd},
                  {h->kill_register, &monitor.kill_fd}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        int fd = plan_descriptor(plan, wanted[i].reg);
        /* A duplicate: the register's own goes with the plan. */
        *wanted[i].fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
    snprintf(monitor.id, sizeof monitor.id, "%s", plan->data + h->container_id);
    monitor.oom_kind = h->oom_kind;
    monitor.stop_signal = h->stop_signal != 0 ? h->stop_signal : SIGTERM;
    monitor.stop_grace_ms = h->stop_grace_ms;
    monitor.log.file = -1;
    monitor.log.second = -1;
    int error = 0;
    if (monitor.log.directory >= 0)
        error = log_open(&monitor.log, monitor.log.directory, plan->data + h->log_name,
                         h->log_max_size, h->log_max_files);
    return (struct failure){LIST_HEADER, (uint32_t)offsetof(struct plan_header, log_name), -error};
}

static int start_watching(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    monitor.epoll = epoll_create1(EPOLL_CLOEXEC);
    monitor.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    monitor.chunk = map_memory(CHUNK_BYTES);
    monitor.input = map_memory(MAX_DETACH_KEYS + CHUNK_BYTES);
    monitor.packet = map_memory(sizeof(struct message) + MAX_BODY);
    if (monitor.epoll < 0 || monitor.signals < 0 || monitor.chunk == NULL ||
        monitor.input == NULL || monitor.packet == NULL)
        return errno != 0 ? errno : ENOMEM;
    uint32_t events = 0;
    watch(monitor.signals, &events, EPOLLIN, ON_SIGNAL, 0, 0);
    return 0;
}

/* True if a container's process exists and the loop can begin. */
static bool start(int *fds, size_t fd_count) {
    monitor.log.directory = monitor.log.file = -1;
    monitor.exit_directory = monitor.oom_fd = monitor.kill_fd = monitor.listen = -1;
    struct failure failure = {LIST_CLONE, NO_INDEX, start_watching()};
    connection_add(fds[1]); /* the first: control is connection 0 */
    struct plan *plan = map_memory(sizeof *plan);
    if (plan == NULL)
        failure.error = ENOMEM;
    if (failure.error == 0)
        failure = plan_load(plan, fds[0], fds, fd_count);
    if (failure.error == 0 && plan->header->kind != KIND_CONTAINER)
        failure = (struct failure){LIST_HEADER, offsetof(struct plan_header, kind), EINVAL};
    if (failure.error == 0)
        failure = prepare(plan);
    if (failure.error == 0) {
        monitor.listen = fds[2];
        uint32_t events = 0;
        watch(monitor.listen, &events, EPOLLIN, ON_LISTEN, 0, 0); /* /dev/null just fails */
        events = 0;
        if (monitor.oom_kind != OOM_NONE)
            watch(monitor.oom_fd, &events, monitor.oom_kind == OOM_EVENTFD ? EPOLLIN : EPOLLPRI,
                  ON_OOM, 0, 0);
        struct target *container = target_new(0);
        container->owner = 0;
        failure = target_start(container, plan);
    }
    if (failure.error != 0) {
        struct failed_body body = {failure.list, failure.index, failure.error, 0};
        tell(&monitor.connections[0], MSG_FAILED, 0, &body, sizeof body);
        connection_lost(&monitor.connections[0]);
        return false;
    }
    plan_unload(plan);
    unmap_memory(plan, sizeof *plan);
    int own[MAX_OWN];
    size_t count = own_descriptors(own);
    close_all_but(own, count);
    return true;
}

/* ---- out of memory ---- */

static uint64_t count_oom_kills(void) {
    char text[1024];
    ssize_t n = pread(monitor.oom_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = 0;
    const char *field = strstr(text, "oom_kill ");
    return field != NULL ? strtoull(field + 9, NULL, 10) : 0;
}

static void look_for_oom(void) {
    if (monitor.oom_fd < 0 || monitor.exit_reported)
        return;
    bool happened = false;
    if (monitor.oom_kind == OOM_EVENTFD) {
        uint64_t events;
        struct pollfd ready = {.fd = monitor.oom_fd, .events = POLLIN};
        /* The daemon's descriptor is the same file, so O_NONBLOCK is not ours to set. */
        happened = poll(&ready, 1, 0) == 1 && read(monitor.oom_fd, &events, sizeof events) == sizeof events;
    } else if (monitor.oom_kind == OOM_MEMORY_EVENTS) {
        uint64_t kills = count_oom_kills();
        happened = kills > monitor.oom_kills;
        monitor.oom_kills = kills;
    }
    if (happened) {
        monitor.oom = true;
        tell_all(MSG_OOM, 0, NULL, 0);
    }
}

/* ---- death ---- */

static int wait_status_of(const siginfo_t *info) {
    if (info->si_code == CLD_EXITED)
        return (info->si_status & 0xff) << 8;
    return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

static void child_died(const siginfo_t *info) {
    /* What they said before: the dead may be one that FORKED the real process, or that process,
     * of which no one has heard yet. */
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        if (monitor.targets[i].used)
            target_status(&monitor.targets[i]);
    }
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        struct target *t = &monitor.targets[i];
        if (!t->used || t->reaped || t->pid != info->si_pid)
            continue;
        if (i == 0)
            clock_gettime(CLOCK_REALTIME, &monitor.exited_at);
        target_died(t, wait_status_of(info));
        return;
    }
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        if (!monitor.targets[i].used || monitor.targets[i].state != STARTING)
            continue;
        if (i == 0)
            clock_gettime(CLOCK_REALTIME, &monitor.exited_at);
        monitor.strays[monitor.next_stray++ % MAX_STRAYS] =
            (struct stray){info->si_pid, wait_status_of(info)};
        return;
    }
}

static void reap(void) {
    for (;;) {
        siginfo_t info = {0};
        /* Looked at before it is reaped: /proc and the pid must still be its own. */
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return;
        child_died(&info);
        waitpid(info.si_pid, NULL, WNOHANG);
    }
}

/* Kills what is left in the container's cgroup; true if there was nothing. */
static bool kill_cgroup(void) {
    if (monitor.kill_fd < 0)
        return true;
    if ((fcntl(monitor.kill_fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        if (write(monitor.kill_fd, "1", 1) < 0)
            return true; /* the cgroup is gone */
        close_fd(&monitor.kill_fd);
        return true;
    }
    char text[4096];
    ssize_t n = pread(monitor.kill_fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = 0;
    bool empty = true;
    for (char *at = text; *at != 0;) {
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at || *end != '\n')
            break; /* cut at the end of the buffer: the next look finds it */
        /* 0 is a process of another PID namespace than ours */
        if (pid > 1 && pid != getpid()) {
            kill((pid_t)pid, SIGKILL);
            empty = false;
        }
        at = end + 1;
    }
    return empty;
}

static bool kill_execs(void) {
    bool none = true;
    for (uint32_t i = 1; i < monitor.target_count; i++) {
        const struct target *t = &monitor.targets[i];
        if (t->used && !t->reaped) {
            signal_process(t->pidfd, SIGKILL);
            none = false;
        }
    }
    return none;
}

static void write_exit_file(const struct target *t) {
    if (monitor.exit_directory < 0)
        return;
    int status = t->wait_status;
    int signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    int code = signal_number != 0 ? 128 + signal_number : WEXITSTATUS(status);
    char text[1536], id[sizeof monitor.id * 6], at[32];
    char *id_end = escape_json(id, monitor.id, strlen(monitor.id));
    size_t at_length = format_time(&monitor.log, at, monitor.exited_at);
    int n = snprintf(text, sizeof text,
                     "{\"format\":1,\"id\":\"%.*s\",\"status\":%d,\"exitCode\":%d,\"signal\":%d,"
                     "\"oomKilled\":%s,\"exitedAt\":\"%.*s\"}\n",
                     (int)(id_end - id), id, status, code, signal_number,
                     monitor.oom ? "true" : "false", (int)at_length, at);
    int fd = openat(monitor.exit_directory, ".exit.json.tmp",
                    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* the daemon finds the monitor gone and no file: "monitor lost" */
    bool whole = write(fd, text, (size_t)n) == n;
    close(fd);
    if (whole)
        renameat(monitor.exit_directory, ".exit.json.tmp", monitor.exit_directory, "exit.json");
}

/* An exec that has exited: drained, told, and forgotten when its last client has gone. */
static void finish_exec(struct target *t) {
    uint32_t index = (uint32_t)(t - monitor.targets);
    if (t->draining) {
        if (!target_drain(t))
            return;
        t->draining = false;
        struct pair_body body = {t->wait_status, 0};
        tell_all(MSG_EXEC_EXITED, t->tag, &body, sizeof body);
    }
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        if (monitor.clients[i].id != 0 && monitor.clients[i].target == index)
            client_settle(&monitor.clients[i]);
        if (monitor.clients[i].id != 0 && monitor.clients[i].target == index)
            return;
    }
    target_forget(t);
}

/* Is there a daemon that has not yet taken note of the exit? */
static bool daemon_stays(void) {
    bool some = false;
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        some = some || (monitor.connections[i].used && !monitor.connections[i].bye);
    return some && now_ms() < monitor.linger_until;
}

static void finish_container(struct target *t) {
    if (!monitor.exit_reported) {
        int64_t now = now_ms();
        if (monitor.exit_deadline == 0)
            monitor.exit_deadline = now + EXIT_MS;
        bool late = now >= monitor.exit_deadline;
        bool alone = kill_execs();
        alone = kill_cgroup() && alone;
        if (!alone && !late)
            return;
        if (!target_drain(t))
            return;
        t->draining = false;
        look_for_oom();
        /* Whoever hears of the exit may give the ports to somebody else at once. */
        drop_kept();
        write_exit_file(t);
        monitor.exit_reported = true;
        struct exited_body body = {t->wait_status, monitor.oom ? EXITED_OOM : 0,
                                   monitor.exited_at.tv_sec, monitor.exited_at.tv_nsec};
        tell_all(MSG_EXITED, 0, &body, sizeof body);
        monitor.linger_until = now_ms() + LINGER_MS;
    }
    bool clients = false;
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        struct client *c = &monitor.clients[i];
        if (c->id != 0)
            client_settle(c);
        /* Nobody is left who could release a held one. */
        if (c->id != 0 && c->held && !daemon_stays())
            client_detach(c, DETACH_END);
        clients = clients || c->id != 0;
    }
    monitor.ended = !clients && !daemon_stays();
}

static void step(void) {
    for (uint32_t i = 1; i < monitor.target_count; i++) {
        if (monitor.targets[i].used && monitor.targets[i].state == EXITED)
            finish_exec(&monitor.targets[i]);
    }
    struct target *container = &monitor.targets[0];
    if (container->state == EXITED && !monitor.ended)
        finish_container(container);
}

/* ---- loop ---- */

static void stop(void) {
    struct target *t = &monitor.targets[0];
    if (t->reaped || t->pidfd < 0)
        return;
    bool running = t->state == RUNNING;
    signal_process(t->pidfd, running ? (int)monitor.stop_signal : SIGKILL);
    if (running && monitor.kill_at == 0)
        monitor.kill_at = now_ms() + monitor.stop_grace_ms;
}

static void take_signals(void) {
    struct signalfd_siginfo info;
    while (read(monitor.signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGTERM)
            stop();
    }
    reap();
}

static void trim(void) {
    madvise(monitor.chunk, CHUNK_BYTES, MADV_DONTNEED);
    madvise(monitor.input, MAX_DETACH_KEYS + CHUNK_BYTES, MADV_DONTNEED);
    madvise(monitor.packet, sizeof(struct message) + MAX_BODY, MADV_DONTNEED);
    log_trim(&monitor.log);
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        struct client *c = &monitor.clients[i];
        if (c->id != 0 && c->queue != NULL && c->queue_head == c->queue_tail)
            madvise(c->queue, QUEUE_BYTES, MADV_DONTNEED);
    }
}

static void dispatch(const struct epoll_event *event) {
    enum event_kind kind = (enum event_kind)(event->data.u64 >> 56);
    uint32_t index = event->data.u64 >> 32 & 0xffffff;
    uint32_t serial = (uint32_t)event->data.u64;
    struct target *t = &monitor.targets[index % MAX_TARGETS];
    bool current = t->used && t->serial == serial;
    switch (kind) {
    case ON_SIGNAL: take_signals(); break;
    case ON_OOM: look_for_oom(); break;
    case ON_LISTEN: {
        int fd = accept4(monitor.listen, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            connection_add(fd);
        break;
    }
    case ON_CONNECTION: {
        struct connection *c = &monitor.connections[index % MAX_CONNECTIONS];
        if (c->used && c->serial == serial)
            connection_readable(c);
        break;
    }
    case ON_STATUS:
        if (current)
            target_status(t);
        break;
    case ON_STDOUT:
    case ON_STDERR:
        if (current && !t->draining)
            target_output(t, kind == ON_STDOUT ? STREAM_STDOUT : STREAM_STDERR);
        break;
    case ON_INPUT:
        if (current)
            clients_feed(t);
        break;
    case ON_CLIENT: {
        struct client *c = &monitor.clients[index % MAX_CLIENTS];
        if (c->id != 0 && (uint32_t)c->id == serial)
            client_event(c, event->events);
        break;
    }
    }
}

static int64_t earlier(int64_t a, int64_t b) {
    return a == 0 ? b : b == 0 || a < b ? a : b;
}

static int next_timeout(void) {
    int64_t at = earlier(monitor.kill_at, monitor.trim_at);
    bool exiting = monitor.targets[0].state == EXITED;
    int64_t now = now_ms();
    if (exiting && !monitor.exit_reported)
        at = earlier(at, now + RETRY_MS);
    else if (exiting && now < monitor.linger_until)
        at = earlier(at, monitor.linger_until);
    for (uint32_t i = 1; i < monitor.target_count; i++) {
        const struct target *t = &monitor.targets[i];
        if (t->used && t->draining)
            at = earlier(at, t->drain_deadline);
    }
    return at == 0 ? -1 : at <= now ? 0 : at - now > 60000 ? 60000 : (int)(at - now);
}

static void deadlines(void) {
    int64_t now = now_ms();
    if (monitor.kill_at != 0 && now >= monitor.kill_at) {
        monitor.kill_at = 0;
        if (!monitor.targets[0].reaped)
            signal_process(monitor.targets[0].pidfd, SIGKILL);
    }
    if (monitor.trim_at != 0 && now >= monitor.trim_at) {
        monitor.trim_at = 0;
        trim();
    }
}

void monitor_run(int *fds, size_t fd_count) {
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (!start(fds, fd_count))
        _exit(1);
    set_process_title("corten-monitor", monitor.id);
    while (!monitor.ended) {
        struct epoll_event events[16];
        int n = epoll_wait(monitor.epoll, events, 16, next_timeout());
        for (int i = 0; i < n && !monitor.ended; i++)
            dispatch(&events[i]);
        deadlines();
        step();
    }
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        connection_lost(&monitor.connections[i]);
    _exit(0);
}
