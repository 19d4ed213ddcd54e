/* Hostile plans, messages and spawn requests. What can be done with a plan that is in order is
 * the daemon's business (it may call anything); here it must not be in order: no crash, no hang,
 * and the next request is served. FUZZ_SECONDS and FUZZ_SEED choose how long and what. */
#include "harness.h"

#include <sys/mman.h>

static struct builder b;
static uint64_t state;

static uint32_t any(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % below);
}

static int64_t odd_value(void) {
    static const int64_t values[] = {0,    1,          -1,         2,         8,
                                     63,   64,         320,        65536,     1 << 20,
                                     1000, 0x7fffffff, 0xffffffff, INT64_MAX, INT64_MIN};
    return any(3) == 0 ? (int64_t)any(300) : values[any(sizeof values / sizeof *values)];
}

/* Only calls that do no harm with any arguments. */
static void tame(struct instruction *i) {
    static const uint32_t harmless[] = {SYS_getpid, SYS_getuid, SYS_sched_yield, 9999};
    if (i->number < OPERATION && i->number != SYS_execve)
        i->number = harmless[any(4)];
    /* ENSURE works below the scratch directory or on no directory at all. */
    if (i->number == OP_ENSURE && (i->kinds & 3) == ARG_IMMEDIATE && i->arguments[0] < 0)
        i->arguments[0] = 0;
    /* A SYNC that nobody answers would only wait for this test to leave. */
    if (i->number == OP_SYNC && any(8) != 0)
        i->arguments[0] = SYNC_START + any(2);
}

static void mutate(enum plan_kind kind, uint32_t scratch_register) {
    static const uint32_t numbers[] = {OP_RELOC, OP_STORE, OP_ENSURE, OP_SYNC,   OP_SENDFD, OP_FORK,
                                       OP_TTY,   OP_STDIO, OP_EXPECT, SYS_getpid};
    uint32_t extra = any(6);
    uint32_t path = plan_text(&b, "some/../path/./x");
    for (uint32_t n = 0; n < extra; n++) {
        struct instruction *i = plan_step(&b, (int)any(2), numbers[any(10)],
                                          (int)any(70) - 2, R(scratch_register), D(path),
                                          I(any(2) ? S_IFDIR : S_IFREG), I(0700));
        if (any(2) == 0)
            i->arguments[any(4)] = odd_value();
        if (any(3) == 0)
            i->kinds = (uint16_t)any(65536);
        if (any(4) == 0)
            i->tolerated = ~0ull;
    }
    for (uint32_t n = any(4); n > 0; n--) {
        int list = (int)any(2);
        if (b.counts[list] == 0)
            continue;
        struct instruction *i = &b.lists[list][any(b.counts[list])];
        switch (any(5)) {
        case 0: i->number = numbers[any(10)]; break;
        case 1: i->arguments[any(6)] = odd_value(); break;
        case 2: i->kinds ^= (uint16_t)(1 << any(16)); break;
        case 3: i->destination = (uint16_t)odd_value(); break;
        default: *i = b.lists[list][any(b.counts[list])];
        }
    }
    for (uint32_t n = any(3); n > 0; n--)
        b.data[any(b.data_size)] = (char)any(256);
    if (kind == KIND_CONTAINER && any(3) == 0) {
        uint32_t field = any(sizeof b.header / 4);
        uint32_t kill = offsetof(struct plan_header, kill_register) / 4;
        uint32_t value = (uint32_t)odd_value();
        if (field != kill)
            memcpy((char *)&b.header + field * 4, &value, 4);
    }
    for (int list = 0; list < 2; list++) {
        for (uint32_t n = 0; n < b.counts[list]; n++)
            tame(&b.lists[list][n]);
    }
}

static void plan_random(enum plan_kind kind) {
    plan_begin(&b, kind);
    mkdirat(scratch_fd, "root", 0755);
    uint32_t reg = plan_fd(&b, openat(scratch_fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (kind == KIND_CONTAINER && any(2) == 0)
        plan_log(&b);
    STEP(&b, OP_ENSURE, R(reg), D(plan_text(&b, "a/b")), I(S_IFDIR), I(0755));
    if (any(3) == 0)
        STEP(&b, OP_FORK, I(0), I(0), I(0), I(0));
    b.header.flags = any(16) & ~(uint32_t)FLAG_TERMINAL;
    if (kind == KIND_CONTAINER)
        STEP(&b, OP_SYNC, I(SYNC_START), I(0), I(0), I(0));
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){"/bin/true", NULL});
    mutate(kind, reg);
}

/* The memfd with its layout broken: offsets, counts and length. */
static int broken_memfd(void) {
    int fd = plan_memfd(&b);
    uint32_t words[32];
    if (any(3) == 0 && pread(fd, words, sizeof words, 0) == sizeof words) {
        words[4 + any(6)] = (uint32_t)odd_value();
        if (any(2) == 0)
            words[any(32) == 24 ? 0 : 4 + any(6)] ^= 1u << any(32);
        if (pwrite(fd, words, sizeof words, 0) != sizeof words)
            abort();
    }
    if (any(20) == 0 && ftruncate(fd, (off_t)any(1000)) < 0)
        abort();
    return fd;
}

static void drain(int connection) {
    char packet[4096];
    int fds[MAX_DESCRIPTORS + 3];
    for (;;) {
        size_t count = MAX_DESCRIPTORS + 3;
        ssize_t n = receive_packet(connection, packet, sizeof packet, MSG_DONTWAIT, fds, &count);
        for (size_t i = 0; i < count; i++)
            close(fds[i]);
        if (n <= 0)
            return;
    }
}

static void reap_all(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
            fail(__FILE__, __LINE__, "process %d died of signal %d", pid, WTERMSIG(status));
    }
}

static size_t children_of(long pid, char text[4096]) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, 4095);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

/* All that the test process has as children but the zygote must end by itself. The zygote must
 * have none: a monitor becomes ours when the process between the two has gone. */
static void expect_no_children(void) {
    char text[4096], below[4096];
    for (int i = 0; i < 1500; i++) {
        reap_all();
        size_t zygotes = children_of(getpid(), text) > 0 ? children_of(atol(text), below) : 0;
        children_of(getpid(), text);
        char *space = strchr(text, ' ');
        if (zygotes == 0 && (space == NULL || space[1] == 0))
            return;
        usleep(10000);
    }
    fail(__FILE__, __LINE__, "these do not end: %s", text);
}

static int connect_zygote_with(int plan, struct box *box) {
    int pair[2];
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    int zygote = zygote_connect();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fds[MAX_DESCRIPTORS] = {plan, pair[1], null};
    memcpy(fds + 3, b.fds + 3, (b.fd_count - 3) * sizeof(int));
    struct spawn_request request = {SPAWN_MAGIC, 1, b.fd_count, 0};
    send_packet(zygote, &request, sizeof request, NULL, 0, fds, b.fd_count);
    struct spawn_reply answer = {0};
    CHECK(recv(zygote, &answer, sizeof answer, 0) == sizeof answer && answer.error == 0);
    for (uint32_t i = 0; i < b.fd_count; i++)
        close(fds[i]);
    close(zygote);
    box->control = pair[0];
    box->monitor = answer.pid;
    return 0;
}

static double budget(void) {
    const char *text = getenv("FUZZ_SECONDS");
    const char *seed = getenv("FUZZ_SEED");
    state = (seed != NULL ? strtoull(seed, NULL, 10) : 1) * 0x9e3779b97f4a7c15u + 1;
    return (text != NULL ? atof(text) : 5) / 3;
}

static void plans(void) {
    double end = seconds() + budget();
    unsigned rounds = 0;
    for (; seconds() < end && failures == 0; rounds++) {
        plan_random(KIND_CONTAINER);
        struct box box;
        connect_zygote_with(broken_memfd(), &box);
        struct message start = {MSG_GO, PROTOCOL_VERSION, 0};
        send_packet(box.control, &start, sizeof start, NULL, 0, NULL, 0);
        box_end(&box);
        reap_all();
    }
    expect_no_children();
    printf("    %u plans\n", rounds);
}

static int some_fd(void) {
    int pair[2];
    switch (any(4)) {
    case 0: return open("/dev/null", O_RDWR | O_CLOEXEC);
    case 1: return memfd_create("fuzz", MFD_CLOEXEC);
    case 2: plan_random(KIND_EXEC);
        for (uint32_t i = 3; i < b.fd_count; i++)
            close(b.fds[i]);
        return broken_memfd();
    default:
        socketpair(AF_UNIX, any(2) ? SOCK_STREAM : SOCK_SEQPACKET, 0, pair);
        close(pair[1]);
        return pair[0];
    }
}

static struct box container(void) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    b.header.clone_flags = CLONE_NEWPID;
    plan_shell(&b, (any(2) ? FLAG_STDIN_ONCE : 0) | FLAG_OPEN_STDIN,
               "while :; do echo line; echo err >&2; sleep 0.01; done");
    struct box box = box_spawn(&b);
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    return box;
}

static void messages(void) {
    double end = seconds() + budget();
    unsigned rounds = 0;
    struct box box = container();
    int connection = box_connect(&box);
    for (; seconds() < end && failures == 0; rounds++) {
        char body[600];
        size_t size = any(4) == 0 ? any(sizeof body) : 4 * any(20);
        for (size_t i = 0; i < size; i++)
            body[i] = (char)(any(3) == 0 ? any(256) : 0);
        uint32_t type = any(18);
        if (size >= 28 && any(2) == 0) { /* lengths that fit, for more depth */
            uint32_t head = type == MSG_EXEC ? 28 : 32;
            uint32_t at = type == MSG_EXEC ? 8 : 12;
            uint32_t prefix = (uint32_t)(size < head ? 0 : size - head);
            memcpy(body + at, &prefix, 4);
            if (type == MSG_ATTACH)
                memset(body, 0, 8);
            uint32_t flags = any(64);
            memcpy(body + (type == MSG_EXEC ? 4 : 8), &flags, 4);
            body[type == MSG_EXEC ? 12 : 16] = (char)any(17);
        }
        if (type == MSG_SIGNAL && any(50) != 0)
            continue; /* it would mostly be over */
        int fds[4];
        size_t fd_count = type == MSG_ATTACH ? 1 : type == MSG_EXEC ? 2 : any(4);
        for (size_t i = 0; i < fd_count; i++)
            fds[i] = some_fd();
        if (type == MSG_EXEC && size >= 28) {
            uint32_t zero = 0;
            memcpy(body, &zero, 4);
        }
        struct message head = {type, any(200) == 0 ? any(3) : 1, any(3) ? any(5) : state};
        ssize_t sent = send_packet(connection, &head, any(300) == 0 ? any(16) : sizeof head, body,
                                   size, fds, fd_count);
        for (size_t i = 0; i < fd_count; i++)
            close(fds[i]);
        drain(connection);
        drain(box.control);
        bool gone = sent < 0 && sent != -EAGAIN;
        if (gone || rounds % 64 == 0) {
            close(connection);
            int pidfd = (int)syscall(SYS_pidfd_open, box.monitor, 0);
            struct pollfd ended = {.fd = pidfd, .events = POLLIN};
            bool over = poll(&ended, 1, 0) == 1;
            close(pidfd);
            /* It is still served, or has ended as it should. */
            post(box.control, MSG_HELLO, 1, NULL, 0, NULL, 0);
            over = over || !await(box.control, MSG_STATE) || reply.state.state == STATE_EXITED;
            if (over) {
                failures = 0;
                box_end(&box);
                box = container();
            }
            connection = box_connect(&box);
        }
    }
    close(connection);
    struct signal_body kill_body = {0, SIGKILL, 0};
    post(box.control, MSG_SIGNAL, 0, &kill_body, sizeof kill_body, NULL, 0);
    box_end(&box);
    expect_no_children();
    printf("    %u messages\n", rounds);
}

static void spawns(void) {
    double end = seconds() + budget();
    unsigned rounds = 0;
    int zygote = zygote_connect();
    for (; seconds() < end && failures == 0; rounds++) {
        struct spawn_request request = {SPAWN_MAGIC, 1, any(6), 0};
        size_t fd_count = any(4) == 0 ? any(6) : request.fd_count;
        if (any(4) == 0)
            ((uint32_t *)&request)[any(4)] = (uint32_t)odd_value();
        int fds[6];
        for (size_t i = 0; i < fd_count; i++)
            fds[i] = some_fd();
        ssize_t sent = send_packet(zygote, &request, any(20) == 0 ? any(16) : sizeof request, NULL,
                                   0, fds, fd_count);
        for (size_t i = 0; i < fd_count; i++)
            close(fds[i]);
        struct spawn_reply answer;
        struct pollfd p = {.fd = zygote, .events = POLLIN};
        if (sent < 0 || poll(&p, 1, 10000) != 1 ||
            recv(zygote, &answer, sizeof answer, 0) != sizeof answer) {
            close(zygote); /* an empty packet reads as the end */
            zygote = zygote_connect();
        }
        reap_all();
    }
    close(zygote);
    expect_no_children();
    printf("    %u requests\n", rounds);
}

const struct test fuzz_tests[] = {
    {"fuzz: plans", plans}, {"fuzz: messages", messages}, {"fuzz: spawn requests", spawns},
    {NULL, NULL},
};
