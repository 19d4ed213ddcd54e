/* The interpreter: operations, ENSURE among hostile links, faults at every step, bad plans. */
#include "harness.h"

#include <sys/mount.h>

static struct builder b;
static char text[1 << 20], other[1 << 20];

/* Runs the plan, which is over with an exit or a failure; returns the errno of the failure. */
static int outcome(uint32_t *list, uint32_t *index) {
    struct box box = box_spawn(&b);
    struct message start = {MSG_GO, PROTOCOL_VERSION, 0}; /* it may have failed before this */
    send_packet(box.control, &start, sizeof start, NULL, 0, NULL, 0);
    int error = -1;
    char packet[256];
    struct pollfd p = {.fd = box.control, .events = POLLIN};
    for (;;) {
        struct message head;
        struct failed_body body;
        if (poll(&p, 1, 10000) != 1 || recv(box.control, packet, sizeof packet, 0) < 16)
            break;
        memcpy(&head, packet, sizeof head);
        memcpy(&body, packet + sizeof head, sizeof body);
        if (head.type == MSG_EXITED)
            error = 0;
        if (head.type == MSG_FAILED) {
            error = body.error;
            *list = body.list;
            *index = body.index;
        }
        if (error >= 0)
            break;
    }
    box_end(&box);
    return error;
}

/* With every kind of step, as a real one has. */
static void plan_representative(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    b.header.clone_flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
    uint32_t root = plan_fd(&b, dup(scratch_fd));
    uint32_t cell = plan_text(&b, "12345678");
    plan_step(&b, OUTSIDE, SYS_getpid, 30, I(0), I(0), I(0), I(0));
    plan_step(&b, OUTSIDE, OP_STORE, -1, R(30), I(cell), I(8), I(0));
    plan_step(&b, OUTSIDE, SYS_dup, 31, R(root), I(0), I(0), I(0));
    STEP(&b, OP_SYNC, I(SYNC_PLACED), I(0), I(0), I(0));
    STEP(&b, SYS_mount, I(0), D(plan_text(&b, "/")), I(0), I(MS_REC | MS_PRIVATE));
    plan_step(&b, INSIDE, OP_ENSURE, 32, R(31), D(plan_text(&b, "a/b/c")), I(S_IFDIR), I(0700));
    plan_step(&b, INSIDE, OP_ENSURE, 33, R(31), D(plan_text(&b, "a/f")), I(S_IFREG), I(0600));
    STEP(&b, SYS_sethostname, D(plan_text(&b, "inside")), I(6), I(0), I(0));
    STEP(&b, SYS_fchdir, R(32), I(0), I(0), I(0));
    STEP(&b, OP_EXPECT, R(31), R(31), I(EIO), I(0));
    STEP(&b, OP_SYNC, I(SYNC_START), I(0), I(0), I(0));
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){"/bin/sh", "-c", "echo ok", NULL});
}

static void a_fault_at_every_step_is_reported_there(void) {
    plan_representative();
    const uint32_t counts[2] = {b.counts[OUTSIDE], b.counts[INSIDE]};
    uint32_t list = 9, index = 9;
    CHECK_INT(outcome(&list, &index), 0);
    for (uint32_t l = OUTSIDE; l <= INSIDE; l++) {
        for (uint32_t n = 0; n < counts[l]; n++) {
            plan_representative();
            /* Instead of the step: a system call that does not exist. */
            b.lists[l][n] =
                (struct instruction){.number = 9999, .destination = NO_DESTINATION};
            list = index = 99;
            CHECK_INT(outcome(&list, &index), ENOSYS);
            CHECK_INT(list, l);
            CHECK_INT(index, n);
            /* The same, but tolerated: unless others need the step, the plan goes on. */
            if (l == OUTSIDE && n == 0) {
                plan_representative();
                b.lists[l][n] = (struct instruction){
                    .number = 9999, .destination = 30, .tolerated = 1ull << ENOSYS};
                CHECK_INT(outcome(&list, &index), 0);
            }
        }
    }
    plan_representative();
    b.counts[INSIDE]--; /* no execve: it runs off the end */
    CHECK_INT(outcome(&list, &index), ENOEXEC);
    CHECK_INT(index, counts[INSIDE] - 1);
    CHECK(faccessat(scratch_fd, "exit.json", F_OK, 0) == 0); /* of the good runs */
}

static void registers_carry_results_and_errors(void) {
    plan_begin(&b, KIND_CONTAINER);
    uint32_t cell = plan_text(&b, "xxxxxxxx");
    struct instruction *i = plan_step(&b, OUTSIDE, SYS_close, 30, I(-1), I(0), I(0), I(0));
    i->tolerated = 1ull << EBADF;
    STEP(&b, OP_EXPECT, R(30), I(-EBADF), I(EINVAL), I(0));
    STEP(&b, OP_EXPECT, R(31), I(-1), I(EINVAL), I(0));
    STEP(&b, OP_EXPECT, R(1), I(-1), I(EINVAL), I(0));
    STEP(&b, OP_EXPECT, R(2), I(-1), I(EINVAL), I(0));
    plan_step(&b, INSIDE, SYS_getpid, 32, I(0), I(0), I(0), I(0));
    STEP(&b, OP_STORE, R(32), I(cell), I(8), I(0));
    STEP(&b, OP_STORE, I(0x31), I(cell + 0), I(4), I(0)); /* "1\0\0\0" */
    uint32_t argv = plan_data(&b, (uint64_t[]){0, 0, 0, 0, 0}, 40);
    STEP(&b, OP_RELOC, I(argv), I(plan_text(&b, "sh")), I(0), I(0));
    STEP(&b, OP_RELOC, I(argv + 8), I(plan_text(&b, "-c")), I(0), I(0));
    STEP(&b, OP_RELOC, D(argv + 16), D(plan_text(&b, "test \"$1\" = 1")), I(0), I(0));
    STEP(&b, OP_RELOC, I(argv + 24), I(plan_text(&b, "name")), I(0), I(0));
    uint32_t list, index;
    plan_data(&b, "", 1);
    STEP(&b, SYS_execve, D(plan_text(&b, "/bin/true")), D(argv), I(0), I(0));
    CHECK_INT(outcome(&list, &index), 0);
    plan_begin(&b, KIND_CONTAINER);
    STEP(&b, OP_EXPECT, I(1), I(2), I(ESTALE), I(0));
    CHECK_INT(outcome(&list, &index), ESTALE);
    CHECK_INT(index, 0);
}

/* Runs one ENSURE below scratch/root; returns its errno or 0. */
static int ensure(const char *path, uint32_t kind, uint32_t mode) {
    int root = openat(scratch_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    plan_begin(&b, KIND_CONTAINER);
    uint32_t reg = plan_fd(&b, root);
    plan_step(&b, INSIDE, OP_ENSURE, 20, R(reg), D(plan_text(&b, path)), I(kind), I(mode));
    plan_exec(&b, (const char *const[]){"/bin/true", NULL});
    uint32_t list, index = 77;
    int error = outcome(&list, &index);
    CHECK(error == 0 || index == 0);
    return error;
}

/* Its kind and permissions inside the root, or -1; links are not followed. */
static int mode_of(const char *path) {
    struct stat s;
    char full[300];
    snprintf(full, sizeof full, "root/%s", path);
    return fstatat(scratch_fd, full, &s, AT_SYMLINK_NOFOLLOW) == 0 ? (int)s.st_mode : -1;
}

static void link_at(const char *target, const char *path) {
    char full[300];
    snprintf(full, sizeof full, "root/%s", path);
    CHECK(symlinkat(target, scratch_fd, full) == 0);
}

static void ensure_makes_paths_inside_the_root_only(void) {
    CHECK(mkdirat(scratch_fd, "root", 0755) == 0 && mkdirat(scratch_fd, "outside", 0755) == 0);
    CHECK(mkdirat(scratch_fd, "root/dir", 0755) == 0);
    CHECK_INT(ensure("/new/deep/er", S_IFDIR, 01777), 0);
    CHECK_INT(mode_of("new"), S_IFDIR | 0755);
    CHECK_INT(mode_of("new/deep/er"), S_IFDIR | 01777);
    CHECK_INT(ensure("new/deep/er", S_IFDIR, 0700), 0); /* stays as it is */
    CHECK_INT(mode_of("new/deep/er"), S_IFDIR | 01777);
    CHECK_INT(ensure("./new//file", S_IFREG, 0666), 0);
    CHECK_INT(mode_of("new/file"), S_IFREG | 0666); /* whatever the umask */
    CHECK_INT(ensure("new/file", S_IFREG, 0600), 0);
    CHECK_INT(ensure("new/file", S_IFDIR, 0755), ENOTDIR);
    CHECK_INT(ensure("dir", S_IFREG, 0755), EISDIR);
    CHECK_INT(ensure("new/file/below", S_IFREG, 0644), ENOTDIR);
    CHECK_INT(ensure("nothing", 0, 0), ENOENT);
    CHECK_INT(mode_of("nothing"), -1);
    CHECK_INT(ensure("new/file", 0, 0), 0);
    CHECK_INT(ensure("../../../up", S_IFDIR, 0755), 0);
    CHECK_INT(mode_of("up"), S_IFDIR | 0755);
    CHECK_INT(ensure("", S_IFDIR, 0755), 0);
    CHECK_INT(ensure("/", S_IFDIR, 0755), 0);
    CHECK_INT(ensure("missing/..", S_IFDIR, 0755), 0);
    /* Links: inside, absolute, out of the root, dangling, chained, in a circle. */
    link_at("/dir", "absolute");
    CHECK_INT(ensure("absolute/x", S_IFREG, 0644), 0);
    CHECK_INT(mode_of("dir/x"), S_IFREG | 0644);
    link_at("dangling/target", "dangle");
    CHECK_INT(ensure("dangle", S_IFREG, 0640), 0);
    CHECK_INT(mode_of("dangling/target"), S_IFREG | 0640);
    CHECK_INT(mode_of("dangle") & S_IFMT, S_IFLNK);
    link_at("/run/late", "parent");
    CHECK_INT(ensure("parent/sub/f", S_IFREG, 0644), 0);
    CHECK_INT(mode_of("run/late/sub/f"), S_IFREG | 0644);
    link_at("../../../../outside/evil", "escape");
    CHECK_INT(ensure("escape", S_IFREG, 0644), 0);
    CHECK_INT(mode_of("outside/evil"), S_IFREG | 0644);
    char outside[400];
    snprintf(outside, sizeof outside, "%s/outside/worse", scratch);
    link_at(outside, "escape2");
    CHECK_INT(ensure("escape2/x", S_IFREG, 0644), 0);
    CHECK(faccessat(scratch_fd, "outside/evil", F_OK, 0) < 0);
    CHECK(faccessat(scratch_fd, "outside/worse", F_OK, 0) < 0);
    link_at("c2", "c1");
    link_at("c1", "c2");
    CHECK_INT(ensure("c1", S_IFREG, 0644), ELOOP);
    CHECK_INT(ensure("c1/x", S_IFREG, 0644), ELOOP);
    char name[20], target[20];
    for (int i = 0; i < 39; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        snprintf(target, sizeof target, "chain%d", i + 1);
        link_at(target, name);
    }
    CHECK_INT(ensure("chain0", S_IFDIR, 0750), 0);
    CHECK_INT(mode_of("chain39"), S_IFDIR | 0750);
    memset(text, 'n', 300);
    text[300] = 0;
    CHECK_INT(ensure(text, S_IFREG, 0644), ENAMETOOLONG);
    for (int i = 0; i < 5000; i += 2)
        memcpy(text + i, "d/", 3);
    CHECK_INT(ensure(text, S_IFDIR, 0755), ENAMETOOLONG);
}

static void ensure_does_not_follow_magic_links(void) {
    CHECK(mkdirat(scratch_fd, "root", 0755) == 0);
    plan_begin(&b, KIND_CONTAINER);
    uint32_t reg = plan_fd(&b, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    STEP(&b, OP_ENSURE, R(reg), D(plan_text(&b, "proc/self/cwd")), I(S_IFDIR), I(0));
    plan_exec(&b, (const char *const[]){"/bin/true", NULL});
    uint32_t list, index;
    CHECK_INT(outcome(&list, &index), ELOOP);
}

/* A header field gets a bad value; the failure must name that field. */
static void bad_headers_are_refused_by_field(void) {
    const struct {
        size_t offset;
        uint32_t value;
    } bad[] = {
#define H(field, value) {offsetof(struct plan_header, field), value}
        H(magic, 1),           H(version, 2),          H(kind, 3),
        H(kind, KIND_EXEC),    H(register_count, 321), H(register_count, 1),
        H(clone_flags, 0x100), H(cgroup_register, 64), H(log_register, 64),
        H(log_register, 60),   H(exit_register, 64),   H(exit_register, 63),
        H(oom_register, 100),  H(oom_kind, 3),         H(stop_signal, 65),
        H(kill_register, 64),  H(container_id, ~0u),   H(container_id, 1u << 30),
#undef H
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        plan_begin(&b, KIND_CONTAINER);
        plan_shell(&b, 0, "exit 0");
        memcpy((char *)&b.header + bad[i].offset, &bad[i].value, 4);
        uint32_t list = 0, index = 0;
        CHECK_INT(outcome(&list, &index), EINVAL);
        CHECK_INT(list, LIST_HEADER);
        CHECK_INT(index, bad[i].offset);
    }
    static const char *const names[] = {"a/b", ""};
    for (size_t i = 0; i < 2; i++) {
        plan_begin(&b, KIND_CONTAINER);
        plan_log(&b);
        b.header.log_name = plan_text(&b, names[i]);
        plan_shell(&b, 0, "exit 0");
        uint32_t list = 0, index = 0;
        CHECK(outcome(&list, &index) > 0);
        CHECK_INT(list, LIST_HEADER);
        CHECK_INT(index, offsetof(struct plan_header, log_name));
    }
}

static void bad_instructions_are_refused_before_anything_runs(void) {
    static const struct instruction bad[] = {
        {.number = OP_END},
        {.number = 0xffffffff},
        {.number = SYS_getpid, .destination = 64},
        {.number = SYS_getpid, .kinds = 3},
        {.number = SYS_getpid, .kinds = 1 << 12},
        {.number = SYS_getpid, .kinds = 1, .arguments = {64}},
        {.number = SYS_getpid, .kinds = 1, .arguments = {-1}},
        {.number = SYS_getpid, .kinds = 2, .arguments = {1 << 30}},
        {.number = SYS_getpid, .kinds = 2 << 10, .arguments = {0, 0, 0, 0, 0, -8}},
        {.number = OP_RELOC, .arguments = {1 << 20, 0}},
        {.number = OP_RELOC, .arguments = {0, INT64_MAX}},
        {.number = OP_RELOC, .kinds = 1, .arguments = {0, 0}},
        {.number = OP_STORE, .arguments = {0, -4, 4}},
        {.number = OP_STORE, .arguments = {0, INT64_MIN, 8}},
        {.number = OP_STORE, .arguments = {0, 0, 16}},
        {.number = OP_STORE, .kinds = 1 << 4, .arguments = {0, 0, 4}},
        {.number = OP_ENSURE, .arguments = {0, 0, S_IFDIR}},
        {.number = OP_ENSURE, .kinds = 2 << 2, .arguments = {0, 0, S_IFIFO}},
        {.number = OP_ENSURE, .kinds = 2 << 2, .arguments = {0, 1 << 19, S_IFDIR}},
        {.number = OP_SYNC, .arguments = {0}},
        {.number = OP_SYNC, .arguments = {256}},
        {.number = OP_FORK, .arguments = {CLONE_VM}},
        {.number = OP_FORK, .kinds = 1, .arguments = {0}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (int l = OUTSIDE; l <= INSIDE; l++) {
            plan_begin(&b, KIND_CONTAINER);
            uint32_t reg = plan_fd(&b, dup(scratch_fd));
            plan_step(&b, OUTSIDE, SYS_mkdirat, -1, R(reg), D(plan_text(&b, "made")), I(0700),
                      I(0));
            plan_shell(&b, 0, "exit 0");
            uint32_t n = b.counts[l]++;
            b.lists[l][n] = bad[i];
            if (bad[i].destination == 0)
                b.lists[l][n].destination = NO_DESTINATION;
            uint32_t list = 9, index = 9;
            CHECK_INT(outcome(&list, &index), EINVAL);
            CHECK_INT(list, l);
            CHECK_INT(index, n);
        }
    }
    CHECK(faccessat(scratch_fd, "made", F_OK, 0) < 0);
}

static void what_an_operation_cannot_do_outside_fails(void) {
    static const uint32_t numbers[] = {OP_SYNC, OP_SENDFD, OP_FORK, OP_STDIO};
    for (size_t i = 0; i < 4; i++) {
        plan_begin(&b, KIND_CONTAINER);
        plan_shell(&b, 0, "exit 0");
        plan_step(&b, OUTSIDE, numbers[i], -1, I(numbers[i] == OP_FORK ? 0 : 1), I(1), I(0), I(0));
        uint32_t list = 9, index = 9;
        CHECK_INT(outcome(&list, &index), EOPNOTSUPP);
        CHECK_INT(list, LIST_OUTSIDE);
    }
}

static void a_container_can_fork_into_a_namespace(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    STEP(&b, SYS_unshare, I(CLONE_NEWPID), I(0), I(0), I(0));
    STEP(&b, OP_FORK, I(0), I(0), I(0), I(0));
    plan_shell(&b, 0, "echo pid $$; exit 11");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    CHECK(reply.started.pid > 1);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 11 << 8);
    box_end(&box);
    size_t n = read_file("c-json.log", text, sizeof text);
    n = log_text(text, n, other);
    CHECK_BYTES(other, n, "pid 1\n", 6);
}

const struct test plan_tests[] = {
    {"a fault at every step is reported there", a_fault_at_every_step_is_reported_there},
    {"registers carry results and errors", registers_carry_results_and_errors},
    {"ENSURE makes paths inside the root only", ensure_makes_paths_inside_the_root_only},
    {"ENSURE does not follow magic links", ensure_does_not_follow_magic_links},
    {"bad headers are refused by field", bad_headers_are_refused_by_field},
    {"bad instructions are refused before anything runs",
     bad_instructions_are_refused_before_anything_runs},
    {"what an operation cannot do outside fails", what_an_operation_cannot_do_outside_fails},
    {"a container can fork into a namespace", a_container_can_fork_into_a_namespace},
    {NULL, NULL},
};
