/* Daemons that die, come back or misbehave; stopping, reaping, and the end. */
#include "harness.h"

#include <sys/eventfd.h>
#include <sys/mount.h>

static struct builder b;
static char text[1 << 20];

static struct box start(uint32_t flags, uint64_t clone_flags, const char *script) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    b.header.clone_flags = clone_flags;
    plan_shell(&b, flags, script);
    return box_spawn(&b);
}

static bool wait_for_file(const char *name) {
    for (int i = 0; i < 2000; i++) {
        if (faccessat(scratch_fd, name, F_OK, 0) == 0)
            return true;
        usleep(5000);
    }
    return false;
}

static bool gone(pid_t pid) {
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return true;
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    bool ended = poll(&p, 1, 10000) == 1;
    close(pidfd);
    return ended;
}

static pid_t init_of(int connection) {
    post(connection, MSG_HELLO, 0, NULL, 0, NULL, 0);
    return await(connection, MSG_STATE) ? reply.state.pid : -1;
}

static void a_daemon_that_dies_before_go_takes_the_child_along(void) {
    struct box box = start(0, 0, "exit 0");
    pid_t init = init_of(box.control);
    box_end(&box);
    CHECK(gone(init));
    CHECK(faccessat(scratch_fd, "exit.json", F_OK, 0) < 0);
}

static void a_container_outlives_its_daemon(void) {
    struct box box = start(FLAG_OPEN_STDIN, 0, "read x; echo after; exit 8");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    close(box.control);
    box.control = -1;
    usleep(20000);
    int second = box_connect(&box);
    CHECK(init_of(second) > 0);
    CHECK_INT(reply.state.state, STATE_RUNNING);
    int third = box_connect(&box);
    CHECK(write(client, "x\n", 2) == 2);
    CHECK_INT(read_all(client, text, sizeof text), 6);
    CHECK(await(second, MSG_EXITED));
    CHECK(await(third, MSG_EXITED));
    CHECK_INT(reply.exited.status, 8 << 8);
    /* Lingering: state 3 is told, and BYE of both lets it end. */
    CHECK(init_of(third) > 0);
    CHECK_INT(reply.state.state, STATE_EXITED);
    CHECK_INT(reply.state.status, 8 << 8);
    post(second, MSG_BYE, 0, NULL, 0, NULL, 0);
    post(third, MSG_BYE, 0, NULL, 0, NULL, 0);
    double begin = seconds();
    box_wait(&box);
    CHECK(seconds() - begin < 2);
    close(second);
    close(third);
    close(client);
}

static void without_a_daemon_the_exit_file_is_the_record(void) {
    struct box box = start(0, 0, "sleep 0.1; exit 9");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    box_end(&box);
    read_file("exit.json", text, sizeof text);
    CHECK(strstr(text, "\"exitCode\":9,") != NULL);
    CHECK(faccessat(scratch_fd, ".exit.json.tmp", F_OK, 0) < 0);
}

static void a_daemon_that_does_not_read_loses_its_connection(void) {
    struct box box = start(FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, 0, "read x; exit 1");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    int deaf = box_connect(&box);
    struct message hello = {MSG_HELLO, 1, 0};
    for (int i = 0; i < 100000; i++) {
        ssize_t n = send_packet(deaf, &hello, sizeof hello, NULL, 0, NULL, 0);
        if (n == -EAGAIN)
            usleep(100);
        else if (n < 0)
            break;
    }
    CHECK(closed(deaf) || errno == ECONNRESET);
    close(deaf);
    CHECK(init_of(box.control) > 0); /* the others are served as before */
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void a_dead_monitor_takes_its_container_along(void) {
    struct box box = start(0, 0, "exec sleep 100");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    pid_t init = reply.started.pid;
    kill(box.monitor, SIGKILL);
    CHECK(closed(box.control) || errno == ECONNRESET);
    waitpid(box.monitor, NULL, 0);
    CHECK(gone(init));
    waitpid(init, NULL, 0);
    close(box.control);
}

static void sigterm_stops_with_the_stop_signal(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.stop_signal = SIGUSR1;
    b.header.clone_flags = CLONE_NEWPID;
    uint32_t cwd = plan_fd(&b, dup(scratch_fd));
    STEP(&b, SYS_fchdir, R(cwd), I(0), I(0), I(0));
    plan_shell(&b, 0, "trap 'exit 17' USR1; touch up; while :; do sleep 0.02; done");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    CHECK(wait_for_file("up"));
    kill(box.monitor, SIGTERM);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 17 << 8);
    box_end(&box);
}

static void sigterm_kills_after_the_grace(void) {
    plan_begin(&b, KIND_CONTAINER);
    b.header.stop_grace_ms = 100;
    b.header.clone_flags = CLONE_NEWPID; /* no sleep is left over */
    uint32_t cwd = plan_fd(&b, dup(scratch_fd));
    STEP(&b, SYS_fchdir, R(cwd), I(0), I(0), I(0));
    plan_shell(&b, 0, "trap '' TERM; touch up; while :; do sleep 0.02; done");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(wait_for_file("up"));
    double begin = seconds();
    kill(box.monitor, SIGTERM);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, SIGKILL);
    CHECK(seconds() - begin >= 0.09);
    box_end(&box);
}

static void orphans_are_reaped(void) {
    struct box box = start(FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, 0,
                           "(sleep 0.05 & sleep 0.05 & sleep 0.05 &); echo x; read x");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    CHECK_INT(read_all(client, text, 2), 2);
    usleep(150000);
    char path[64], children[200] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", box.monitor, box.monitor);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(read(fd, children, sizeof children - 1) > 0);
    close(fd);
    CHECK(strchr(children, ' ') == children + strlen(children) - 1);
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

/* A process that left the session and holds the pipes: killed by the cgroup, v2 or v1. */
static void leftovers_are_killed(const char *root, bool v2) {
    char group[120], file[160];
    snprintf(group, sizeof group, "%s/corten-shim-test-%d", root, getpid());
    if (mkdir(group, 0755) < 0) {
        printf("    skipped: no %s here\n", root);
        return;
    }
    plan_begin(&b, KIND_CONTAINER);
    snprintf(file, sizeof file, "%s/cgroup.procs", group);
    uint32_t procs = plan_fd(&b, open(file, O_WRONLY));
    STEP(&b, SYS_write, R(procs), D(plan_text(&b, "0")), I(1), I(0));
    snprintf(file, sizeof file, "%s/%s", group, v2 ? "cgroup.kill" : "cgroup.procs");
    b.header.kill_register = plan_fd(&b, open(file, v2 ? O_WRONLY : O_RDONLY));
    plan_shell(&b, 0, "setsid sleep 100 & setsid sh -c 'while :; do echo x; done' & exit 0");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
    bool removed = false;
    for (int i = 0; i < 200 && !removed; i++) {
        removed = rmdir(group) == 0;
        if (!removed)
            usleep(5000);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ; /* the monitor is gone: they are this process's */
    }
    CHECK(removed);
}

static void leftovers_are_killed_v2(void) {
    leftovers_are_killed("/sys/fs/cgroup/unified", true);
}

static void leftovers_are_killed_v1(void) {
    leftovers_are_killed("/sys/fs/cgroup/pids", false);
}

static void an_oom_is_told_and_recorded(void) {
    int event = eventfd(0, EFD_CLOEXEC);
    plan_begin(&b, KIND_CONTAINER);
    b.header.oom_register = plan_fd(&b, dup(event));
    b.header.oom_kind = OOM_EVENTFD;
    plan_shell(&b, FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, "read x; kill -9 $$");
    struct box box = box_spawn(&b);
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    uint64_t one = 1;
    CHECK(write(event, &one, 8) == 8);
    CHECK(await(box.control, MSG_OOM));
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.flags, EXITED_OOM);
    read_file("exit.json", text, sizeof text);
    CHECK(strstr(text, "\"oomKilled\":true") != NULL);
    close(event);
    box_end(&box);
}

static void memory_events_count_too(void) {
    int file = openat(scratch_fd, "memory.events", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const char *events = "low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 0\n";
    CHECK(write(file, events, strlen(events)) > 0);
    plan_begin(&b, KIND_CONTAINER);
    b.header.oom_register = plan_fd(&b, file);
    b.header.oom_kind = OOM_MEMORY_EVENTS;
    plan_shell(&b, 0, "exit 0");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_EXITED)); /* looked at once more at the end */
    CHECK_INT(reply.exited.flags, EXITED_OOM);
    box_end(&box);
}

static void kept_descriptors_come_back(void) {
    struct box box = start(FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, 0, "read x");
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    int in[2], other[2];
    CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(other, O_CLOEXEC) == 0);
    static const char names[] = "\2\0\0\0port\0dns";
    post(box.control, MSG_KEEP, 1, names, sizeof names, (int[]){in[1], other[0]}, 2);
    CHECK_INT(done(box.control), 0);
    static const char again[] = "\1\0\0\0dns"; /* replaced */
    post(box.control, MSG_KEEP, 2, again, sizeof again, (int[]){other[1]}, 1);
    CHECK_INT(done(box.control), 0);
    close(in[1]);
    close(other[1]);
    close(other[0]);
    post(box.control, MSG_KEEP, 3, "\1\0\0\0noend", 9, NULL, 0);
    CHECK_INT(done(box.control), EINVAL);
    close(box.control);
    box.control = box_connect(&box);
    post(box.control, MSG_TAKE, 4, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_KEPT));
    CHECK_INT(reply.head.tag, 4);
    CHECK_BYTES(reply.bytes, reply.size, names, sizeof names);
    CHECK_INT(reply.fd_count, 2);
    CHECK(write(reply.fds[0], "hi", 2) == 2);
    CHECK_INT(read_all(in[0], text, 2), 2);
    static const char drop[] = "\2\0\0\0port\0unknown";
    post(box.control, MSG_KEEP, 5, drop, sizeof drop, NULL, 0);
    CHECK_INT(done(box.control), 0);
    post(box.control, MSG_TAKE, 6, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_KEPT));
    CHECK_INT(reply.fd_count, 1);
    close(reply.fds[0]);
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    post(box.control, MSG_TAKE, 7, NULL, 0, NULL, 0); /* gone with the container */
    CHECK(await(box.control, MSG_KEPT));
    CHECK_INT(reply.fd_count, 0);
    close(in[0]);
    box_end(&box);
}

static void the_log_is_reopened_and_its_position_told(void) {
    struct box box = start(FLAG_OPEN_STDIN, 0, "while read x; do echo $x; done");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "one\n", "");
    go(&box);
    CHECK_INT(read_all(client, text, 4), 4);
    post(box.control, MSG_LOG_POSITION, 1, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_LOG));
    CHECK_INT(reply.log.generation, 0);
    size_t n = read_file("c-json.log", text, sizeof text);
    CHECK_INT(reply.log.offset, n);
    CHECK(renameat(scratch_fd, "c-json.log", scratch_fd, "moved") == 0);
    post(box.control, MSG_REOPEN_LOG, 2, NULL, 0, NULL, 0);
    CHECK_INT(done(box.control), 0);
    CHECK(write(client, "two\n", 4) == 4);
    CHECK_INT(read_all(client, text, 4), 4);
    post(box.control, MSG_LOG_POSITION, 3, NULL, 0, NULL, 0);
    CHECK(await(box.control, MSG_LOG));
    CHECK_INT(reply.log.generation, 1);
    read_file("c-json.log", text, sizeof text);
    CHECK(strncmp(text, "{\"log\":\"two\\n", 12) == 0);
    uint64_t target = 0;
    post(box.control, MSG_CLOSE_STDIN, 0, &target, 8, NULL, 0);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    box_end(&box);
}

static void nonsense_is_answered(void) {
    struct box box = start(FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, 0, "read x");
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    post(box.control, 99, 1, "body", 4, NULL, 0);
    CHECK_INT(done(box.control), ENOSYS);
    struct signal_body body = {12345, SIGTERM, 0};
    post(box.control, MSG_SIGNAL, 1, &body, sizeof body, NULL, 0);
    CHECK_INT(done(box.control), ESRCH);
    post(box.control, MSG_SIGNAL, 1, &body, 5, NULL, 0);
    CHECK_INT(done(box.control), EINVAL);
    body = (struct signal_body){0, 1000, 0};
    post(box.control, MSG_SIGNAL, 1, &body, sizeof body, NULL, 0);
    CHECK_INT(done(box.control), EINVAL);
    struct resize_body size = {0, 1, 1, 0};
    post(box.control, MSG_RESIZE, 1, &size, sizeof size, NULL, 0);
    CHECK_INT(done(box.control), ENOTTY);
    struct attach_body ask = {.target = 0, .flags = 1};
    post(box.control, MSG_ATTACH, 1, &ask, sizeof ask, NULL, 0);
    CHECK_INT(done(box.control), EINVAL); /* no socket */
    ask.target = 77;
    post(box.control, MSG_ATTACH, 1, &ask, sizeof ask, &client, 1);
    CHECK_INT(done(box.control), ESRCH);
    uint64_t id = 999;
    post(box.control, MSG_DETACH, 1, &id, 8, NULL, 0);
    CHECK_INT(done(box.control), ESRCH);
    int other = box_connect(&box);
    struct message future = {MSG_HELLO, 2, 0};
    CHECK(send_packet(other, &future, sizeof future, NULL, 0, NULL, 0) > 0);
    CHECK(closed(other));
    close(other);
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void a_death_before_execve_is_a_failure(void) {
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, SYS_kill, I(0), I(0), I(0), I(0));
    b.lists[INSIDE][0] = (struct instruction){.number = SYS_exit_group,
                                              .destination = NO_DESTINATION};
    plan_shell(&b, 0, "exit 0");
    struct box box = box_spawn(&b);
    CHECK(closed(box.control));
    CHECK_INT(reply.failed.list, LIST_INSIDE);
    CHECK_INT(reply.failed.index, NO_INDEX);
    CHECK_INT(reply.failed.error, ECHILD);
    CHECK(faccessat(scratch_fd, "exit.json", F_OK, 0) < 0);
    box_end(&box);
}

static void an_idle_monitor_is_small_and_named(void) {
    struct box boxes[10];
    for (int i = 0; i < 10; i++) {
        boxes[i] = start(0, 0, "yes | head -c 300000; exec sleep 100");
        go(&boxes[i]);
        CHECK(await(boxes[i].control, MSG_STARTED));
    }
    usleep(1300000); /* buffers are given back when it has been quiet for a second */
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", boxes[9].monitor);
    FILE *f = fopen(path, "re");
    long pss = 0, rss = 0, dirty = 0;
    while (f != NULL && fgets(text, sizeof text, f) != NULL) {
        sscanf(text, "Pss: %ld", &pss);
        sscanf(text, "Rss: %ld", &rss);
        sscanf(text, "Private_Dirty: %ld", &dirty);
    }
    if (f != NULL)
        fclose(f);
    printf("    a monitor: %ld KB PSS, %ld KB RSS, %ld KB private dirty\n", pss, rss, dirty);
    CHECK(sanitized || (pss > 0 && pss < 100));
    snprintf(path, sizeof path, "/proc/%d/cmdline", boxes[0].monitor);
    f = fopen(path, "re");
    CHECK(f != NULL && fgets(text, sizeof text, f) != NULL);
    fclose(f);
    CHECK(strncmp(text, "corten-monitor c0ffee", 21) == 0);
    for (int i = 0; i < 10; i++) {
        struct signal_body body = {0, SIGKILL, 0};
        post(boxes[i].control, MSG_SIGNAL, 1, &body, sizeof body, NULL, 0);
        CHECK(await(boxes[i].control, MSG_EXITED));
        box_end(&boxes[i]);
    }
}

const struct test life_tests[] = {
    {"a daemon that dies before GO takes the child along",
     a_daemon_that_dies_before_go_takes_the_child_along},
    {"a container outlives its daemon", a_container_outlives_its_daemon},
    {"without a daemon the exit file is the record", without_a_daemon_the_exit_file_is_the_record},
    {"a daemon that does not read loses its connection",
     a_daemon_that_does_not_read_loses_its_connection},
    {"a dead monitor takes its container along", a_dead_monitor_takes_its_container_along},
    {"SIGTERM stops with the stop signal", sigterm_stops_with_the_stop_signal},
    {"SIGTERM kills after the grace", sigterm_kills_after_the_grace},
    {"orphans are reaped", orphans_are_reaped},
    {"leftovers are killed by cgroup.kill", leftovers_are_killed_v2},
    {"leftovers are killed by cgroup.procs", leftovers_are_killed_v1},
    {"an OOM is told and recorded", an_oom_is_told_and_recorded},
    {"memory.events count too", memory_events_count_too},
    {"kept descriptors come back", kept_descriptors_come_back},
    {"the log is reopened and its position told", the_log_is_reopened_and_its_position_told},
    {"nonsense is answered", nonsense_is_answered},
    {"a death before execve is a failure", a_death_before_execve_is_a_failure},
    {"an idle monitor is small and named", an_idle_monitor_is_small_and_named},
    {NULL, NULL},
};
