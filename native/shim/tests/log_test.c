/* The json-file log against golden lines, as Docker 28's encoder writes them. */
#include "harness.h"

#include <sys/mount.h>

static struct log log_;
static char text[8 << 20], expected[8 << 20];

static void open_log(uint64_t max_size, uint32_t max_files) {
    memset(&log_, 0, sizeof log_);
    CHECK_INT(log_open(&log_, dup(scratch_fd), "l", max_size, max_files), 0);
}

static void close_log(void) {
    close(log_.file);
    close(log_.directory);
    unmap_memory(log_.batch, (512u << 10) + 2 * LINE_MAX_BYTES);
}

/* The entries with their times taken out. */
static size_t entries(const char *name, char *out) {
    static char raw[8 << 20];
    size_t n = read_file(name, raw, sizeof raw - 1);
    size_t used = 0;
    for (char *at = raw; at < raw + n;) {
        char *line_end = memchr(at, '\n', (size_t)(raw + n - at));
        char *time = line_end == NULL
                         ? NULL
                         : memmem(at, (size_t)(line_end - at), ",\"time\":\"", 9);
        char *end = line_end - 2;
        if (time == NULL || memcmp(end, "\"}\n", 3) != 0) {
            fail(__FILE__, __LINE__, "a torn entry");
            break;
        }
        memcpy(out + used, at, (size_t)(time - at));
        used += (size_t)(time - at);
        out[used++] = '\n';
        at = end + 3;
    }
    out[used] = 0;
    return used;
}

static void escapes_are_dockers(void) {
    static const struct {
        const char *in, *out;
        size_t size;
    } golden[] = {
#define G(in, out) {in, out, sizeof(in) - 1}
        G("plain ~\x7f", "plain ~\x7f"),
        G("\"\\\n\r\t\b\f\x1b[0m", "\\\"\\\\\\n\\r\\u0009\\u0008\\u000c\\u001b[0m"),
        G("\0\x01", "\\u0000\\u0001"),
        G("<a href='x'>&", "\\u003ca href='x'\\u003e\\u0026"),
        G("h\xc3\xa9 \xed\x95\x9c \xf0\x9f\x90\xb3", "h\xc3\xa9 \xed\x95\x9c \xf0\x9f\x90\xb3"),
        G("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa",
          "\xe2\x80\xa7\\u2028\\u2029\xe2\x80\xaa"),
        G("\xff\xfe", "\\ufffd\\ufffd"),
        G("a\xc3", "a\\ufffd"),                          /* cut short */
        G("\xe2\x82", "\\ufffd\\ufffd"),                 /* each byte for itself */
        G("\xc0\x80\xc1\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd"), /* overlong */
        G("\xe0\x9f\xbf", "\\ufffd\\ufffd\\ufffd"),
        G("\xe0\xa0\x80", "\xe0\xa0\x80"),
        G("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"), /* a surrogate */
        G("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"),
        G("\xf0\x8f\xbf\xbf", "\\ufffd\\ufffd\\ufffd\\ufffd"),
        G("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"),
        G("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"),
        G("\xef\xbf\xbd", "\xef\xbf\xbd"), /* U+FFFD itself is valid */
        G("\x80x\xbfy", "\\ufffdx\\ufffdy"),
#undef G
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char out[200];
        size_t n = (size_t)(escape_json(out, golden[i].in, golden[i].size) - out);
        CHECK_BYTES(out, n, golden[i].out, strlen(golden[i].out));
    }
}

static void times_are_rfc3339_with_zeros_cut(void) {
    static const struct {
        time_t second;
        long nanos;
        const char *out;
    } golden[] = {
        {0, 0, "1970-01-01T00:00:00Z"},
        {1136214245, 999999999, "2006-01-02T15:04:05.999999999Z"},
        {1136214245, 120000000, "2006-01-02T15:04:05.12Z"},
        {1136214245, 1, "2006-01-02T15:04:05.000000001Z"},
        {951782399, 500, "2000-02-28T23:59:59.0000005Z"},
        {951782400, 0, "2000-02-29T00:00:00Z"},
        {951868800, 0, "2000-03-01T00:00:00Z"},
        {1709164800, 0, "2024-02-29T00:00:00Z"},
        {4107542400, 0, "2100-03-01T00:00:00Z"},
        {1798761599, 0, "2026-12-31T23:59:59Z"},
    };
    struct log cache = {.second = -1};
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        char out[32];
        size_t n = format_time(&cache, out,
                               (struct timespec){golden[i].second, golden[i].nanos});
        CHECK_BYTES(out, n, golden[i].out, strlen(golden[i].out));
    }
    /* Every day of 400 years against libc. */
    for (time_t day = 0; day < 146097; day++) {
        time_t second = day * 86400 + 86399;
        char out[32], want[32];
        struct tm parts;
        size_t n = format_time(&cache, out, (struct timespec){second, 0});
        gmtime_r(&second, &parts);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &parts);
        if (n != strlen(want) || memcmp(out, want, n) != 0) {
            fail(__FILE__, __LINE__, "%.*s instead of %s", (int)n, out, want);
            break;
        }
    }
}

static void lines_are_cut_at_16384_bytes(void) {
    static const size_t lengths[] = {0, 1, 16382, 16383, 16384, 16385, 32767, 32768, 40000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        /* In one read, and in reads of odd sizes: the entries must be the same. */
        for (size_t step = 1; step < 100000; step = step * 9 + 4) {
            unlinkat(scratch_fd, "l", 0);
            open_log(0, 1);
            char *at = text;
            memset(at, 'x', lengths[i]);
            at += lengths[i];
            *at++ = '\n';
            at = stpcpy(at, "next\nrest");
            for (char *from = text; from < at; from += step) {
                size_t left = (size_t)(at - from);
                log_write(&log_, STREAM_STDOUT, from, left < step ? left : step);
            }
            log_end(&log_, STREAM_STDOUT);
            log_end(&log_, STREAM_STDOUT);
            CHECK(log_.offset > 0);
            close_log();
            at = expected;
            size_t left = lengths[i];
            for (; left >= 16384; left -= 16384)
                at += sprintf(at, "{\"log\":\"%0*d\",\"stream\":\"stdout\"\n", 16384, 0);
            for (char *c = expected; c < at; c++)
                *c = *c == '0' ? 'x' : *c;
            at += sprintf(at, "{\"log\":\"%.*s\\n\",\"stream\":\"stdout\"\n", (int)left, text);
            at = stpcpy(at, "{\"log\":\"next\\n\",\"stream\":\"stdout\"\n"
                            "{\"log\":\"rest\",\"stream\":\"stdout\"\n");
            static char is[1 << 20];
            size_t n = entries("l", is);
            CHECK_BYTES(is, n, expected, (size_t)(at - expected));
        }
    }
}

static void characters_survive_any_split_of_reads(void) {
    open_log(0, 1);
    static const char line[] = "\xed\x95\x9c\xea\xb8\x80 \xf0\x9f\x90\xb3 \xc3\xa9\n";
    for (size_t cut = 1; cut < sizeof line - 1; cut++) {
        log_write(&log_, STREAM_STDERR, line, cut);
        log_write(&log_, STREAM_STDOUT, "o\n", 2); /* the streams do not mix */
        log_write(&log_, STREAM_STDERR, line + cut, sizeof line - 1 - cut);
    }
    close_log();
    char *at = expected;
    for (size_t cut = 1; cut < sizeof line - 1; cut++)
        at += sprintf(at, "{\"log\":\"o\\n\",\"stream\":\"stdout\"\n{\"log\":\"%.*s\\n\",\"stream\":"
                          "\"stderr\"\n",
                      (int)sizeof line - 2, line);
    size_t n = entries("l", text);
    CHECK_BYTES(text, n, expected, (size_t)(at - expected));
}

static void files_rotate_before_the_entry_that_comes_late(void) {
    open_log(300, 3);
    for (int i = 0; i < 40; i++) {
        char line[32];
        log_write(&log_, STREAM_STDOUT, line, (size_t)sprintf(line, "line %04d\n", i));
    }
    CHECK(log_.generation >= 8);
    uint64_t offset = log_.offset;
    close_log();
    struct stat s;
    CHECK(fstatat(scratch_fd, "l", &s, 0) == 0 && (uint64_t)s.st_size == offset);
    CHECK(fstatat(scratch_fd, "l.3", &s, 0) < 0);
    for (int i = 1; i <= 2; i++) {
        char name[16];
        sprintf(name, "l.%d", i);
        CHECK(fstatat(scratch_fd, name, &s, 0) == 0 && s.st_size >= 300 && s.st_size < 400);
    }
    /* Oldest first they are one log without a gap up to the end. */
    size_t n = entries("l.2", text);
    n += entries("l.1", text + n);
    entries("l", text + n);
    int next = -1;
    for (char *at = text; (at = strstr(at, "line ")) != NULL; at++) {
        int number = atoi(at + 5);
        CHECK(next < 0 || number == next);
        next = number + 1;
    }
    CHECK_INT(next, 40);
}

static void one_file_is_begun_anew(void) {
    open_log(300, 1);
    for (int i = 0; i < 20; i++)
        log_write(&log_, STREAM_STDOUT, "0123456789\n", 11);
    CHECK(log_.generation > 0 && log_.offset < 400);
    close_log();
    CHECK(faccessat(scratch_fd, "l.1", F_OK, 0) < 0);
}

static void many_short_lines_in_one_write(void) {
    open_log(0, 1);
    memset(text, '\n', 65536);
    log_write(&log_, STREAM_STDOUT, text, 65536);
    memset(text, 1, 65536); /* the longest escapes */
    log_write(&log_, STREAM_STDOUT, text, 65536);
    uint64_t offset = log_.offset;
    close_log();
    size_t n = read_file("l", text, sizeof text);
    CHECK_INT(n, offset);
    CHECK_INT(entries("l", text), 65536 * 30 + 4 * (16384 * 6 + 28));
}

/* A file system of 64 KiB: what does not fit is dropped by whole entries. */
static void a_full_disk_drops_whole_entries(void) {
    pid_t pid = fork();
    if (pid == 0) {
        int result = 1;
        if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
            mount("none", scratch, "tmpfs", 0, "size=64k") == 0) {
            close(scratch_fd);
            scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            open_log(0, 1);
            for (int i = 0; i < 5000; i++)
                log_write(&log_, STREAM_STDOUT, "0123456789012345678\n", 20);
            uint64_t before = log_.offset;
            CHECK(log_.dropped > 4000 && log_.dropped < 5000);
            size_t n = read_file("l", text, sizeof text);
            CHECK_INT(n, before);
            CHECK(n > 60000 && text[n - 1] == '\n');
            /* Room again: the log goes on where it was cut. */
            CHECK(mount("none", scratch, "tmpfs", MS_REMOUNT, "size=128k") == 0);
            log_write(&log_, STREAM_STDOUT, "after\n", 6);
            n = entries("l", text);
            const char *last = "{\"log\":\"after\\n\",\"stream\":\"stdout\"\n";
            CHECK(strcmp(text + n - strlen(last), last) == 0);
            result = failures > 0;
        }
        fflush(stdout);
        _exit(result);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    CHECK_INT(status, 0);
}

const struct test log_tests[] = {
    {"escapes are Docker's", escapes_are_dockers},
    {"times are RFC 3339 with zeros cut", times_are_rfc3339_with_zeros_cut},
    {"lines are cut at 16384 bytes", lines_are_cut_at_16384_bytes},
    {"characters survive any split of reads", characters_survive_any_split_of_reads},
    {"files rotate before the entry that comes late",
     files_rotate_before_the_entry_that_comes_late},
    {"one file is begun anew", one_file_is_begun_anew},
    {"many short lines in one write", many_short_lines_in_one_write},
    {"a full disk drops whole entries", a_full_disk_drops_whole_entries},
    {NULL, NULL},
};
