#include "harness.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <time.h>

int failures;
struct reply reply;
struct rusage monitor_usage;
static pid_t zygote;
static int zygote_stdin = -1, zygote_socket = -1;
static char zygote_path[200];

void fail(const char *file, int line, const char *format, ...) {
    char text[2000];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (++failures <= 10)
        printf("    %s:%d: %s\n", file, line, text);
}

void check_bytes(const char *file, int line, const char *actual, size_t actual_size,
                 const char *expected, size_t expected_size) {
    size_t i = 0;
    while (i < actual_size && i < expected_size && actual[i] == expected[i])
        i++;
    if (actual_size == expected_size && i == actual_size)
        return;
    size_t from = i < 20 ? 0 : i - 20;
    fail(file, line, "%zu bytes, expected %zu; they differ at %zu:\n      is       %.*s\n"
         "      expected %.*s",
         actual_size, expected_size, i, (int)(actual_size - from > 60 ? 60 : actual_size - from),
         actual + from, (int)(expected_size - from > 60 ? 60 : expected_size - from),
         expected + from);
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- plans ---- */

void plan_begin(struct builder *b, enum plan_kind kind) {
    memset(b, 0, sizeof *b);
    b->header = (struct plan_header){.magic = PLAN_MAGIC,
                                     .version = 1,
                                     .kind = kind,
                                     .register_count = 64,
                                     .cgroup_register = NO_REGISTER,
                                     .log_register = NO_REGISTER,
                                     .log_max_files = 1,
                                     .exit_register = NO_REGISTER,
                                     .oom_register = NO_REGISTER,
                                     .stop_signal = SIGTERM,
                                     .stop_grace_ms = 10000,
                                     .kill_register = NO_REGISTER};
    b->fd_count = 3;
    if (kind == KIND_CONTAINER) {
        b->header.container_id = plan_text(b, "c0ffee");
        b->header.exit_register = plan_fd(b, dup(scratch_fd));
    }
}

uint32_t plan_data(struct builder *b, const void *bytes, size_t size) {
    uint32_t at = (b->data_size + 7) & ~7u;
    if (at + size > PLAN_DATA)
        abort();
    memcpy(b->data + at, bytes, size);
    b->data_size = at + (uint32_t)size;
    return at;
}

uint32_t plan_text(struct builder *b, const char *text) {
    return plan_data(b, text, strlen(text) + 1);
}

uint32_t plan_fd(struct builder *b, int fd) {
    b->fds[b->fd_count] = fd;
    return b->fd_count++;
}

struct instruction *plan_step(struct builder *b, int list, uint32_t number, int destination,
                              struct arg a0, struct arg a1, struct arg a2, struct arg a3) {
    struct instruction *i = &b->lists[list][b->counts[list]++];
    const struct arg args[4] = {a0, a1, a2, a3};
    *i = (struct instruction){.number = number,
                              .destination =
                                  destination < 0 ? NO_DESTINATION : (uint16_t)destination};
    for (int n = 0; n < 4; n++) {
        i->kinds |= (uint16_t)(args[n].kind << (2 * n));
        i->arguments[n] = args[n].value;
    }
    return i;
}

void plan_exec(struct builder *b, const char *const *argv) {
    uint64_t zeros[32] = {0};
    size_t count = 0;
    while (argv[count] != NULL)
        count++;
    uint32_t table = plan_data(b, zeros, (count + 1) * 8);
    for (size_t i = 0; i < count; i++)
        STEP(b, OP_RELOC, I(table + i * 8), I(plan_text(b, argv[i])), I(0), I(0));
    uint32_t environment = plan_data(b, zeros, 16);
    uint32_t path = plan_text(b, "PATH=/usr/bin:/bin");
    STEP(b, OP_RELOC, I(environment), I(path), I(0), I(0));
    STEP(b, SYS_execve, D(plan_text(b, argv[0])), D(table), D(environment), I(0));
}

/* /dev/ptmx, its lock off, the slave by TIOCGPTPEER, the master to the monitor. */
void plan_terminal(struct builder *b) {
    uint32_t zero = plan_data(b, "\0\0\0\0\0\0\0", 8);
    plan_step(b, INSIDE, SYS_openat, 40, I(AT_FDCWD), D(plan_text(b, "/dev/ptmx")),
              I(O_RDWR | O_NOCTTY | O_CLOEXEC), I(0));
    STEP(b, SYS_ioctl, R(40), I(0x40045431 /* TIOCSPTLCK */), D(zero), I(0));
    plan_step(b, INSIDE, SYS_ioctl, 41, R(40), I(0x5441 /* TIOCGPTPEER */),
              I(O_RDWR | O_NOCTTY | O_CLOEXEC), I(0));
    STEP(b, OP_SENDFD, R(40), I(FD_TERMINAL), I(0), I(0));
    STEP(b, SYS_setsid, I(0), I(0), I(0), I(0));
    STEP(b, OP_TTY, R(41), I(0), I(0), I(0));
}

void plan_shell(struct builder *b, uint32_t flags, const char *script) {
    b->header.flags = flags;
    if (b->header.kind == KIND_CONTAINER)
        STEP(b, OP_SYNC, I(SYNC_START), I(0), I(0), I(0));
    if ((flags & FLAG_TERMINAL) != 0)
        plan_terminal(b);
    else
        STEP(b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(b, (const char *const[]){"/bin/sh", "-c", script, NULL});
}

void plan_log(struct builder *b) {
    b->header.log_register = plan_fd(b, dup(scratch_fd));
    b->header.log_name = plan_text(b, "c-json.log");
}

int plan_memfd(const struct builder *b) {
    struct plan_header h = b->header;
    h.outside_offset = sizeof h;
    h.outside_count = b->counts[OUTSIDE];
    h.inside_offset = h.outside_offset + h.outside_count * 64;
    h.inside_count = b->counts[INSIDE];
    h.data_offset = h.inside_offset + h.inside_count * 64;
    h.data_size = b->data_size;
    int fd = memfd_create("plan", MFD_CLOEXEC);
    bool written = write(fd, &h, sizeof h) == (ssize_t)sizeof h;
    for (int list = OUTSIDE; list <= INSIDE; list++) {
        ssize_t size = (ssize_t)(b->counts[list] * 64);
        written = written && write(fd, b->lists[list], (size_t)size) == size;
    }
    written = written && write(fd, b->data, b->data_size) == (ssize_t)b->data_size;
    if (!written)
        abort();
    return fd;
}

/* ---- monitors ---- */

int zygote_connect(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, zygote_path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

void zygote_begin(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* monitors become ours, so that their end can be seen */
    snprintf(zygote_path, sizeof zygote_path, "/tmp/corten-shim-test-%d.sock", getpid());
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        abort();
    zygote = fork();
    if (zygote == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        /* A JVM leaves such things behind. */
        signal(SIGCHLD, SIG_IGN);
        signal(SIGUSR1, SIG_IGN);
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        execl(shim_path, shim_path, "zygote", zygote_path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    zygote_stdin = in[1];
    char ready[6];
    CHECK(read(out[0], ready, 6) == 6 && memcmp(ready, "ready\n", 6) == 0);
    close(out[0]);
    zygote_socket = zygote_connect();
}

void zygote_end(void) {
    close(zygote_stdin);
    close(zygote_socket);
    int status = -1;
    waitpid(zygote, &status, 0);
    CHECK_INT(status, 0);
    CHECK(access(zygote_path, F_OK) < 0);
}

static bool readable(int fd, int milliseconds) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, milliseconds) > 0;
}

struct box box_spawn(struct builder *b) {
    struct box box = {-1, -1, -1, ""};
    int pair[2];
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    snprintf(box.path, sizeof box.path, "%s/s", scratch);
    unlink(box.path);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, box.path);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 8) == 0);
    box.control = pair[0];
    b->fds[0] = plan_memfd(b);
    b->fds[1] = pair[1];
    b->fds[2] = listener;
    struct spawn_request request = {SPAWN_MAGIC, 1, b->fd_count, 0};
    CHECK(send_packet(zygote_socket, &request, sizeof request, NULL, 0, b->fds, b->fd_count) > 0);
    for (uint32_t i = 0; i < b->fd_count; i++)
        close(b->fds[i]);
    struct spawn_reply answer = {0};
    CHECK(readable(zygote_socket, 10000));
    CHECK(recv(zygote_socket, &answer, sizeof answer, MSG_DONTWAIT) == sizeof answer);
    CHECK_INT(answer.magic, REPLY_MAGIC);
    CHECK_INT(answer.error, 0);
    box.monitor = answer.pid;
    return box;
}

int box_connect(const struct box *box) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, box->path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

void box_wait(struct box *box) {
    int pidfd = (int)syscall(SYS_pidfd_open, box->monitor, 0);
    if (!readable(pidfd, 15000)) {
        fail(__FILE__, __LINE__, "the monitor did not end");
        kill(box->monitor, SIGKILL);
    }
    close(pidfd);
    int status = -1;
    /* It is not ours before the process that forked it has gone too. */
    for (int i = 0; i < 2000 && wait4(box->monitor, &status, 0, &monitor_usage) < 0; i++)
        usleep(1000);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        fail(__FILE__, __LINE__, "the monitor ended with status %d", status);
}

void box_end(struct box *box) {
    if (box->control >= 0)
        close(box->control);
    box->control = -1;
    box_wait(box);
}

void post(int connection, uint32_t type, uint64_t tag, const void *body, size_t size,
          const int *fds, size_t fd_count) {
    struct message head = {type, PROTOCOL_VERSION, tag};
    ssize_t sent = send_packet(connection, &head, sizeof head, body, size, fds, fd_count);
    if (sent < 0)
        fail(__FILE__, __LINE__, "sending message %u: %s", type, strerror((int)-sent));
}

static bool receive(int connection) {
    for (size_t i = 0; i < reply.fd_count; i++)
        close(reply.fds[i]);
    reply.fd_count = MAX_DESCRIPTORS + 3;
    static char packet[sizeof reply.bytes + sizeof reply.head];
    ssize_t n = readable(connection, 10000)
                    ? receive_packet(connection, packet, sizeof packet, 0, reply.fds,
                                     &reply.fd_count)
                    : -ETIMEDOUT;
    if (n < (ssize_t)sizeof reply.head) {
        reply.fd_count = 0;
        reply.head.type = 0;
        return false;
    }
    memcpy(&reply.head, packet, sizeof reply.head);
    reply.size = (size_t)n - sizeof reply.head;
    memset(reply.bytes, 0, 64);
    memcpy(reply.bytes, packet + sizeof reply.head, reply.size);
    return true;
}

bool await(int connection, uint32_t type) {
    while (receive(connection)) {
        if (reply.head.type == type)
            return true;
        if (reply.head.type == MSG_FAILED || reply.head.type == MSG_EXEC_FAILED) {
            fail(__FILE__, __LINE__, "awaiting %u: failed in list %u at %u: %s", type,
                 reply.failed.list, reply.failed.index, strerror(reply.failed.error));
            return false;
        }
    }
    fail(__FILE__, __LINE__, "no message %u came", type);
    return false;
}

bool closed(int connection) {
    while (receive(connection))
        ;
    char byte;
    return recv(connection, &byte, 1, MSG_DONTWAIT) == 0;
}

void go(const struct box *box) {
    post(box->control, MSG_GO, 0, NULL, 0, NULL, 0);
}

int attach(int connection, uint64_t target, uint32_t flags, const char *prefix,
           const char *keys) {
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    char packet[sizeof(struct attach_body) + 4096];
    struct attach_body body = {.target = target,
                               .flags = flags,
                               .prefix_length = (uint32_t)strlen(prefix),
                               .detach_length = (uint8_t)strlen(keys)};
    memcpy(body.detach_keys, keys, strlen(keys));
    memcpy(packet, &body, sizeof body);
    memcpy(packet + sizeof body, prefix, body.prefix_length);
    post(connection, MSG_ATTACH, 77, packet, sizeof body + body.prefix_length, &pair[1], 1);
    close(pair[1]);
    if (await(connection, MSG_ATTACHED))
        CHECK_INT(reply.head.tag, 77);
    return pair[0];
}

void exec_post(int connection, uint64_t tag, struct builder *b, uint32_t flags, int client,
               const char *prefix) {
    char packet[sizeof(struct exec_body) + 4096];
    struct exec_body body = {.fd_count = b->fd_count - 3,
                             .attach_flags = flags,
                             .prefix_length = (uint32_t)strlen(prefix)};
    memcpy(packet, &body, sizeof body);
    memcpy(packet + sizeof body, prefix, strlen(prefix));
    int fds[MAX_DESCRIPTORS];
    size_t count = 0;
    fds[count++] = plan_memfd(b);
    for (uint32_t i = 3; i < b->fd_count; i++)
        fds[count++] = b->fds[i];
    if (flags != 0)
        fds[count++] = client;
    post(connection, MSG_EXEC, tag, packet, sizeof body + strlen(prefix), fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

int32_t done(int connection) {
    return await(connection, MSG_DONE) ? reply.pair.first : -1;
}

/* ---- bytes ---- */

size_t read_all(int fd, char *out, size_t size) {
    size_t used = 0;
    while (used < size && readable(fd, 10000)) {
        ssize_t n = read(fd, out + used, size - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    return used;
}

size_t read_file(const char *name, char *out, size_t size) {
    int fd = openat(scratch_fd, name, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t n;
    while (fd >= 0 && used < size && (n = read(fd, out + used, size - used)) > 0)
        used += (size_t)n;
    if (fd >= 0)
        close(fd);
    if (used < size)
        out[used] = 0;
    return used;
}

void unframe(const char *bytes, size_t size, char *out[3], size_t sizes[3]) {
    size_t i = 0;
    while (i + 8 <= size) {
        const unsigned char *f = (const unsigned char *)bytes + i;
        size_t length = (size_t)f[4] << 24 | (size_t)f[5] << 16 | (size_t)f[6] << 8 | f[7];
        if ((f[0] != 1 && f[0] != 2) || f[1] != 0 || i + 8 + length > size)
            break;
        memcpy(out[f[0]] + sizes[f[0]], bytes + i + 8, length);
        sizes[f[0]] += length;
        i += 8 + length;
    }
    CHECK_INT(i, size);
}

size_t log_text(const char *json, size_t size, char *out) {
    size_t used = 0;
    for (const char *at = json, *end = json + size; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL || strncmp(at, "{\"log\":\"", 8) != 0) {
            fail(__FILE__, __LINE__, "a torn log entry: %.60s", at);
            break;
        }
        for (at += 8; *at != '"'; at++) {
            char c = *at;
            if (c == '\\') {
                c = *++at;
                c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
                if (c == 'u') {
                    char digits[5] = {at[1], at[2], at[3], at[4], 0};
                    c = (char)strtol(digits, NULL, 16);
                    at += 4;
                }
            }
            out[used++] = c;
        }
        at = newline + 1;
    }
    return used;
}
