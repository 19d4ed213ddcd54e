/* Further processes in a running container. */
#include "harness.h"

static struct builder b, e;
static char got[1 << 20];

/* A container in its own PID namespace that runs until its stdin ends. */
static int start(struct box *box, uint64_t clone_flags) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.clone_flags = clone_flags;
    plan_shell(&b, FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, "read x; exit 0");
    *box = box_spawn(&b);
    int client = attach(box->control, 0, ATTACH_STDIN, "", "");
    go(box);
    CHECK(await(box->control, MSG_STARTED));
    return client;
}

static void finish(struct box *box, int client) {
    close(client);
    CHECK(await(box->control, MSG_EXITED));
    post(box->control, MSG_BYE, 0, NULL, 0, NULL, 0);
    box_end(box);
}

static void plan_join(uint32_t flags, const char *script) {
    plan_begin(&e, KIND_EXEC);
    STEP(&e, SYS_setns, R(1), I(CLONE_NEWPID), I(0), I(0));
    STEP(&e, OP_FORK, I(0), I(0), I(0), I(0));
    plan_shell(&e, flags, script);
}

static void it_joins_and_its_status_is_told(void) {
    struct box box;
    int stdin_client = start(&box, CLONE_NEWPID);
    plan_join(FLAG_OPEN_STDIN, "read a; echo $a $$; echo err >&2; exit 5");
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    exec_post(box.control, 42, &e,
              ATTACH_STDIN | ATTACH_STDOUT | ATTACH_STDERR | ATTACH_FRAMES | ATTACH_CLOSE_STDIN,
              pair[1], "prefix\n");
    CHECK(await(box.control, MSG_ATTACHED));
    CHECK_INT(reply.head.tag, 42);
    CHECK(await(box.control, MSG_EXEC_STARTED));
    CHECK_INT(reply.head.tag, 42);
    CHECK(reply.started.pid > 2 && reply.started.start_time > 0);
    size_t n = read_all(pair[0], got, sizeof got);
    CHECK(n > 28 && memcmp(got, "\1\0\0\0\0\0\0\11prefix 2\n\2\0\0\0\0\0\0\4err\n", 29) == 0);
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK_INT(reply.head.tag, 42);
    CHECK_INT(reply.pair.first, 5 << 8);
    close(pair[0]);
    finish(&box, stdin_client);
}

static void half_close_ends_its_stdin_with_flag_32(void) {
    struct box box;
    int stdin_client = start(&box, 0);
    plan_begin(&e, KIND_EXEC);
    plan_shell(&e, FLAG_OPEN_STDIN, "cat; exit 6");
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    exec_post(box.control, 1, &e, ATTACH_STDIN | ATTACH_STDOUT | ATTACH_CLOSE_STDIN, pair[1], "");
    CHECK(write(pair[0], "abc", 3) == 3);
    shutdown(pair[0], SHUT_WR);
    CHECK_INT(read_all(pair[0], got, sizeof got), 3);
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK_INT(reply.pair.first, 6 << 8);
    close(pair[0]);
    finish(&box, stdin_client);
}

static void a_terminal_and_a_signal(void) {
    struct box box;
    int stdin_client = start(&box, 0);
    plan_begin(&e, KIND_EXEC);
    plan_shell(&e, FLAG_TERMINAL | FLAG_OPEN_STDIN, "tty >/dev/null && echo ready; exec sleep 100");
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    exec_post(box.control, 7, &e, ATTACH_STDIN | ATTACH_STDOUT, pair[1], "");
    CHECK(await(box.control, MSG_EXEC_STARTED));
    CHECK_INT(read_all(pair[0], got, 7), 7);
    CHECK(memcmp(got, "ready\r\n", 7) == 0);
    struct signal_body signal_body = {7, SIGUSR1, 0};
    post(box.control, MSG_SIGNAL, 8, &signal_body, sizeof signal_body, NULL, 0);
    CHECK_INT(done(box.control), 0);
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK_INT(reply.pair.first, SIGUSR1);
    post(box.control, MSG_SIGNAL, 8, &signal_body, sizeof signal_body, NULL, 0);
    CHECK_INT(done(box.control), ESRCH);
    close(pair[0]);
    finish(&box, stdin_client);
}

static void failures_name_the_step_and_leave_the_socket_alone(void) {
    struct box box;
    int stdin_client = start(&box, CLONE_NEWPID);
    plan_begin(&e, KIND_EXEC);
    STEP(&e, SYS_setns, R(1), I(CLONE_NEWPID), I(0), I(0));
    STEP(&e, OP_FORK, I(0), I(0), I(0), I(0));
    plan_exec(&e, (const char *const[]){"/no/such", NULL});
    uint32_t last = e.counts[INSIDE] - 1;
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    int daemons = dup(pair[1]);
    exec_post(box.control, 3, &e, ATTACH_STDOUT, pair[1], "");
    for (reply.head.type = 0; reply.head.type != MSG_EXEC_FAILED;) {
        struct pollfd p = {.fd = box.control, .events = POLLIN};
        CHECK(poll(&p, 1, 5000) == 1);
        reply.fd_count = 0;
        char packet[256];
        ssize_t n = recv(box.control, packet, sizeof packet, 0);
        CHECK(n >= (ssize_t)sizeof reply.head);
        if (n < (ssize_t)sizeof reply.head)
            break;
        memcpy(&reply.head, packet, sizeof reply.head);
        memcpy(reply.bytes, packet + sizeof reply.head, (size_t)n - sizeof reply.head);
        CHECK(reply.head.type == MSG_EXEC_FAILED);
    }
    CHECK_INT(reply.head.tag, 3);
    CHECK_INT(reply.failed.list, LIST_INSIDE);
    CHECK_INT(reply.failed.index, last);
    CHECK_INT(reply.failed.error, ENOENT);
    CHECK(write(daemons, "ours", 4) == 4); /* not shut down */
    CHECK_INT(read_all(pair[0], got, 4), 4);
    close(daemons);
    close(pair[0]);
    finish(&box, stdin_client);
}

/* Awaits EXEC_FAILED, which await() takes for a failure of the test. */
static int exec_error(int connection) {
    char packet[256];
    struct pollfd p = {.fd = connection, .events = POLLIN};
    while (poll(&p, 1, 5000) == 1 && recv(connection, packet, sizeof packet, 0) > 16) {
        struct message head;
        memcpy(&head, packet, sizeof head);
        struct failed_body body;
        memcpy(&body, packet + sizeof head, sizeof body);
        if (head.type == MSG_EXEC_FAILED)
            return body.error;
    }
    return -1;
}

static void it_is_refused_when_it_cannot_be(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_shell(&b, FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, "read x");
    struct box box = box_spawn(&b);
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    plan_begin(&e, KIND_EXEC);
    plan_shell(&e, 0, "exec sleep 100");
    exec_post(box.control, 1, &e, 0, -1, "");
    CHECK_INT(exec_error(box.control), ESRCH); /* not running yet */
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    plan_begin(&e, KIND_CONTAINER);
    plan_shell(&e, 0, "true");
    exec_post(box.control, 1, &e, 0, -1, "");
    CHECK_INT(exec_error(box.control), EINVAL);
    plan_begin(&e, KIND_EXEC);
    plan_shell(&e, 0, "exec sleep 100");
    exec_post(box.control, 0, &e, 0, -1, "");
    CHECK_INT(exec_error(box.control), EINVAL);
    exec_post(box.control, 1, &e, 0, -1, "");
    CHECK(await(box.control, MSG_EXEC_STARTED));
    exec_post(box.control, 1, &e, 0, -1, "");
    CHECK_INT(exec_error(box.control), EEXIST);
    int memfd = plan_memfd(&e);
    struct exec_body body = {.fd_count = 5};
    post(box.control, MSG_EXEC, 2, &body, sizeof body, &memfd, 1);
    CHECK_INT(exec_error(box.control), EINVAL);
    close(memfd);
    /* The other exec ends with the container, and that is told before EXITED. */
    close(client);
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK_INT(reply.pair.first, SIGKILL);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void what_it_leaves_behind_does_not_hold_its_stream(void) {
    struct box box;
    int stdin_client = start(&box, CLONE_NEWPID);
    plan_join(0, "sleep 100 & echo done");
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
    exec_post(box.control, 1, &e, ATTACH_STDOUT, pair[1], "");
    double begin = seconds();
    CHECK_INT(read_all(pair[0], got, sizeof got), 5);
    CHECK(await(box.control, MSG_EXEC_EXITED));
    CHECK(seconds() - begin < 1);
    close(pair[0]);
    finish(&box, stdin_client);
}

static void many_at_once(void) {
    struct box box;
    int stdin_client = start(&box, CLONE_NEWPID);
    enum { COUNT = 40 };
    int clients[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char script[64];
        snprintf(script, sizeof script, "echo %d; exit %d", i, i);
        plan_join(0, script);
        int pair[2];
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
        exec_post(box.control, (uint64_t)i + 100, &e, ATTACH_STDOUT, pair[1], "");
        clients[i] = pair[0];
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK(await(box.control, MSG_EXEC_EXITED));
        CHECK_INT(reply.pair.first, (int)(reply.head.tag - 100) << 8);
    }
    for (int i = 0; i < COUNT; i++) {
        size_t n = read_all(clients[i], got, sizeof got);
        got[n] = 0;
        CHECK_INT(atoi(got), i);
        close(clients[i]);
    }
    finish(&box, stdin_client);
}

static void its_sync_goes_to_who_asked(void) {
    struct box box;
    int stdin_client = start(&box, 0);
    int other = box_connect(&box);
    for (int round = 0; round < 2; round++) {
        plan_begin(&e, KIND_EXEC);
        STEP(&e, OP_SYNC, I(9), I(0), I(0), I(0));
        plan_shell(&e, 0, "exit 2");
        exec_post(other, 11, &e, 0, -1, "");
        CHECK(await(other, MSG_SYNC_ASKED));
        CHECK_INT(reply.head.tag, 11);
        pid_t pid = (pid_t)reply.pair.second;
        if (round == 1) { /* without it the child is killed */
            int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
            close(other);
            struct pollfd p = {.fd = pidfd, .events = POLLIN};
            CHECK(poll(&p, 1, 5000) == 1);
            close(pidfd);
            break;
        }
        uint32_t number = 9;
        post(other, MSG_SYNC, 11, &number, 4, NULL, 0);
        CHECK(await(other, MSG_EXEC_STARTED));
        CHECK(await(other, MSG_EXEC_EXITED));
        CHECK(await(box.control, MSG_EXEC_EXITED)); /* told to everybody */
    }
    finish(&box, stdin_client);
}

const struct test exec_tests[] = {
    {"exec: it joins and its status is told", it_joins_and_its_status_is_told},
    {"exec: half-close ends its stdin with flag 32", half_close_ends_its_stdin_with_flag_32},
    {"exec: a terminal and a signal", a_terminal_and_a_signal},
    {"exec: failures name the step and leave the socket alone",
     failures_name_the_step_and_leave_the_socket_alone},
    {"exec: it is refused when it cannot be", it_is_refused_when_it_cannot_be},
    {"exec: what it leaves behind does not hold its stream",
     what_it_leaves_behind_does_not_hold_its_stream},
    {"exec: many at once", many_at_once},
    {"exec: its SYNC goes to who asked", its_sync_goes_to_who_asked},
    {NULL, NULL},
};
