#define _GNU_SOURCE
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kernel.h"

#define BATCH_BYTES (512u << 10)
_Static_assert(BATCH_BYTES > 2 * ENTRY_MAX_BYTES, "an entry must fit");

/* Both mappings cost no memory before they are written to. */
static int map_buffers(struct log *log) {
    char *memory = map_memory(BATCH_BYTES + 2 * LINE_MAX_BYTES);
    if (memory == NULL)
        return -ENOMEM;
    log->batch = memory;
    log->partial[STREAM_STDOUT].bytes = memory + BATCH_BYTES;
    log->partial[STREAM_STDERR].bytes = memory + BATCH_BYTES + LINE_MAX_BYTES;
    return 0;
}

static int open_file(struct log *log, int flags) {
    int fd = openat(log->directory, log->name,
                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0640);
    if (fd < 0)
        return -errno;
    struct stat file;
    log->file = fd;
    log->offset = fstat(fd, &file) == 0 ? (uint64_t)file.st_size : 0;
    return 0;
}

int log_open(struct log *log, int directory, const char *name, uint64_t max_size,
             uint32_t max_files) {
    log->directory = directory;
    snprintf(log->name, sizeof log->name, "%s", name);
    log->max_size = max_size;
    log->max_files = max_files > 0 ? max_files : 1;
    log->second = -1;
    int error = map_buffers(log);
    return error < 0 ? error : open_file(log, 0);
}

int log_reopen(struct log *log) {
    if (log->file < 0)
        return 0;
    struct stat before, after;
    int old = log->file;
    int error = open_file(log, 0);
    if (error < 0)
        return error;
    if (fstat(old, &before) < 0 || fstat(log->file, &after) < 0 ||
        before.st_ino != after.st_ino || before.st_dev != after.st_dev)
        log->generation++;
    close(old);
    return 0;
}

/* name.(n-2) becomes name.(n-1) and so on; the current file becomes name.1. */
static void rotate(struct log *log) {
    char from[sizeof log->name + 12], to[sizeof log->name + 12];
    if (log->max_files == 1)
        unlinkat(log->directory, log->name, 0);
    for (uint32_t n = log->max_files - 1; n >= 1; n--) {
        snprintf(to, sizeof to, "%s.%u", log->name, n);
        if (n > 1)
            snprintf(from, sizeof from, "%s.%u", log->name, n - 1);
        else
            snprintf(from, sizeof from, "%s", log->name);
        renameat(log->directory, from, log->directory, to);
    }
    int old = log->file;
    /* If no new file can be made, the old one grows on: late is better than lost. */
    if (open_file(log, O_EXCL) == 0) {
        close(old);
        log->generation++;
    }
}

/* Writes the batch. What does not fit on the disk is dropped by whole entries: a torn one would
 * make the rest of the file unreadable. */
static void flush(struct log *log) {
    size_t done = 0;
    while (done < log->batched) {
        ssize_t n = write(log->file, log->batch + done, log->batched - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    size_t whole = log->batched;
    if (done < log->batched) {
        const char *end = done > 0 ? memrchr(log->batch, '\n', done) : NULL;
        whole = end != NULL ? (size_t)(end - log->batch) + 1 : 0;
        if (whole < done && ftruncate(log->file, (off_t)(log->offset + whole)) < 0)
            log->dropped++; /* a torn entry stays; nothing more can be done about it */
        for (size_t i = whole; i < log->batched; i++)
            log->dropped += log->batch[i] == '\n';
    }
    log->offset += whole;
    log->batched = 0;
}

/* Bytes that Docker's encoder writes as they are. */
static inline bool plain(unsigned char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

/* The length of the valid UTF-8 sequence at s, or 0, by the rules of Go's utf8.DecodeRune. */
static size_t sequence(const unsigned char *s, size_t left) {
    unsigned char c = s[0];
    size_t length = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3
                    : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (length == 0 || left < length)
        return 0;
    unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80; /* overlong */
    unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf; /* surrogates, range */
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    }
    return length;
}

char *escape_json(char *out, const char *bytes, size_t length) {
    static const char hex[] = "0123456789abcdef";
    const unsigned char *s = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < length) {
        size_t start = i;
        while (i < length && plain(s[i]))
            i++;
        memcpy(out, s + start, i - start);
        out += i - start;
        if (i == length)
            break;
        unsigned char c = s[i];
        if (c < 0x80) {
            *out++ = '\\';
            switch (c) {
            case '"':
            case '\\': *out++ = (char)c; break;
            case '\n': *out++ = 'n'; break;
            case '\r': *out++ = 'r'; break;
            default:
                memcpy(out, "u00", 3);
                out[3] = hex[c >> 4];
                out[4] = hex[c & 15];
                out += 5;
            }
            i++;
            continue;
        }
        size_t n = sequence(s + i, length - i);
        if (n == 0) {
            memcpy(out, "\\ufffd", 6);
            out += 6;
            i++;
        } else if (n == 3 && c == 0xe2 && s[i + 1] == 0x80 && (s[i + 2] | 1) == 0xa9) {
            /* U+2028 and U+2029 end a line in JavaScript */
            memcpy(out, "\\u202", 5);
            out[5] = hex[s[i + 2] & 15];
            out += 6;
            i += 3;
        } else {
            memcpy(out, s + i, n);
            out += n;
            i += n;
        }
    }
    return out;
}

static void two_digits(char *out, unsigned value) {
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

/* gmtime() would read the time zone files and allocate. Days are counted in a calendar that starts
 * in March, so that the leap day is a year's last one. */
static void format_second(char *out, time_t second) {
    uint64_t days = (uint64_t)second / 86400 + 719468; /* since 0000-03-01 */
    unsigned clock = (unsigned)((uint64_t)second % 86400);
    uint64_t era = days / 146097;
    unsigned day = (unsigned)(days % 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    unsigned month = (5 * day + 2) / 153; /* 0 is March */
    day -= (153 * month + 2) / 5;
    unsigned calendar_year = (unsigned)(era * 400) + year + (month >= 10);
    memcpy(out, "0000-00-00T00:00:00", 19);
    two_digits(out, calendar_year / 100 % 100);
    two_digits(out + 2, calendar_year % 100);
    two_digits(out + 5, month < 10 ? month + 3 : month - 9);
    two_digits(out + 8, day + 1);
    two_digits(out + 11, clock / 3600);
    two_digits(out + 14, clock / 60 % 60);
    two_digits(out + 17, clock % 60);
}

size_t format_time(struct log *cache, char *out, struct timespec time) {
    if (time.tv_sec != cache->second) {
        format_second(cache->stamp, time.tv_sec);
        cache->second = time.tv_sec;
    }
    size_t length = 19;
    memcpy(out, cache->stamp, length);
    uint32_t fraction = (uint32_t)time.tv_nsec;
    if (fraction > 0) {
        char digits[9];
        for (int i = 8; i >= 0; i--, fraction /= 10)
            digits[i] = (char)('0' + fraction % 10);
        int last = 8;
        while (digits[last] == '0')
            last--;
        out[length++] = '.';
        memcpy(out + length, digits, (size_t)last + 1);
        length += (size_t)last + 1;
    }
    out[length++] = 'Z';
    return length;
}

static char *put(char *out, const char *text, size_t length) {
    memcpy(out, text, length);
    return out + length;
}
#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)

static void entry(struct log *log, enum stream stream, const char *bytes, size_t length) {
    if (log->max_size > 0 && log->offset + log->batched >= log->max_size) {
        flush(log);
        if (log->offset >= log->max_size)
            rotate(log);
    }
    if (BATCH_BYTES - log->batched < ENTRY_MAX_BYTES)
        flush(log);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char *start = log->batch + log->batched;
    char *out = PUT(start, "{\"log\":\"");
    out = escape_json(out, bytes, length);
    out = stream == STREAM_STDOUT ? PUT(out, "\",\"stream\":\"stdout\",\"time\":\"")
                                  : PUT(out, "\",\"stream\":\"stderr\",\"time\":\"");
    out += format_time(log, out, now);
    out = PUT(out, "\"}\n");
    log->batched += (size_t)(out - start);
}

void log_write(struct log *log, enum stream stream, const char *bytes, size_t length) {
    if (log->file < 0)
        return;
    struct partial *partial = &log->partial[stream];
    while (length > 0) {
        /* A line is whole with its newline, or cut when its first 16384 bytes hold none. */
        size_t room = LINE_MAX_BYTES - partial->length;
        const char *newline = memchr(bytes, '\n', length < room ? length : room);
        size_t take = newline != NULL ? (size_t)(newline - bytes) + 1
                                      : (length < room ? length : room);
        bool whole = newline != NULL || take == room;
        if (whole && partial->length == 0) {
            entry(log, stream, bytes, take);
        } else {
            memcpy(partial->bytes + partial->length, bytes, take);
            partial->length += take;
            if (whole) {
                entry(log, stream, partial->bytes, partial->length);
                partial->length = 0;
            }
        }
        bytes += take;
        length -= take;
    }
    flush(log);
}

void log_end(struct log *log, enum stream stream) {
    struct partial *partial = &log->partial[stream];
    if (log->file < 0 || partial->length == 0)
        return;
    entry(log, stream, partial->bytes, partial->length);
    partial->length = 0;
    flush(log);
}

void log_trim(struct log *log) {
    if (log->batch == NULL)
        return;
    madvise(log->batch, BATCH_BYTES, MADV_DONTNEED);
    for (int i = STREAM_STDOUT; i <= STREAM_STDERR; i++) {
        if (log->partial[i].length == 0)
            madvise(log->partial[i].bytes, LINE_MAX_BYTES, MADV_DONTNEED);
    }
}
