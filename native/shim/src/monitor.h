/* One monitor: its container, execs, clients and daemons. Single-threaded; everything hangs off
 * one `struct monitor` in .bss, whose tables cost memory only as far as they are used. */
#ifndef CORTEN_MONITOR_H
#define CORTEN_MONITOR_H

#include "kernel.h"
#include "log.h"
#include "plan.h"
#include "wire.h"

#define MAX_TARGETS 128
#define MAX_CLIENTS 256
#define MAX_CONNECTIONS 16
#define MAX_KEPT 250 /* they go in one message, which carries 253 */
#define MAX_NAME 64

#define CHUNK_BYTES 65536u
#define QUEUE_LIMIT (1u << 20)
/* Room for what a last read or a partial line may still add at the limit. */
#define QUEUE_BYTES (QUEUE_LIMIT + 2 * CHUNK_BYTES)
#define PENDING_BYTES (2 * CHUNK_BYTES)

/* A process with stdio: targets[0] is the container's init, the others are execs. */
struct target {
    bool used;
    uint32_t serial; /* tells a late epoll event from one for the slot's next user */
    uint64_t tag;
    uint32_t flags; /* of the plan */
    enum { STARTING, RUNNING, FAILED, EXITED } state;
    pid_t pid;
    int pidfd;
    bool reaped;
    bool adopted; /* made by another program, see ADOPT */
    bool death_waits; /* reaped, but its start has not been heard of */
    int wait_status;
    uint64_t start_time;
    int status;     /* channel to the child until execve; -1 then */
    int owner;      /* connection that gets its SYNCs, -1 if it is gone */
    int sync;       /* the number it waits for, 0 if none */
    struct failure failure;
    int input; /* write end of stdin, or a duplicate of the PTY master */
    bool input_ended, input_closing;
    int output[3]; /* by stream; a PTY has only stdout */
    bool draining; /* the process is gone: no data now is the end */
    int64_t drain_deadline;
    uint16_t rows, columns;
    uint32_t input_events, output_events[3];
};

/* A child that has ended before anybody said that it was one to adopt. */
#define MAX_STRAYS 32
struct stray {
    pid_t pid; /* 0: free slot */
    int wait_status;
};

struct client {
    uint64_t id; /* 0: free slot */
    int fd;
    uint32_t target;
    uint32_t flags, events;
    bool held, input_ended, hung_up;
    uint8_t keys_length, keys_matched, keys[MAX_DETACH_KEYS];
    char *queue; /* output that the socket did not take yet; NULL if unused */
    size_t queue_head, queue_tail;
    char *pending; /* input that the process did not take yet; NULL if unused */
    size_t pending_head, pending_tail;
};

struct connection {
    bool used, bye;
    uint32_t serial;
    int fd;
};

struct kept {
    int fd;
    char name[MAX_NAME];
};

struct monitor {
    int epoll, signals, listen;
    uint32_t serial;
    uint64_t attaches;
    uint32_t target_count, client_count, kept_count; /* used slots lie below these */
    struct log log;
    char id[129];
    int exit_directory, oom_fd, kill_fd;
    uint32_t oom_kind, stop_signal, stop_grace_ms;
    uint64_t oom_kills; /* last count in memory.events */
    bool oom, go;
    /* Deadlines in milliseconds of CLOCK_MONOTONIC; 0: none. */
    int64_t kill_at, exit_deadline, linger_until, trim_at;
    struct timespec exited_at;
    bool exit_reported, ended;
    /* Three buffers, because a client that fails while output is handed out ends its input too. */
    char *chunk;  /* output: CHUNK_BYTES */
    char *input;  /* of clients: as much, after room for held-back detach keys */
    char *packet; /* one message */
    struct stray strays[MAX_STRAYS];
    uint32_t next_stray;
    struct connection connections[MAX_CONNECTIONS];
    /* Last: of these only the first entries are touched as a rule. */
    struct target targets[MAX_TARGETS];
    struct client clients[MAX_CLIENTS];
    struct kept kept[MAX_KEPT];
};

extern struct monitor monitor;

/* monitor.c */
_Noreturn void monitor_run(int *fds, size_t fd_count);
int64_t now_ms(void);
enum event_kind {
    ON_SIGNAL, ON_LISTEN, ON_OOM, ON_CONNECTION, ON_STATUS, ON_STDOUT, ON_STDERR, ON_INPUT,
    ON_CLIENT
};
/* Sets which events of fd are waited for; 0 takes it out of the epoll set. */
void watch(int fd, uint32_t *events, uint32_t wanted, enum event_kind kind, uint32_t index,
           uint32_t serial);
/* Closes and forgets: epoll would go on reporting a file that a child still holds open. */
void unwatch_and_close(int *fd, uint32_t *events);
/* The monitor's own descriptors, for a child to close and for the monitor to keep. */
#define MAX_OWN (16 + MAX_CONNECTIONS + MAX_TARGETS * 5 + MAX_CLIENTS + MAX_KEPT)
size_t own_descriptors(int *out);

/* target.c */
struct failure target_start(struct target *t, struct plan *plan);
void target_status(struct target *t);
void target_output(struct target *t, enum stream stream);
/* Arms or stops the reading of its output, as its clients have room. */
void target_pace(struct target *t);
void target_died(struct target *t, int wait_status);
/* Reads what there is; true if nothing more will come. */
bool target_drain(struct target *t);
void target_resize(struct target *t, uint16_t rows, uint16_t columns);
void target_answer_sync(struct target *t);
void target_close_input(struct target *t);
void target_forget(struct target *t);
struct target *target_find(uint64_t tag);
struct target *target_new(uint64_t tag);

/* client.c */
/* Takes over `fd`; NULL if there is no room. */
struct client *client_attach(struct target *t, int fd, uint32_t flags, const uint8_t *keys,
                             size_t keys_length);
void client_prefix(struct client *c, const char *bytes, size_t length);
void client_output(struct client *c, enum stream stream, const char *bytes, size_t length);
void client_event(struct client *c, uint32_t events);
void client_release(struct client *c);
void client_detach(struct client *c, enum detach_reason reason);
/* Closes the socket only: a failed start is answered by the daemon on the same socket. */
void client_abandon(struct client *c);
/* Ends the client if nothing is to come. */
void client_settle(struct client *c);
bool client_wants(const struct client *c, enum stream stream);
size_t client_room(const struct client *c);
/* Moves pending input of all clients of t into its stdin. */
void clients_feed(struct target *t);
struct client *client_find(uint64_t id);

/* control.c */
void connection_add(int fd);
void connection_readable(struct connection *c);
void connection_lost(struct connection *c);
void tell(struct connection *c, enum message_type type, uint64_t tag, const void *body,
          size_t size);
void tell_all(enum message_type type, uint64_t tag, const void *body, size_t size);
struct connection *connection_at(int index);
/* What the monitor keeps for the daemon, by name. */
void keep_descriptor(const char *name, int fd);
void drop_kept(void);

#endif
