/* A plan: two lists of instructions and their data, checked whole before anything runs. */
#ifndef CORTEN_PLAN_H
#define CORTEN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct plan {
    struct plan_header *header; /* start of the private copy */
    size_t mapped;
    const struct instruction *outside, *inside;
    char *data;
    uint32_t data_size;
    int64_t registers[MAX_REGISTERS];
};

/* Why a plan was refused or failed, as FAILED and EXEC_FAILED say it. */
struct failure {
    uint32_t list, index;
    int error; /* 0: no failure */
};

/* Copies the plan out of `fd` and checks it. `fds` are preloaded. */
struct failure plan_load(struct plan *plan, int fd, const int *fds, size_t fd_count);
void plan_unload(struct plan *plan);

/* The descriptor in a register that the header names, or -1. */
int plan_descriptor(const struct plan *plan, uint32_t reg);

/* What the interpreter needs to know of its process. */
struct run {
    struct plan *plan;
    int status;        /* channel to the monitor; -1 in the outside list */
    const int *stdio;  /* what STDIO puts onto 0, 1, 2; -1 leaves it */
};

/* Runs the outside list in the monitor. */
struct failure run_outside(struct run *run);
/* Runs the inside list in the child; never returns. */
_Noreturn void run_inside(struct run *run);

/* ENSURE: returns an O_PATH descriptor or -errno; EXDEV if it lies on the file system of the type
 * `forbidden` (its magic number; 0: none). */
int ensure_path(int root, const char *path, uint32_t kind, uint32_t mode, uint32_t forbidden);

/* PDEATHSIG, then a look whether the monitor is already gone. */
void die_with_monitor(int status);

#endif
