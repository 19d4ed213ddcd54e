/* How fast output goes to the log and to an attached client; both bytes are verified. */
#include "harness.h"

static struct builder b;
static char buffer[1 << 18];

int produce(size_t total) {
    for (size_t i = 0; i < sizeof buffer; i++)
        buffer[i] = (LINE "\n")[i % sizeof LINE];
    size_t block = sizeof buffer / 4 / sizeof LINE * sizeof LINE;
    for (size_t done = 0; done < total;) {
        ssize_t n = write(1, buffer + done % sizeof LINE, total - done < block ? total - done : block);
        if (n <= 0)
            return 1;
        done += (size_t)n;
    }
    return 0;
}

static void run(const char *what, bool client_too, double least) {
    const size_t line = sizeof LINE; /* with its newline */
    const size_t total = (sanitized ? 10000000 : 200000000) / line * line;
    plan_begin(&b, KIND_CONTAINER);
    plan_log(&b);
    b.header.log_max_size = 20 << 20;
    b.header.log_max_files = 2;
    char count[20], self[200];
    snprintf(count, sizeof count, "%zu", total);
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
    plan_exec(&b, (const char *const[]){self, "produce", count, NULL});
    struct box box = box_spawn(&b);
    int client = client_too ? attach(box.control, 0, ATTACH_STDOUT, "", "") : -1;
    go(&box);
    CHECK(await(box.control, MSG_STARTED));
    double begin = seconds();
    size_t got = 0;
    bool good = true;
    while (client_too) {
        ssize_t n = read(client, buffer, sizeof buffer);
        if (n <= 0)
            break;
        for (size_t i = (line - got % line) % line; i + line <= (size_t)n; i += line)
            good = good && memcmp(buffer + i, LINE "\n", line) == 0;
        got += (size_t)n;
    }
    CHECK(await(box.control, MSG_EXITED));
    double rate = (double)total / 1e6 / (seconds() - begin);
    CHECK(good);
    if (client_too) {
        CHECK_INT(got, total);
        close(client);
    }
    size_t n = read_file("c-json.log", buffer, 8000);
    static const char first[] = "{\"log\":\"" LINE "\\n\",\"stream\":\"stdout\",\"time\":\"";
    CHECK(n > sizeof first && memcmp(buffer, first, sizeof first - 1) == 0);
    box_end(&box);
    const struct timeval *user = &monitor_usage.ru_utime, *system = &monitor_usage.ru_stime;
    double cpu = (double)(user->tv_sec + system->tv_sec) +
                 (double)(user->tv_usec + system->tv_usec) / 1e6;
    printf("    %s: %.0f MB/s, %.0f MB per second of the monitor's CPU (%.0f%% in the kernel)\n",
           what, rate, (double)total / 1e6 / cpu,
           ((double)system->tv_sec + (double)system->tv_usec / 1e6) / cpu * 100);
    /* By CPU, because other work on the machine must not fail a test. */
    if ((double)total / 1e6 / cpu < least && !sanitized)
        fail(__FILE__, __LINE__, "less than %.0f MB per second of CPU", least);
}

static int by_size(const void *a, const void *b_) {
    double x = *(const double *)a, y = *(const double *)b_;
    return x < y ? -1 : x > y;
}

static void a_start(void) {
    enum { COUNT = 100 };
    double times[COUNT];
    for (int i = 0; i < COUNT; i++) {
        plan_begin(&b, KIND_CONTAINER);
        plan_log(&b);
        b.header.clone_flags = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
        STEP(&b, OP_SYNC, I(SYNC_START), I(0), I(0), I(0));
        STEP(&b, OP_STDIO, I(0), I(0), I(0), I(0));
        plan_exec(&b, (const char *const[]){"/bin/true", NULL});
        double begin = seconds();
        struct box box = box_spawn(&b);
        go(&box);
        CHECK(await(box.control, MSG_STARTED));
        times[i] = seconds() - begin;
        CHECK(await(box.control, MSG_EXITED));
        box_end(&box);
    }
    qsort(times, COUNT, sizeof *times, by_size);
    printf("    SPAWN to STARTED: %.2f ms (median), %.2f (lowest), %.2f (95%%)\n",
           times[COUNT / 2] * 1000, times[0] * 1000, times[COUNT * 95 / 100] * 1000);
}

static void the_log_alone(void) {
    run("json-file", false, 80);
}

static void the_log_and_a_client(void) {
    run("json-file and a client", true, 80);
}

const struct test speed_tests[] = {
    {"speed: a start", a_start},
    {"speed: the log alone", the_log_alone},
    {"speed: the log and a client", the_log_and_a_client},
    {NULL, NULL},
};
