/* Processes without a monitor, and containers that another runtime makes. */
#include "harness.h"

#include <sys/un.h>

static struct builder b;
static char text[8192];

struct once {
    int status, out; /* our ends of the status channel and of the process's 1 and 2 */
    int pidfd;
    pid_t pid, shim;
    struct once_reply reply;
};

static void take_streams(int out) {
    dup2(out, 1);
    dup2(out, 2);
}

/* Runs `corten-shim once` for the plan. */
static struct once once_start(void) {
    struct once o = {-1, -1, -1, -1, -1, {0}};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/once", scratch);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 1) == 0);
    int out[2], status[2];
    CHECK(pipe2(out, O_CLOEXEC) == 0);
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status);
    o.shim = fork();
    if (o.shim == 0) {
        take_streams(out[1]);
        execl(shim_path, shim_path, "once", address.sun_path, (char *)NULL);
        _exit(99);
    }
    close(out[1]);
    o.out = out[0];
    o.status = status[0];
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    b.fds[0] = plan_memfd(&b);
    b.fds[1] = open("/dev/null", O_RDWR | O_CLOEXEC);
    b.fds[2] = status[1];
    struct spawn_request request = {SPAWN_MAGIC, 1, b.fd_count, 0};
    CHECK(send_packet(connection, &request, sizeof request, NULL, 0, b.fds, b.fd_count) > 0);
    for (uint32_t i = 0; i < b.fd_count; i++)
        close(b.fds[i]);
    size_t count = 1;
    CHECK(receive_packet(connection, &o.reply, sizeof o.reply, 0, &o.pidfd, &count) ==
          sizeof o.reply);
    CHECK_INT(o.reply.magic, REPLY_MAGIC);
    o.pid = o.reply.pid;
    close(connection);
    waitpid(o.shim, NULL, 0);
    return o;
}

static int once_end(struct once *o) {
    int status = -1;
    close_fd(&o->pidfd);
    close_fd(&o->status);
    close_fd(&o->out);
    if (o->pid > 0)
        waitpid(o->pid, &status, 0);
    return status;
}

static struct status_message hear(const struct once *o) {
    struct status_message message = {0};
    CHECK(recv(o->status, &message, sizeof message, 0) >= 0);
    return message;
}

static void answer(const struct once *o, int number) {
    struct status_message message = {.what = STATUS_SYNC, .value = number};
    CHECK(send(o->status, &message, sizeof message, MSG_NOSIGNAL) == sizeof message);
}

static uint32_t array(const char *const *texts) {
    uint32_t count = 0;
    while (texts[count] != NULL)
        count++;
    const uint64_t zeros[16] = {0};
    uint32_t cells = plan_data(&b, zeros, 8 * (count + 1));
    for (uint32_t i = 0; i < count; i++)
        STEP(&b, OP_RELOC, I(cells + 8 * i), I(plan_text(&b, texts[i])), I(0), I(0));
    return cells;
}

static void it_has_our_streams_and_outlives_the_shim(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.flags = FLAG_DETACHED;
    STEP(&b, OP_SYNC, I(4), I(0), I(0), I(0));
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){"/bin/sh", "-c", "echo $PPID; echo e >&2; exit 3", NULL});
    struct once o = once_start();
    CHECK_INT(o.reply.error, 0);
    CHECK(o.pidfd >= 0);
    struct status_message sync = hear(&o);
    CHECK_INT(sync.what, STATUS_SYNC);
    CHECK_INT(sync.value, 4);
    answer(&o, 4);
    CHECK_INT(hear(&o).what, 0); /* the end: it has executed its program */
    size_t n = read_all(o.out, text, sizeof text - 1);
    text[n] = 0;
    char expected[40];
    snprintf(expected, sizeof expected, "%d\ne\n", getpid());
    CHECK(strcmp(text, expected) == 0);
    int status = once_end(&o);
    CHECK_INT(status, 3 << 8);
}

static void a_failed_step_is_told_to_the_caller(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.flags = FLAG_DETACHED;
    STEP(&b, SYS_close, I(-1), I(0), I(0), I(0));
    struct once o = once_start();
    struct status_message failed = hear(&o);
    CHECK_INT(failed.what, STATUS_FAILED);
    CHECK_INT(failed.value, EBADF);
    CHECK_INT(failed.index, 0);
    once_end(&o);
}

static void one_that_fails_when_nobody_listens_tells_its_user(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.flags = FLAG_DETACHED;
    STEP(&b, OP_SYNC, I(4), I(0), I(0), I(0));
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    int held[2];
    CHECK(pipe2(held, O_CLOEXEC) == 0);
    uint32_t reader = plan_fd(&b, held[0]);
    const uint64_t zero = 0;
    uint32_t byte = plan_data(&b, &zero, sizeof zero);
    STEP(&b, SYS_read, R(reader), D(byte), I(1), I(0));
    plan_exec(&b, (const char *const[]){"/no/such/command", NULL});
    struct once o = once_start();
    CHECK_INT(hear(&o).what, STATUS_SYNC);
    answer(&o, 4);
    close_fd(&o.status);
    CHECK(write(held[1], "x", 1) == 1);
    close(held[1]);
    size_t n = read_all(o.out, text, sizeof text - 1);
    text[n] = 0;
    CHECK(strcmp(text, "exec /no/such/command: no such file or directory\n") == 0);
    int status = once_end(&o);
    CHECK_INT(status, 255 << 8);
}

static void a_plan_for_a_monitor_is_refused(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_exec(&b, (const char *const[]){"/bin/true", NULL});
    struct once o = once_start();
    CHECK_INT(o.reply.error, EINVAL);
    CHECK_INT(o.reply.list, LIST_HEADER);
    CHECK_INT(o.reply.index, offsetof(struct plan_header, flags));
    CHECK(o.pidfd < 0);
    o.pid = -1;
    once_end(&o);
}

static void the_first_program_that_can_be_executed_is_found(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.flags = FLAG_DETACHED;
    uint32_t places = array((const char *const[]){"/no/sh", "/bin", "/bin/sh", "/bin/true", NULL});
    int place = 9;
    plan_step(&b, INSIDE, (uint32_t)OP_FIND, place, I(places), I(0), I(0), I(0));
    STEP(&b, OP_EXPECT, R(place), I(2), I(ENOTDIR), I(0));
    uint32_t none = array((const char *const[]){"/no/sh", "/bin", NULL});
    STEP(&b, OP_FIND, I(none), I(0), I(0), I(0));
    uint32_t last = b.counts[INSIDE] - 1;
    b.header.register_count = 10;
    struct once o = once_start();
    struct status_message failed = hear(&o);
    CHECK_INT(failed.what, STATUS_FAILED);
    CHECK_INT(failed.value, ENOENT);
    CHECK_INT(failed.index, last);
    once_end(&o);
}

/* ---- another runtime ---- */

static void run_script(const char *script) {
    uint32_t argv = array((const char *const[]){"/bin/sh", "-c", script, NULL});
    uint32_t envp = array((const char *const[]){"PATH=/usr/bin:/bin", NULL});
    STEP(&b, OP_RUN, I(argv), I(envp), I(0), I(0));
}

/* A container that a program has made, the way runc does: it leaves a process and its number. */
static void plan_foreign(const char *container, const char *start) {
    char script[512], name[100];
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    snprintf(name, sizeof name, "%s/pid", scratch);
    snprintf(script, sizeof script, "exec 3<&0; (%s) <&3 & echo $! > %s", container, name);
    run_script(script);
    STEP(&b, OP_ADOPT, D(plan_text(&b, name)), I(0), I(0), I(0));
    STEP(&b, OP_SYNC, I(SYNC_START), I(0), I(0), I(0));
    run_script(start);
    STEP(&b, OP_LEAVE, I(0), I(0), I(0), I(0));
    plan_log(&b);
}

static void a_process_of_another_program_is_adopted(void) {
    plan_foreign("read line; echo $line; exit 6", "exit 0");
    b.header.flags = FLAG_OPEN_STDIN | FLAG_FOREIGN;
    struct box box = box_spawn(&b);
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    size_t n = read_file("pid", text, sizeof text - 1);
    text[n] = 0;
    CHECK_INT(reply.started.pid, atoi(text));
    CHECK(write(client, "words\n", 6) == 6);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    CHECK_INT(reply.exited.status, 6 << 8);
    box_end(&box);
    n = read_file("c-json.log", text, sizeof text);
    char out[200];
    CHECK_INT(log_text(text, n, out), 6);
}

static void one_that_ends_before_its_start_is_told_has_still_run(void) {
    char wait[200];
    snprintf(wait, sizeof wait, "while kill -0 $(cat %s/pid) 2>/dev/null; do sleep 0.01; done",
             scratch);
    plan_foreign("sleep 0.1; exit 5", wait);
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 5 << 8);
    box_end(&box);
}

static void one_that_ends_before_it_is_adopted_has_still_run(void) {
    char script[300], name[100];
    plan_begin(&b, KIND_CONTAINER);
    snprintf(name, sizeof name, "%s/pid", scratch);
    struct box box;
    plan_shell(&b, 0, "sleep 1");
    box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    plan_begin(&b, KIND_EXEC);
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    snprintf(script, sizeof script, "(sleep 0.05; exit 7) & echo $! > %s", name);
    run_script(script);
    run_script("sleep 0.3");
    STEP(&b, OP_ADOPT, D(plan_text(&b, name)), I(0), I(0), I(0));
    STEP(&b, OP_LEAVE, I(0), I(0), I(0), I(0));
    exec_post(box.control, 9, &b, 0, -1, "");
    CHECK(await(box.control, MSG_EXEC_STARTED));
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK_INT(reply.pair.first, 7 << 8);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void a_program_that_fails_fails_the_start(void) {
    plan_foreign("exec sleep 100", "echo why >&2; exit 3");
    b.header.flags = FLAG_FOREIGN;
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(closed(box.control) && reply.head.type == 0);
    CHECK_INT(reply.failed.list, LIST_INSIDE);
    CHECK_INT(reply.failed.error, EPROTO);
    box_end(&box);
    CHECK_INT(read_file("c-json.log", text, sizeof text), 0);
    /* Its child may have been the last to leave. */
    for (int i = 0; i < 100; i++) {
        waitpid(-1, NULL, WNOHANG);
        usleep(1000);
    }
}

static void a_descriptor_is_received_from_who_connects(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/console", scratch);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 1) == 0);
    int sender = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(sender, (struct sockaddr *)&address, sizeof address) == 0);
    int given[2];
    CHECK(pipe2(given, O_CLOEXEC) == 0);
    CHECK(send_packet(sender, "/dev/ptmx", 9, NULL, 0, &given[1], 1) == 9);
    close(sender);
    close(given[1]);
    plan_begin(&b, KIND_CONTAINER);
    b.header.flags = FLAG_DETACHED;
    uint32_t from = plan_fd(&b, listener);
    int got = 12;
    plan_step(&b, INSIDE, (uint32_t)OP_RECEIVE, got, R(from), I(0), I(0), I(0));
    STEP(&b, SYS_write, R(got), D(plan_text(&b, "here")), I(4), I(0));
    STEP(&b, OP_LEAVE, I(0), I(0), I(0), I(0));
    b.header.register_count = 13;
    struct once o = once_start();
    CHECK_INT(hear(&o).what, 0);
    CHECK_INT(read_all(given[0], text, sizeof text), 4);
    close(given[0]);
    int status = once_end(&o);
    CHECK_INT(status, 0);
}

const struct test once_tests[] = {
    {"it has our streams and outlives the shim", it_has_our_streams_and_outlives_the_shim},
    {"a failed step is told to the caller", a_failed_step_is_told_to_the_caller},
    {"one that fails when nobody listens tells its user",
     one_that_fails_when_nobody_listens_tells_its_user},
    {"a plan for a monitor is refused", a_plan_for_a_monitor_is_refused},
    {"the first program that can be executed is found",
     the_first_program_that_can_be_executed_is_found},
    {"a process of another program is adopted", a_process_of_another_program_is_adopted},
    {"one that ends before its start is told has still run",
     one_that_ends_before_its_start_is_told_has_still_run},
    {"one that ends before it is adopted has still run",
     one_that_ends_before_it_is_adopted_has_still_run},
    {"a program that fails fails the start", a_program_that_fails_fails_the_start},
    {"a descriptor is received from who connects", a_descriptor_is_received_from_who_connects},
    {NULL, NULL},
};
