/* Attached clients: frames, holding, input, detach keys, terminals, slow readers. */
#include "harness.h"

static struct builder b;
#define BIG (16u << 20)
static char sent[BIG], got[BIG], log_bytes[4 * BIG], unescaped[BIG], out_bytes[BIG],
    err_bytes[BIG];

static void start(struct box *box, uint32_t flags, const char *script) {
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    plan_shell(&b, flags, script);
    *box = box_spawn(&b);
}

/* Writes and reads at the same time; half-closes after the last byte if asked to. */
static size_t exchange(int fd, const char *in, size_t in_size, bool half_close) {
    size_t in_done = 0, out_done = 0;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (in_done < in_size ? POLLOUT : 0))};
        if (poll(&p, 1, 10000) <= 0) {
            fail(__FILE__, __LINE__, "nothing happens after %zu in and %zu out", in_done, out_done);
            return out_done;
        }
        if ((p.revents & POLLOUT) != 0) {
            ssize_t n = send(fd, in + in_done, in_size - in_done, MSG_DONTWAIT | MSG_NOSIGNAL);
            in_done += n > 0 ? (size_t)n : 0;
            if (in_done == in_size && half_close)
                shutdown(fd, SHUT_WR);
        }
        if ((p.revents & (POLLIN | POLLHUP)) != 0) {
            ssize_t n = recv(fd, got + out_done, sizeof got - out_done, 0);
            CHECK(n >= 0); /* never ECONNRESET */
            if (n <= 0)
                return out_done;
            out_done += (size_t)n;
        }
    }
}

static size_t frames_of(size_t size, size_t *err) {
    char *to[3] = {NULL, out_bytes, err_bytes};
    size_t sizes[3] = {0};
    unframe(got, size, to, sizes);
    *err = sizes[2];
    return sizes[1];
}

static void output_comes_in_frames_and_ends(void) {
    struct box box;
    start(&box, 0, "echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three");
    int client = attach(box.control, 0, ATTACH_STDOUT | ATTACH_STDERR | ATTACH_FRAMES, "", "");
    uint64_t id = reply.attached.attach;
    go(&box);
    size_t n = read_all(client, got, sizeof got);
    static const char golden[] = "\1\0\0\0\0\0\0\4one\n\2\0\0\0\0\0\0\4two\n\1\0\0\0\0\0\0\5three";
    CHECK_BYTES(got, n, golden, sizeof golden - 1);
    CHECK(await(box.control, MSG_DETACHED));
    CHECK_INT(reply.detached.attach, id);
    CHECK_INT(reply.detached.reason, DETACH_END);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    box_end(&box);
}

static void a_held_client_gets_all_at_release(void) {
    struct box box;
    start(&box, 0, "echo one; echo two >&2");
    int client = attach(box.control, 0, ATTACH_STDOUT | ATTACH_HOLD, "", "");
    uint64_t id = reply.attached.attach;
    CHECK_INT(reply.attached.log.offset, 0);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    CHECK(recv(client, got, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    post(box.control, MSG_RELEASE, 0, &id, 8, NULL, 0);
    size_t n = read_all(client, got, sizeof got);
    CHECK_BYTES(got, n, "one\n", 4); /* stderr was not asked for */
    close(client);
    box_end(&box);
}

static void log_to_the_position_and_queue_are_every_byte_once(void) {
    struct box box;
    start(&box, 0, "i=0; while [ $i -lt 30000 ]; do printf 'part%d ' $i; echo end; i=$((i+1)); done");
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    int clients[8];
    uint64_t offsets[8];
    for (int i = 0; i < 8; i++) {
        usleep(1000);
        clients[i] = attach(box.control, 0, ATTACH_STDOUT | ATTACH_HOLD, "", "");
        offsets[i] = reply.attached.log.offset;
        if (i % 2 == 1) {
            uint64_t id = reply.attached.attach;
            post(box.control, MSG_RELEASE, 0, &id, 8, NULL, 0);
        }
    }
    int count = 0;
    for (int i = 0; i < 8; i += 2) {
        uint64_t id = (uint64_t)i + 1;
        post(box.control, MSG_RELEASE, 0, &id, 8, NULL, 0);
    }
    static char all[BIG];
    char *end = all;
    for (; count < 30000; count++)
        end += sprintf(end, "part%d end\n", count);
    for (int i = 0; i < 8; i++) {
        size_t n = read_all(clients[i], got, sizeof got);
        close(clients[i]);
        read_file("c-json.log", log_bytes, sizeof log_bytes);
        size_t before = log_text(log_bytes, offsets[i], unescaped);
        memcpy(unescaped + before, got, n);
        CHECK_BYTES(unescaped, before + n, all, (size_t)(end - all));
    }
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void a_line_not_yet_logged_belongs_to_a_held_client(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN, "printf begun; read x; echo $x");
    int first = attach(box.control, 0, ATTACH_STDOUT | ATTACH_STDIN, "", "");
    go(&box);
    CHECK_INT(read_all(first, got, 5), 5);
    int second = attach(box.control, 0, ATTACH_STDOUT | ATTACH_HOLD | ATTACH_FRAMES, "", "");
    uint64_t id = reply.attached.attach;
    int third = attach(box.control, 0, ATTACH_STDOUT, "", "");
    post(box.control, MSG_RELEASE, 0, &id, 8, NULL, 0);
    CHECK(write(first, "over\n", 5) == 5);
    size_t n = read_all(second, got, sizeof got);
    CHECK_BYTES(got, n, "\1\0\0\0\0\0\0\5begun\1\0\0\0\0\0\0\5over\n", 26);
    n = read_all(third, got, sizeof got);
    CHECK_BYTES(got, n, "over\n", 5);
    close(first);
    close(second);
    close(third);
    box_end(&box);
}

static void input_reaches_stdin_byte_by_byte(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, "cat");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT | ATTACH_FRAMES,
                        "read ahead ", "");
    go(&box);
    size_t size = 3 << 20;
    for (size_t i = 0; i < size; i++)
        sent[i] = (char)(i * 2654435761u >> 13);
    size_t err, n = exchange(client, sent, size, true);
    n = frames_of(n, &err);
    CHECK_BYTES(out_bytes, n < 11 ? n : 11, "read ahead ", 11);
    CHECK_BYTES(out_bytes + 11, n - 11, sent, size);
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 0);
    close(client);
    box_end(&box);
}

static void a_client_that_leaves_at_once_still_delivers_its_input(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN | FLAG_STDIN_ONCE, "sleep 0.1; cat | cksum");
    int client = attach(box.control, 0, ATTACH_STDIN, "", "");
    go(&box);
    memset(sent, 'y', 150000);
    CHECK(write(client, sent, 150000) == 150000);
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    size_t n = read_file("c-json.log", log_bytes, sizeof log_bytes);
    n = log_text(log_bytes, n, unescaped);
    unescaped[n] = 0;
    CHECK(strstr(unescaped, " 150000\n") != NULL);
    box_end(&box);
}

static void stdin_stays_open_without_stdin_once(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN, "cat");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "a", "");
    go(&box);
    shutdown(client, SHUT_WR);
    CHECK_INT(read_all(client, got, 1), 1);
    int other = attach(box.control, 0, ATTACH_STDIN, "b", "");
    CHECK_INT(read_all(client, got, 1), 1);
    CHECK(got[0] == 'b');
    uint64_t target = 0;
    post(box.control, MSG_CLOSE_STDIN, 9, &target, 8, NULL, 0);
    CHECK_INT(done(box.control), 0);
    CHECK_INT(read_all(client, got, 1), 0);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    close(other);
    box_end(&box);
}

static void a_terminal_resizes_and_detaches_by_keys(void) {
    struct box box;
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    b.header.rows = 24;
    b.header.columns = 81;
    plan_shell(&b, FLAG_TERMINAL | FLAG_OPEN_STDIN | FLAG_STDIN_ONCE,
               "stty -echo; stty size; read a; stty size; read c; stty raw; head -c 3 | od -An -c");
    box = box_spawn(&b);
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT | ATTACH_STDERR, "", "\x10\x11");
    uint64_t id = reply.attached.attach;
    go(&box);
    size_t n = read_all(client, got, 7);
    CHECK_BYTES(got, n, "24 81\r\n", 7);
    struct resize_body size = {0, 50, 120, 0};
    post(box.control, MSG_RESIZE, 3, &size, sizeof size, NULL, 0);
    CHECK_INT(done(box.control), 0);
    CHECK(write(client, "x\n", 2) == 2);
    n = read_all(client, got, 8);
    CHECK_BYTES(got, n, "50 120\r\n", 8);
    /* A half-close does not end a terminal; the keys detach and are not delivered. */
    CHECK(write(client, "y\n", 2) == 2);
    CHECK(write(client, "\x10", 1) == 1);
    usleep(20000);
    CHECK(write(client, "\x11rest", 5) == 5);
    CHECK(await(box.control, MSG_DETACHED));
    CHECK_INT(reply.detached.attach, id);
    CHECK_INT(reply.detached.reason, DETACH_KEYS);
    CHECK_INT(read_all(client, got, 1), 0);
    close(client);
    /* A prefix that turns out to be none is delivered. */
    client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "\x10", "\x10\x11");
    usleep(50000); /* until stty raw: ^P and ^Q are not for the line discipline */
    CHECK(write(client, "\x10z!", 3) == 3);
    n = read_all(client, got, sizeof got);
    got[n] = 0;
    CHECK(strstr(got, "020 020   z") != NULL);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    n = read_file("c-json.log", log_bytes, sizeof log_bytes);
    CHECK(strstr(log_bytes, "{\"log\":\"24 81\\r\\n\",\"stream\":\"stdout\"") != NULL);
    box_end(&box);
}

static const char flood[] = "head -c 8000000 /dev/zero | tr '\\0' x | fold -w 99";

static void a_sole_client_that_does_not_read_stops_the_output(void) {
    struct box box;
    start(&box, 0, flood);
    int client = attach(box.control, 0, ATTACH_STDOUT, "", "");
    go(&box);
    usleep(300000);
    struct stat s;
    CHECK(fstatat(scratch_fd, "c-json.log", &s, 0) == 0 && s.st_size < 2000000);
    size_t n = read_all(client, got, sizeof got);
    CHECK_INT(n, 8000000 + 8000000 / 99);
    CHECK(await(box.control, MSG_EXITED));
    size_t logged = read_file("c-json.log", log_bytes, sizeof log_bytes);
    logged = log_text(log_bytes, logged, unescaped);
    CHECK_BYTES(got, n, unescaped, logged);
    close(client);
    box_end(&box);
}

static void a_slow_one_of_several_is_dropped(void) {
    struct box box;
    start(&box, 0, flood);
    int slow = attach(box.control, 0, ATTACH_STDOUT, "", "");
    uint64_t id = reply.attached.attach;
    int fast = attach(box.control, 0, ATTACH_STDOUT | ATTACH_FRAMES, "", "");
    go(&box);
    size_t n = read_all(fast, got, sizeof got);
    size_t err;
    CHECK_INT(frames_of(n, &err), 8000000 + 8000000 / 99);
    CHECK(await(box.control, MSG_DETACHED));
    CHECK_INT(reply.detached.attach, id);
    CHECK_INT(reply.detached.reason, DETACH_SLOW);
    close(slow);
    close(fast);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void a_client_that_leaves_lets_the_output_go_on(void) {
    struct box box;
    start(&box, 0, flood);
    int client = attach(box.control, 0, ATTACH_STDOUT, "", "");
    go(&box);
    usleep(100000);
    close(client);
    CHECK(await(box.control, MSG_DETACHED));
    CHECK_INT(reply.detached.reason, DETACH_LEFT);
    CHECK(await(box.control, MSG_EXITED));
    size_t n = read_file("c-json.log", log_bytes, sizeof log_bytes);
    CHECK_INT(log_text(log_bytes, n, unescaped), 8000000 + 8000000 / 99);
    box_end(&box);
}

static void a_client_that_leaves_does_not_disturb_another(void) {
    for (int round = 0; round < 5; round++) {
        struct box box;
        start(&box, 0, flood);
        int leaves = attach(box.control, 0, ATTACH_STDOUT, "", "");
        int stays = attach(box.control, 0, ATTACH_STDOUT, "", "");
        memset(sent, 'G', 60000);
        CHECK(write(leaves, sent, 60000) == 60000); /* never read: it has no stdin */
        go(&box);
        size_t n = read_all(stays, got, 300000);
        read_all(leaves, out_bytes, 200000);
        close(leaves);
        n += read_all(stays, got + n, sizeof got - n);
        CHECK_INT(n, 8000000 + 8000000 / 99);
        CHECK(memchr(got, 'G', n) == NULL);
        close(stays);
        CHECK(await(box.control, MSG_EXITED));
        box_end(&box);
    }
}

static void a_full_held_queue_stops_the_output(void) {
    struct box box;
    start(&box, 0, flood);
    int client = attach(box.control, 0, ATTACH_STDOUT | ATTACH_HOLD, "", "");
    uint64_t id = reply.attached.attach;
    int other = attach(box.control, 0, ATTACH_STDOUT | ATTACH_HOLD, "", "");
    go(&box);
    usleep(200000);
    struct stat s;
    CHECK(fstatat(scratch_fd, "c-json.log", &s, 0) == 0 && s.st_size > 1000000);
    CHECK(s.st_size < 4000000);
    close(other);
    post(box.control, MSG_RELEASE, 0, &id, 8, NULL, 0);
    CHECK_INT(read_all(client, got, sizeof got), 8000000 + 8000000 / 99);
    CHECK(await(box.control, MSG_EXITED));
    close(client);
    box_end(&box);
}

/* The exit is told though the client takes its time; it still gets every byte. */
static void a_slow_client_outlives_the_container(void) {
    struct box box;
    start(&box, 0, "head -c 250000 /dev/zero");
    int client = attach(box.control, 0, ATTACH_STDOUT, "", "");
    int buffer = 4096;
    setsockopt(client, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    go(&box);
    CHECK(await(box.control, MSG_EXITED));
    close(box.control);
    box.control = -1;
    usleep(100000);
    CHECK_INT(read_all(client, got, sizeof got), 250000);
    close(client);
    box_end(&box);
}

static void unread_input_does_not_reset_the_connection(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN, "read x; echo got $x");
    int client = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "", "");
    go(&box);
    memset(sent, 'z', 1000000);
    memcpy(sent, "first\n", 6);
    fcntl(client, F_SETFL, O_NONBLOCK);
    while (write(client, sent, 300000) > 0)
        ;
    size_t n = exchange(client, NULL, 0, false);
    CHECK_BYTES(got, n, "got first\n", 10);
    close(client);
    CHECK(await(box.control, MSG_EXITED));
    box_end(&box);
}

static void streams_closed_early_end_their_clients(void) {
    struct box box;
    start(&box, FLAG_OPEN_STDIN, "echo bye; exec >&- 2>&-; read x; exit 4");
    int client = attach(box.control, 0, ATTACH_STDOUT | ATTACH_STDERR, "", "");
    int feeder = attach(box.control, 0, ATTACH_STDIN | ATTACH_STDOUT, "", "");
    go(&box);
    CHECK_INT(read_all(client, got, sizeof got), 4);
    CHECK(write(feeder, "x\n", 2) == 2); /* it still has its input to give */
    CHECK(await(box.control, MSG_EXITED));
    CHECK_INT(reply.exited.status, 4 << 8);
    close(client);
    close(feeder);
    box_end(&box);
}

const struct test stream_tests[] = {
    {"output comes in frames and ends", output_comes_in_frames_and_ends},
    {"a held client gets all at release", a_held_client_gets_all_at_release},
    {"log to the position and queue are every byte once",
     log_to_the_position_and_queue_are_every_byte_once},
    {"a line not yet logged belongs to a held client",
     a_line_not_yet_logged_belongs_to_a_held_client},
    {"input reaches stdin byte by byte", input_reaches_stdin_byte_by_byte},
    {"a client that leaves at once still delivers its input",
     a_client_that_leaves_at_once_still_delivers_its_input},
    {"stdin stays open without STDIN_ONCE", stdin_stays_open_without_stdin_once},
    {"a terminal resizes and detaches by keys", a_terminal_resizes_and_detaches_by_keys},
    {"a sole client that does not read stops the output",
     a_sole_client_that_does_not_read_stops_the_output},
    {"a slow one of several is dropped", a_slow_one_of_several_is_dropped},
    {"a client that leaves lets the output go on", a_client_that_leaves_lets_the_output_go_on},
    {"a client that leaves does not disturb another",
     a_client_that_leaves_does_not_disturb_another},
    {"a full held queue stops the output", a_full_held_queue_stops_the_output},
    {"a slow client outlives the container", a_slow_client_outlives_the_container},
    {"unread input does not reset the connection", unread_input_does_not_reset_the_connection},
    {"streams closed early end their clients", streams_closed_early_end_their_clients},
    {NULL, NULL},
};
