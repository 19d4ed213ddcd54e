#define _GNU_SOURCE
#include "plan.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kernel.h"

#define REFUSE(field) \
    return (struct failure) { LIST_HEADER, (uint32_t)offsetof(struct plan_header, field), EINVAL }

static bool in_data(const struct plan *plan, int64_t offset, uint64_t width) {
    return offset >= 0 && (uint64_t)offset + width <= plan->data_size;
}

static bool string_in_data(const struct plan *plan, int64_t offset) {
    return in_data(plan, offset, 1) &&
           memchr(plan->data + offset, 0, plan->data_size - (size_t)offset) != NULL;
}

static enum argument_kind kind_of(const struct instruction *i, int n) {
    return (enum argument_kind)(i->kinds >> (2 * n) & 3);
}

/* An offset into the data may be written as an immediate or as a data argument. */
static bool cell_ok(const struct plan *plan, const struct instruction *i, int n, uint64_t width) {
    return kind_of(i, n) != ARG_REGISTER && in_data(plan, i->arguments[n], width);
}

static bool instruction_ok(const struct plan *plan, const struct instruction *i) {
    for (int n = 0; n < 6; n++) {
        int64_t value = i->arguments[n];
        switch (kind_of(i, n)) {
        case ARG_IMMEDIATE: break;
        case ARG_REGISTER:
            if (value < 0 || value >= (int64_t)plan->header->register_count)
                return false;
            break;
        case ARG_DATA:
            if (!in_data(plan, value, 0))
                return false;
            break;
        default: return false;
        }
    }
    if (i->kinds >> 12 != 0)
        return false;
    if (i->destination != NO_DESTINATION && i->destination >= plan->header->register_count)
        return false;
    if (i->number < OPERATION)
        return true;
    switch ((enum operation)i->number) {
    case OP_RELOC: return cell_ok(plan, i, 0, 8) && cell_ok(plan, i, 1, 0);
    case OP_STORE:
        return kind_of(i, 2) == ARG_IMMEDIATE && (i->arguments[2] == 4 || i->arguments[2] == 8) &&
               cell_ok(plan, i, 1, (uint64_t)i->arguments[2]);
    case OP_ENSURE:
        return kind_of(i, 1) == ARG_DATA && string_in_data(plan, i->arguments[1]) &&
               kind_of(i, 2) == ARG_IMMEDIATE &&
               (i->arguments[2] == 0 || i->arguments[2] == S_IFDIR || i->arguments[2] == S_IFREG);
    case OP_SYNC:
        return kind_of(i, 0) == ARG_IMMEDIATE && i->arguments[0] >= 1 && i->arguments[0] <= 255;
    case OP_FORK:
        return kind_of(i, 0) == ARG_IMMEDIATE && (i->arguments[0] & ~(int64_t)ALL_NAMESPACES) == 0;
    case OP_FIND: return cell_ok(plan, i, 0, 8);
    case OP_RUN: return cell_ok(plan, i, 0, 8) && cell_ok(plan, i, 1, 8);
    case OP_ADOPT: return kind_of(i, 0) == ARG_DATA && string_in_data(plan, i->arguments[0]);
    case OP_SENDFD:
    case OP_TTY:
    case OP_STDIO:
    case OP_EXPECT:
    case OP_RECEIVE:
    case OP_LEAVE: return true;
    case OP_END: break;
    }
    return false;
}

static struct failure check_list(const struct plan *plan, uint32_t list,
                                 const struct instruction *first, uint32_t count) {
    for (uint32_t n = 0; n < count; n++) {
        if (!instruction_ok(plan, &first[n]))
            return (struct failure){list, n, EINVAL};
    }
    return (struct failure){.error = 0};
}

struct extent {
    uint64_t start, end;
};

static bool overlap(struct extent a, struct extent b) {
    return a.start < a.end && b.start < b.end && a.start < b.end && b.start < a.end;
}

static bool register_ok(const struct plan *plan, uint32_t reg) {
    return reg == NO_REGISTER || (reg < plan->header->register_count && plan->registers[reg] >= 0);
}

static struct failure check_header(struct plan *plan, uint64_t size, size_t fd_count) {
    const struct plan_header *h = plan->header;
    if (h->magic != PLAN_MAGIC)
        REFUSE(magic);
    if (h->version != PROTOCOL_VERSION)
        REFUSE(version);
    if (h->kind != KIND_CONTAINER && h->kind != KIND_EXEC)
        REFUSE(kind);
    if (h->register_count > MAX_REGISTERS || h->register_count < fd_count)
        REFUSE(register_count);
    uint64_t step = sizeof(struct instruction);
    struct extent header = {0, sizeof *h};
    struct extent outside = {h->outside_offset, h->outside_offset + h->outside_count * step};
    struct extent inside = {h->inside_offset, h->inside_offset + h->inside_count * step};
    struct extent data = {h->data_offset, (uint64_t)h->data_offset + h->data_size};
    if (outside.start % 8 != 0 || outside.end > size || overlap(outside, header))
        REFUSE(outside_offset);
    if (inside.start % 8 != 0 || inside.end > size || overlap(inside, header) ||
        overlap(inside, outside))
        REFUSE(inside_offset);
    /* The data is written while the plan runs, so it must not hold what has been checked. */
    if (data.start % 8 != 0 || data.end > size || overlap(data, header) ||
        overlap(data, inside) || overlap(data, outside))
        REFUSE(data_offset);
    plan->outside = (const void *)((const char *)h + outside.start);
    plan->inside = (const void *)((const char *)h + inside.start);
    plan->data = (char *)plan->header + data.start;
    plan->data_size = h->data_size;
    if ((h->clone_flags & ~ALL_NAMESPACES) != 0)
        REFUSE(clone_flags);
    if (h->cgroup_register != NO_REGISTER && h->cgroup_register >= h->register_count)
        REFUSE(cgroup_register);
    if (h->kind == KIND_EXEC)
        return (struct failure){.error = 0};
    if (!register_ok(plan, h->log_register))
        REFUSE(log_register);
    if (h->log_register != NO_REGISTER &&
        (!string_in_data(plan, h->log_name) || strchr(plan->data + h->log_name, '/') != NULL ||
         strlen(plan->data + h->log_name) > 200))
        REFUSE(log_name);
    if (!register_ok(plan, h->exit_register))
        REFUSE(exit_register);
    if (!register_ok(plan, h->oom_register))
        REFUSE(oom_register);
    if (h->oom_kind > OOM_MEMORY_EVENTS)
        REFUSE(oom_kind);
    if (h->stop_signal > 64)
        REFUSE(stop_signal);
    if (!register_ok(plan, h->kill_register))
        REFUSE(kill_register);
    if (!string_in_data(plan, h->container_id) || strlen(plan->data + h->container_id) > 128)
        REFUSE(container_id);
    return (struct failure){.error = 0};
}

struct failure plan_load(struct plan *plan, int fd, const int *fds, size_t fd_count) {
    plan->mapped = 0;
    struct stat file;
    if (fstat(fd, &file) < 0)
        return (struct failure){LIST_HEADER, 0, errno};
    if (file.st_size < (off_t)sizeof(struct plan_header) || file.st_size > (off_t)MAX_PLAN)
        return (struct failure){LIST_HEADER, 0, EINVAL};
    /* Copied, not mapped: a memfd that is cut short later would be SIGBUS. */
    size_t size = (size_t)file.st_size;
    plan->header = map_memory(size);
    if (plan->header == NULL)
        return (struct failure){LIST_HEADER, 0, ENOMEM};
    plan->mapped = size;
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(fd, (char *)plan->header + done, size - done, (off_t)done);
        if (n <= 0)
            return (struct failure){LIST_HEADER, 0, n < 0 ? errno : EIO};
        done += (size_t)n;
    }
    for (size_t i = 0; i < MAX_REGISTERS; i++)
        plan->registers[i] = i < fd_count ? fds[i] : -1;
    struct failure failure = check_header(plan, size, fd_count);
    if (failure.error == 0)
        failure =
            check_list(plan, LIST_OUTSIDE, plan->outside, plan->header->outside_count);
    if (failure.error == 0)
        failure = check_list(plan, LIST_INSIDE, plan->inside, plan->header->inside_count);
    return failure;
}

void plan_unload(struct plan *plan) {
    if (plan->mapped > 0)
        munmap(plan->header, plan->mapped);
    plan->mapped = 0;
}

int plan_descriptor(const struct plan *plan, uint32_t reg) {
    if (reg >= plan->header->register_count)
        return -1;
    int64_t value = plan->registers[reg];
    return value >= 0 && value <= INT32_MAX ? (int)value : -1;
}
