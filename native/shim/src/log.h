/* The json-file log, byte for byte as Docker writes it. */
#ifndef CORTEN_LOG_H
#define CORTEN_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LINE_MAX_BYTES 16384u
/* All bytes escaped as \u00XX, and the fields around them. */
#define ENTRY_MAX_BYTES (LINE_MAX_BYTES * 6 + 128)

enum stream { STREAM_STDOUT = 1, STREAM_STDERR = 2 };

struct partial {
    char *bytes; /* LINE_MAX_BYTES */
    size_t length;
};

struct log {
    int directory, file; /* -1: nothing is logged */
    char name[201];
    uint64_t max_size;
    uint32_t max_files;
    uint64_t generation, offset; /* of whole entries written */
    uint64_t dropped;            /* entries lost to a full disk */
    struct partial partial[3];   /* by stream */
    char *batch;                 /* entries on their way to the file */
    size_t batched;
    time_t second; /* which `stamp` holds */
    char stamp[24];
};

/* 0 or -errno. `directory` is taken over. */
int log_open(struct log *log, int directory, const char *name, uint64_t max_size,
             uint32_t max_files);
/* Takes output as it was read; everything that is whole is in the file on return. */
void log_write(struct log *log, enum stream stream, const char *bytes, size_t length);
/* The stream has ended: what is left becomes an entry without newline. */
void log_end(struct log *log, enum stream stream);
/* Opens the file by its name again (somebody moved or cut it). */
int log_reopen(struct log *log);
/* Gives back the pages of the buffers that are not in use. */
void log_trim(struct log *log);

/* "2006-01-02T15:04:05.999999999Z" with trailing zeros cut; returns the length (at most 30). */
size_t format_time(struct log *cache, char *out, struct timespec time);
/* Appends `length` bytes as the inside of a JSON string; returns the new end. */
char *escape_json(char *out, const char *bytes, size_t length);

#endif
