/* The formats of docs/formats/shim-protocol.md. Append-only: never change a number or a field. */
#ifndef CORTEN_WIRE_H
#define CORTEN_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_VERSION 1
#define NO_REGISTER 0xffffffffu
#define NO_INDEX 0xffffffffu

#define SPAWN_MAGIC 0x57505343u /* "CSPW" */
#define REPLY_MAGIC 0x52505343u /* "CSPR" */
#define PLAN_MAGIC 0x4e4c5043u  /* "CPLN" */

#define MAX_DESCRIPTORS 250u /* SCM_RIGHTS carries 253 */
#define MAX_REGISTERS 320u
#define MAX_PLAN (16u << 20)
#define MAX_BODY 65536u

struct spawn_request {
    uint32_t magic, version, fd_count, reserved;
};

struct spawn_reply {
    uint32_t magic;
    int32_t error, pid;
    uint32_t reserved;
};

/* Of `once`, with a pidfd if there is a process. */
struct once_reply {
    uint32_t magic;
    int32_t error, pid;
    uint32_t list, index, reserved;
};

enum plan_kind { KIND_CONTAINER = 1, KIND_EXEC = 2 };
enum plan_flag {
    FLAG_TERMINAL = 1,
    FLAG_OPEN_STDIN = 2,
    FLAG_STDIN_ONCE = 4,
    FLAG_DETACHED = 8, /* for `once`: lives on without whoever started it */
    FLAG_FOREIGN = 16  /* another program makes the process: nothing is read before it runs */
};
enum oom_kind { OOM_NONE, OOM_EVENTFD, OOM_MEMORY_EVENTS };

struct plan_header {
    uint32_t magic, version, kind, register_count;
    uint32_t outside_offset, outside_count, inside_offset, inside_count;
    uint32_t data_offset, data_size;
    uint64_t clone_flags;
    uint32_t cgroup_register, flags, log_register, log_name;
    uint64_t log_max_size;
    uint32_t log_max_files, exit_register, oom_register, oom_kind;
    uint32_t stop_signal, stop_grace_ms, kill_register, rows, columns, container_id;
    uint32_t reserved[4];
};
_Static_assert(sizeof(struct plan_header) == 128, "plan header");
_Static_assert(offsetof(struct plan_header, log_max_size) == 64, "plan header layout");
_Static_assert(offsetof(struct plan_header, container_id) == 108, "plan header layout");

struct instruction {
    uint32_t number;
    uint16_t destination, kinds;
    uint64_t tolerated;
    int64_t arguments[6];
};
_Static_assert(sizeof(struct instruction) == 64, "instruction");

#define NO_DESTINATION 0xffffu
enum argument_kind { ARG_IMMEDIATE, ARG_REGISTER, ARG_DATA };

#define OPERATION 0x80000000u
enum operation {
    OP_RELOC = OPERATION,
    OP_STORE,
    OP_ENSURE,
    OP_SYNC,
    OP_SENDFD,
    OP_FORK,
    OP_TTY,
    OP_STDIO,
    OP_EXPECT,
    OP_FIND,
    OP_RUN,
    OP_ADOPT,
    OP_RECEIVE,
    OP_LEAVE,
    OP_END
};

/* Between child and monitor. */
enum status_kind { STATUS_SYNC = 1, STATUS_FAILED, STATUS_FD, STATUS_FORKED, STATUS_ADOPTED };
struct status_message {
    uint32_t what;
    int32_t value;
    uint32_t index, reserved;
};
enum sync_number { SYNC_START = 1, SYNC_PLACED = 2 };
enum fd_purpose { FD_TERMINAL = 1, FD_SECCOMP = 2 };

/* Between daemon and monitor. */
struct message {
    uint32_t type, version;
    uint64_t tag;
};

enum message_type {
    MSG_HELLO = 1,
    MSG_GO,
    MSG_ATTACH,
    MSG_RELEASE,
    MSG_SIGNAL,
    MSG_RESIZE,
    MSG_EXEC,
    MSG_SYNC,
    MSG_CLOSE_STDIN,
    MSG_DETACH,
    MSG_LOG_POSITION,
    MSG_REOPEN_LOG,
    MSG_BYE,
    MSG_KEEP,
    MSG_TAKE,
    MSG_STATE = 101,
    MSG_STARTED,
    MSG_FAILED,
    MSG_EXITED,
    MSG_ATTACHED,
    MSG_DETACHED,
    MSG_DONE,
    MSG_EXEC_STARTED,
    MSG_EXEC_FAILED,
    MSG_EXEC_EXITED,
    MSG_LOG,
    MSG_OOM,
    MSG_SYNC_ASKED,
    MSG_KEPT
};

enum attach_flag {
    ATTACH_STDIN = 1,
    ATTACH_STDOUT = 2,
    ATTACH_STDERR = 4,
    ATTACH_FRAMES = 8,
    ATTACH_HOLD = 16,
    ATTACH_CLOSE_STDIN = 32
};
enum detach_reason { DETACH_LEFT = 1, DETACH_KEYS, DETACH_END, DETACH_SLOW };
enum failed_list { LIST_OUTSIDE, LIST_INSIDE, LIST_CLONE, LIST_HEADER };
enum run_state { STATE_CREATED = 1, STATE_RUNNING, STATE_EXITED };

#define MAX_DETACH_KEYS 15
struct attach_body {
    uint64_t target;
    uint32_t flags, prefix_length;
    uint8_t detach_length, detach_keys[MAX_DETACH_KEYS];
};
struct exec_body {
    uint32_t fd_count, attach_flags, prefix_length;
    uint8_t detach_length, detach_keys[MAX_DETACH_KEYS];
};
struct signal_body {
    uint64_t target;
    int32_t signal;
    uint32_t reserved;
};
struct resize_body {
    uint64_t target;
    uint16_t rows, columns;
    uint32_t reserved;
};
struct log_body {
    uint64_t generation, offset;
};
struct state_body {
    int32_t pid;
    uint32_t state;
    uint64_t start_time;
    int32_t status;
    uint32_t flags;
    struct log_body log;
};
struct started_body {
    int32_t pid;
    uint32_t reserved;
    uint64_t start_time;
};
struct failed_body {
    uint32_t list, index;
    int32_t error;
    uint32_t reserved;
};
struct exited_body {
    int32_t status;
    uint32_t flags;
    int64_t seconds, nanoseconds;
};
struct attached_body {
    uint64_t attach;
    struct log_body log;
};
struct detached_body {
    uint64_t attach;
    uint32_t reason, reserved;
};
struct pair_body {
    int32_t first;
    uint32_t second;
};
/* A body whose size is a multiple of 4 must not gain tail padding. */
_Static_assert(sizeof(struct attach_body) == 32 && sizeof(struct exec_body) == 28, "bodies");
_Static_assert(sizeof(struct detached_body) == 16 && sizeof(struct state_body) == 40, "bodies");

#define EXITED_OOM 1u

#endif
