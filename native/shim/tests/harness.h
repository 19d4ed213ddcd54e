/* Builds plans, starts a zygote and its monitors, and talks to them as the daemon does. */
#ifndef CORTEN_HARNESS_H
#define CORTEN_HARNESS_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "log.h"
#include "wire.h"

/* ---- tests ---- */

struct test {
    const char *name;
    void (*run)(void);
};
extern const struct test log_tests[], run_tests[], stream_tests[], exec_tests[], life_tests[],
    plan_tests[], once_tests[], fuzz_tests[], speed_tests[];

extern int failures;          /* of the current test */
extern const char *shim_path; /* the binary under test */
extern bool sanitized;        /* it is the slow build */
extern char scratch[];        /* a fresh directory for each test */
extern int scratch_fd;
void fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define CHECK(condition)                                  \
    do {                                                  \
        if (!(condition))                                 \
            fail(__FILE__, __LINE__, "%s", #condition);   \
    } while (0)
#define CHECK_INT(actual, expected)                                                         \
    do {                                                                                    \
        long long is_ = (long long)(actual), should_ = (long long)(expected);               \
        if (is_ != should_)                                                                 \
            fail(__FILE__, __LINE__, "%s is %lld, expected %lld", #actual, is_, should_);   \
    } while (0)
#define CHECK_BYTES(actual, actual_size, expected, expected_size) \
    check_bytes(__FILE__, __LINE__, actual, actual_size, expected, expected_size)
void check_bytes(const char *file, int line, const char *actual, size_t actual_size,
                 const char *expected, size_t expected_size);
double seconds(void);

/* ---- plans ---- */

#define MAX_STEPS 256
#define PLAN_DATA (256u << 10)
struct builder {
    struct plan_header header;
    struct instruction lists[2][MAX_STEPS];
    uint32_t counts[2];
    char data[PLAN_DATA];
    uint32_t data_size;
    int fds[MAX_DESCRIPTORS];
    uint32_t fd_count;
};
enum { OUTSIDE, INSIDE };

/* A step's arguments: immediate, register or data. */
struct arg {
    enum argument_kind kind;
    int64_t value;
};
#define I(v) ((struct arg){ARG_IMMEDIATE, (int64_t)(v)})
#define R(v) ((struct arg){ARG_REGISTER, (int64_t)(v)})
#define D(v) ((struct arg){ARG_DATA, (int64_t)(v)})

void plan_begin(struct builder *b, enum plan_kind kind);
uint32_t plan_data(struct builder *b, const void *bytes, size_t size);
uint32_t plan_text(struct builder *b, const char *text);
/* Adds a descriptor, which the builder then owns; returns its register. */
uint32_t plan_fd(struct builder *b, int fd);
struct instruction *plan_step(struct builder *b, int list, uint32_t number, int destination,
                              struct arg a0, struct arg a1, struct arg a2, struct arg a3);
#define STEP(b, number, a0, a1, a2, a3) \
    plan_step(b, INSIDE, (uint32_t)(number), -1, a0, a1, a2, a3)
/* START, the pipes or the terminal are the caller's; this is argv, envp and execve. */
void plan_exec(struct builder *b, const char *const *argv);
/* SYNC START, STDIO or a new PTY, execve of sh -c script. */
void plan_shell(struct builder *b, uint32_t flags, const char *script);
void plan_terminal(struct builder *b);
int plan_memfd(const struct builder *b);
void plan_log(struct builder *b);

/* ---- monitors ---- */

struct box {
    int control, listener;
    pid_t monitor;
    char path[120]; /* of the listen socket */
};
struct reply {
    struct message head;
    union {
        char bytes[70000];
        struct started_body started;
        struct failed_body failed;
        struct exited_body exited;
        struct attached_body attached;
        struct detached_body detached;
        struct state_body state;
        struct pair_body pair;
        struct log_body log;
    };
    size_t size;
    int fds[MAX_DESCRIPTORS + 3];
    size_t fd_count;
};
extern struct reply reply; /* the last message received */

void zygote_begin(void);
void zygote_end(void);
int zygote_connect(void);
/* Sends SPAWN for the plan; the builder's descriptors are closed. */
struct box box_spawn(struct builder *b);
int box_connect(const struct box *box);
/* Closes control and waits for the monitor's end; fails the test if it crashed or stays. */
void box_end(struct box *box);
void box_wait(struct box *box);
extern struct rusage monitor_usage; /* of the last monitor that ended */
/* `shim-test produce BYTES`: writes lines to stdout as fast as it can. */
#define LINE "the quick brown fox jumps over the lazy dog, and 0123456789 times it did not; end"
int produce(size_t total);

void post(int connection, uint32_t type, uint64_t tag, const void *body, size_t size,
          const int *fds, size_t fd_count);
/* Receives until a message of this type is there; false (and a failure) after 10 s or at EOF. */
bool await(int connection, uint32_t type);
bool closed(int connection); /* EOF within 10 s, whatever comes before */
void go(const struct box *box);
/* Sends ATTACH with one end of a socket pair; returns the other. The id is in reply. */
int attach(int connection, uint64_t target, uint32_t flags, const char *prefix,
           const char *keys);
void exec_post(int connection, uint64_t tag, struct builder *b, uint32_t flags, int client,
               const char *prefix);
int32_t done(int connection); /* awaits DONE */

/* Reads until `size` bytes or EOF; returns the count. */
size_t read_all(int fd, char *out, size_t size);
size_t read_file(const char *name, char *out, size_t size);
/* Splits frames: appends stdout's bytes to out[1], stderr's to out[2]. */
void unframe(const char *bytes, size_t size, char *out[3], size_t sizes[3]);
/* The "log" texts of a json-file put together, unescaped (ASCII escapes only). */
size_t log_text(const char *json, size_t size, char *out);

#endif
