/* A container from SPAWN to exit.json. */
#include "harness.h"

static struct builder b;
static char text[1 << 20], other[1 << 20];

static void echo_is_logged_and_its_exit_recorded(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    plan_shell(&b, 0, "echo out; echo err >&2; cat; exit 3");
    struct box box = box_spawn(&b);
    post(box.control, MSG_HELLO, 5, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_STATE));
    CHECK_INT(reply.head.tag, 5);
    CHECK_INT(reply.state.state, STATE_CREATED);
    CHECK(reply.state.pid > 0);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    CHECK(reply.started.pid > 0);
    CHECK(reply.started.start_time > 0);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 3 << 8);
    CHECK_INT(reply.exited.flags, 0);
    CHECK(reply.exited.seconds > 1700000000);
    size_t n = read_file("c-json.log", text, sizeof text);
    CHECK(strstr(text, "{\"log\":\"out\\n\",\"stream\":\"stdout\",\"time\":\"20") != NULL);
    CHECK(strstr(text, "{\"log\":\"err\\n\",\"stream\":\"stderr\",\"time\":\"20") != NULL);
    CHECK(n > 0 && text[n - 1] == '\n');
    n = read_file("exit.json", text, sizeof text);
    const char *expected = "{\"format\":1,\"id\":\"c0ffee\",\"status\":768,\"exitCode\":3,"
                           "\"signal\":0,\"oomKilled\":false,\"exitedAt\":\"20";
    CHECK(strncmp(text, expected, strlen(expected)) == 0);
    CHECK(n > 4 && strcmp(text + n - 4, "Z\"}\n") == 0);
    struct stat s;
    CHECK(fstatat(scratch_fd, "c-json.log", &s, 0) == 0 && (s.st_mode & 0777) == 0640);
    post(box.control, MSG_BYE, 0, NULL, 0, NULL, 0);
    CHECK(closed(box.control));
    box_end(&box);
}

static void a_signalled_process_has_128_plus_n(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_shell(&b, 0, "kill -9 $$");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, SIGKILL);
    read_file("exit.json", text, sizeof text);
    CHECK(strstr(text, "\"status\":9,\"exitCode\":137,\"signal\":9,") != NULL);
    box_end(&box);
}

static void the_child_sees_clean_signals_and_only_stdio(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_fd(&b, open("/", O_RDONLY | O_DIRECTORY)); /* must not survive execve */
    plan_shell(&b, 0, "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; echo /proc/self/fd/*");
    plan_log(&b);
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
    size_t n = read_file("c-json.log", text, sizeof text);
    n = log_text(text, n, other);
    other[n] = 0;
    CHECK(strstr(other, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n") != NULL);
    /* 3 is the shell's own, reading the directory */
    CHECK(strstr(other, "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n"));
}

static void nothing_runs_before_go(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_shell(&b, 0, "touch ran");
    uint32_t cwd = plan_fd(&b, dup(scratch_fd));
    /* chdir comes before START */
    memmove(&b.lists[INSIDE][1], &b.lists[INSIDE][0], sizeof(struct instruction) * 20);
    uint32_t count = b.counts[INSIDE];
    b.counts[INSIDE] = 0;
    STEP(&b, SYS_fchdir, R(cwd), I(0), I(0), I(0));
    b.counts[INSIDE] = count + 1;
    struct box box = box_spawn(&b);
    post(box.control, MSG_HELLO, 0, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_STATE));
    usleep(50000);
    CHECK(faccessat(scratch_fd, "ran", F_OK, 0) < 0);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    CHECK(faccessat(scratch_fd, "ran", F_OK, 0) == 0);
    box_end(&box);
}

static void a_missing_command_is_reported_with_its_step(void) {
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){"/no/such/command", NULL});
    uint32_t last = b.counts[INSIDE] - 1;
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(closed(box.control) && reply.head.type == 0);
    CHECK_INT(reply.failed.list, LIST_INSIDE);
    CHECK_INT(reply.failed.index, last);
    CHECK_INT(reply.failed.error, ENOENT);
    CHECK(faccessat(scratch_fd, "exit.json", F_OK, 0) < 0);
    box_end(&box);
}

static void several_execve_are_tried_in_order(void) {
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){"/no/such/command", NULL});
    b.lists[INSIDE][b.counts[INSIDE] - 1].tolerated = 1ull << ENOENT | 1ull << EACCES;
    plan_exec(&b, (const char *const[]){"/bin/sh", "-c", "exit 7", NULL});
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 7 << 8);
    box_end(&box);
}

static void syncs_go_through_the_daemon(void) {
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, OP_SYNC, I(SYNC_PLACED), I(0), I(0), I(0));
    STEP(&b, OP_SYNC, I(100), I(0), I(0), I(0));
    plan_shell(&b, 0, "exit 0");
    struct box box = box_spawn(&b);
    CHECK(await(box.control, MSG_SYNC_ASKED));
    CHECK_INT(reply.pair.first, 100);
    CHECK(kill((pid_t)reply.pair.second, 0) == 0);
    uint32_t number = 100;
    post(box.control, MSG_SYNC, 0, &number, 4, NULL, 0);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void namespaces_and_a_cgroup_come_with_the_clone(void) {
    char group[100];
    snprintf(group, sizeof group, "/sys/fs/cgroup/unified/corten-shim-test-%d", getpid());
    const char *mounted = "/sys/fs/cgroup/unified/cgroup.procs";
    bool v2 = access(mounted, F_OK) == 0 && mkdir(group, 0755) == 0;
    plan_begin(&b, KIND_CONTAINER);
    b.header.clone_flags = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS;
    if (v2)
        b.header.cgroup_register = plan_fd(&b, open(group, O_RDONLY | O_DIRECTORY));
    uint32_t name = plan_text(&b, "inside");
    STEP(&b, SYS_sethostname, D(name), I(6), I(0), I(0));
    plan_shell(&b, 0, "echo $$ $(uname -n); cat /proc/self/cgroup");
    plan_log(&b);
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
    size_t n = read_file("c-json.log", text, sizeof text);
    n = log_text(text, n, other);
    other[n] = 0;
    CHECK(strncmp(other, "1 inside\n", 9) == 0);
    if (v2) {
        CHECK(strstr(other, "0::/corten-shim-test-") != NULL);
        CHECK(rmdir(group) == 0);
    }
}

static void spawn_refuses_what_it_cannot_read(void) {
    int connection = zygote_connect();
    const struct spawn_request bad[] = {
        {SPAWN_MAGIC + 1, 1, 3, 0}, {SPAWN_MAGIC, 2, 3, 0}, {SPAWN_MAGIC, 1, 4, 0}};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    const int fds[3] = {null, null, null};
    struct spawn_reply answer;
    for (size_t i = 0; i < 3; i++) {
        CHECK(send_packet(connection, &bad[i], sizeof bad[i], NULL, 0, fds, 3) > 0);
        CHECK(recv(connection, &answer, sizeof answer, 0) == sizeof answer);
        CHECK_INT(answer.error, EINVAL);
        CHECK_INT(answer.pid, -1);
    }
    CHECK(send_packet(connection, "short", 5, NULL, 0, fds, 3) > 0);
    CHECK(recv(connection, &answer, sizeof answer, 0) == sizeof answer);
    CHECK_INT(answer.error, EINVAL);
    close(connection);
    close(null);
}

const struct test run_tests[] = {
    {"echo is logged and its exit recorded", echo_is_logged_and_its_exit_recorded},
    {"a signalled process has 128 plus n", a_signalled_process_has_128_plus_n},
    {"the child sees clean signals and only stdio", the_child_sees_clean_signals_and_only_stdio},
    {"nothing runs before GO", nothing_runs_before_go},
    {"a missing command is reported with its step", a_missing_command_is_reported_with_its_step},
    {"several execve are tried in order", several_execve_are_tried_in_order},
    {"SYNCs go through the daemon", syncs_go_through_the_daemon},
    {"namespaces and a cgroup come with the clone", namespaces_and_a_cgroup_come_with_the_clone},
    {"SPAWN refuses what it cannot read", spawn_refuses_what_it_cannot_read},
    {NULL, NULL},
};
