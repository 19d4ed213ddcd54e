/* The daemons' connections and what they ask for. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "monitor.h"

static uint32_t index_of(const struct connection *c) {
    return (uint32_t)(c - monitor.connections);
}

struct connection *connection_at(int index) {
    return index >= 0 && monitor.connections[index].used ? &monitor.connections[index] : NULL;
}

void connection_add(int fd) {
    for (uint32_t i = 0; i < MAX_CONNECTIONS; i++) {
        struct connection *c = &monitor.connections[i];
        if (c->used)
            continue;
        *c = (struct connection){.used = true, .serial = ++monitor.serial, .fd = fd};
        uint32_t events = 0;
        watch(fd, &events, EPOLLIN, ON_CONNECTION, i, c->serial);
        return;
    }
    close(fd);
}

void connection_lost(struct connection *c) {
    if (!c->used)
        return;
    c->used = false;
    uint32_t events = EPOLLIN;
    watch(c->fd, &events, 0, ON_CONNECTION, 0, 0);
    close_connection(&c->fd);
    int index = (int)index_of(c);
    for (uint32_t i = 0; i < monitor.target_count; i++) {
        struct target *t = &monitor.targets[i];
        if (!t->used || t->owner != index)
            continue;
        t->owner = -1;
        /* Nobody will let this child go on. */
        bool abandoned = t->state == STARTING && (i == 0 ? !monitor.go : t->sync != 0);
        if ((abandoned || t->sync > SYNC_PLACED) && t->pidfd >= 0)
            signal_process(t->pidfd, SIGKILL);
    }
}

void tell(struct connection *c, enum message_type type, uint64_t tag, const void *body,
          size_t size) {
    struct message head = {type, PROTOCOL_VERSION, tag};
    if (c->used && send_packet(c->fd, &head, sizeof head, body, size, NULL, 0) < 0)
        connection_lost(c); /* it does not read, or is gone */
}

void tell_all(enum message_type type, uint64_t tag, const void *body, size_t size) {
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        tell(&monitor.connections[i], type, tag, body, size);
}

static void done(struct connection *c, uint64_t tag, int error) {
    struct pair_body body = {error, 0};
    tell(c, MSG_DONE, tag, &body, sizeof body);
}

static struct log_body log_position(void) {
    return (struct log_body){monitor.log.generation, monitor.log.offset};
}

/* ---- requests ---- */

/* One packet as it came. `fds` that a request takes over are set to -1. */
struct request {
    struct connection *from;
    uint32_t type;
    uint64_t tag;
    const char *body;
    size_t size;
    int *fds;
    size_t fd_count;
};

static void state(const struct request *r) {
    const struct target *t = &monitor.targets[0];
    struct state_body body = {
        .pid = t->pid,
        .state = t->state == RUNNING  ? STATE_RUNNING
                 : t->state == EXITED ? STATE_EXITED
                                      : STATE_CREATED,
        .start_time = t->start_time,
        .status = t->wait_status,
        .flags = monitor.oom ? EXITED_OOM : 0,
        .log = log_position(),
    };
    tell(r->from, MSG_STATE, r->tag, &body, sizeof body);
}

static int attach(const struct request *r) {
    struct attach_body body;
    memcpy(&body, r->body, sizeof body);
    struct target *t = target_find(body.target);
    if (body.detach_length > MAX_DETACH_KEYS || r->fd_count != 1 ||
        body.prefix_length != r->size - sizeof body)
        return EINVAL;
    if (t == NULL || t->state == EXITED || t->state == FAILED)
        return ESRCH;
    struct client *c =
        client_attach(t, r->fds[0], body.flags, body.detach_keys, body.detach_length);
    if (c == NULL)
        return EMFILE;
    r->fds[0] = -1;
    uint64_t id = c->id;
    struct attached_body attached = {id, log_position()};
    tell(r->from, MSG_ATTACHED, r->tag, &attached, sizeof attached);
    client_prefix(c, r->body + sizeof body, body.prefix_length);
    /* Its streams may have ended already while the process goes on. */
    if ((c = client_find(id)) != NULL)
        client_settle(c);
    return 0;
}

static void exec_failed(const struct request *r, struct failure failure) {
    struct failed_body body = {failure.list, failure.index, failure.error, 0};
    tell(r->from, MSG_EXEC_FAILED, r->tag, &body, sizeof body);
}

static void exec(const struct request *r) {
    struct exec_body body;
    memcpy(&body, r->body, sizeof body);
    bool has_client = body.attach_flags != 0;
    struct failure failure = {LIST_CLONE, NO_INDEX, 0};
    if (body.detach_length > MAX_DETACH_KEYS || body.prefix_length != r->size - sizeof body ||
        r->fd_count != (size_t)body.fd_count + 1 + has_client || r->tag == 0)
        failure.error = EINVAL;
    else if (monitor.targets[0].state != RUNNING)
        failure.error = ESRCH;
    else if (target_find(r->tag) != NULL)
        failure.error = EEXIST;
    struct target *t = failure.error == 0 ? target_new(r->tag) : NULL;
    if (failure.error == 0 && t == NULL)
        failure.error = EMFILE;
    if (failure.error != 0) {
        exec_failed(r, failure);
        return;
    }
    /* Off the stack and out of .bss: an idle monitor has no memory for it. */
    struct plan *plan = map_memory(sizeof *plan);
    struct client *c = NULL;
    if (plan == NULL) {
        failure.error = ENOMEM;
    } else {
        int registers[MAX_DESCRIPTORS + 6] = {r->fds[0], monitor.targets[0].pidfd, -1};
        memcpy(registers + 3, r->fds + 1, body.fd_count * sizeof(int));
        failure = plan_load(plan, r->fds[0], registers, body.fd_count + 3);
        if (failure.error == 0 && plan->header->kind != KIND_EXEC)
            failure = (struct failure){LIST_HEADER, offsetof(struct plan_header, kind), EINVAL};
        t->owner = (int)index_of(r->from);
        if (failure.error == 0) {
            t->flags = plan->header->flags;
            if (has_client) {
                c = client_attach(t, r->fds[r->fd_count - 1], body.attach_flags,
                                  body.detach_keys, body.detach_length);
                if (c == NULL)
                    failure = (struct failure){LIST_CLONE, NO_INDEX, EMFILE};
                else
                    r->fds[r->fd_count - 1] = -1;
            }
        }
        if (failure.error == 0)
            failure = target_start(t, plan);
        plan_unload(plan);
        unmap_memory(plan, sizeof *plan);
    }
    /* Whatever the outside list opened is the child's now. */
    int own[MAX_OWN];
    size_t count = own_descriptors(own);
    close_all_but(own, count);
    for (size_t i = 0; i < r->fd_count; i++)
        r->fds[i] = -1;
    if (failure.error != 0) {
        if (c != NULL)
            client_abandon(c);
        target_forget(t);
        exec_failed(r, failure);
    } else if (c != NULL) {
        client_prefix(c, r->body + sizeof body, body.prefix_length);
    }
}

void keep_descriptor(const char *name, int fd) {
    for (uint32_t i = 0; i < monitor.kept_count; i++) {
        struct kept *k = &monitor.kept[i];
        if (strcmp(k->name, name) != 0)
            continue;
        close(k->fd);
        if (fd >= 0)
            k->fd = fd;
        else
            *k = monitor.kept[--monitor.kept_count];
        return;
    }
    if (fd < 0)
        return;
    if (monitor.kept_count == MAX_KEPT) {
        close(fd);
        return;
    }
    struct kept *k = &monitor.kept[monitor.kept_count++];
    k->fd = fd;
    strncpy(k->name, name, MAX_NAME - 1);
    k->name[MAX_NAME - 1] = 0;
}

void drop_kept(void) {
    while (monitor.kept_count > 0)
        close(monitor.kept[--monitor.kept_count].fd);
}

static int keep(const struct request *r) {
    uint32_t count;
    memcpy(&count, r->body, sizeof count);
    if (r->fd_count != 0 && r->fd_count != count)
        return EINVAL;
    const char *name = r->body + sizeof count;
    const char *end = r->body + r->size;
    for (int pass = 0; pass < 2; pass++) { /* checks, then keeps */
        const char *at = name;
        for (uint32_t i = 0; i < count; i++) {
            const char *zero = memchr(at, 0, (size_t)(end - at));
            if (zero == NULL || zero == at || zero - at >= MAX_NAME)
                return EINVAL;
            if (pass == 1) {
                keep_descriptor(at, r->fd_count > 0 ? r->fds[i] : -1);
                if (r->fd_count > 0)
                    r->fds[i] = -1;
            }
            at = zero + 1;
        }
        if (pass == 0 && r->fd_count > 0 && monitor.kept_count + count > MAX_KEPT)
            return ENOSPC;
    }
    return 0;
}

static void take(const struct request *r) {
    /* The request has been read: its buffer serves the answer. */
    char *out = monitor.packet;
    memcpy(out, &monitor.kept_count, sizeof monitor.kept_count);
    size_t size = sizeof monitor.kept_count;
    int fds[MAX_KEPT];
    for (uint32_t i = 0; i < monitor.kept_count; i++) {
        size_t length = strlen(monitor.kept[i].name) + 1;
        memcpy(out + size, monitor.kept[i].name, length);
        size += length;
        fds[i] = monitor.kept[i].fd;
    }
    struct message head = {MSG_KEPT, PROTOCOL_VERSION, r->tag};
    if (send_packet(r->from->fd, &head, sizeof head, out, size, fds, monitor.kept_count) < 0)
        connection_lost(r->from);
}

static int signal_target(const struct request *r) {
    struct signal_body body;
    memcpy(&body, r->body, sizeof body);
    const struct target *t = target_find(body.target);
    if (t == NULL || t->reaped || t->pidfd < 0)
        return ESRCH;
    return signal_process(t->pidfd, body.signal) < 0 ? errno : 0;
}

static int resize(const struct request *r) {
    struct resize_body body;
    memcpy(&body, r->body, sizeof body);
    struct target *t = target_find(body.target);
    if (t == NULL)
        return ESRCH;
    if ((t->flags & FLAG_TERMINAL) == 0)
        return ENOTTY;
    target_resize(t, body.rows, body.columns);
    return 0;
}

static int close_stdin(const struct request *r) {
    uint64_t target;
    memcpy(&target, r->body, sizeof target);
    struct target *t = target_find(target);
    if (t == NULL)
        return ESRCH;
    t->input_closing = true;
    clients_feed(t);
    return 0;
}

static struct client *client_named(const struct request *r) {
    uint64_t id;
    memcpy(&id, r->body, sizeof id);
    return client_find(id);
}

static void sync_answered(const struct request *r) {
    uint32_t number;
    memcpy(&number, r->body, sizeof number);
    struct target *t = target_find(r->tag);
    if (t != NULL && t->sync != 0 && (uint32_t)t->sync == number && number != SYNC_START)
        target_answer_sync(t);
}

static void go(void) {
    struct target *t = &monitor.targets[0];
    monitor.go = true;
    if (t->used && t->sync == SYNC_START)
        target_answer_sync(t);
}

static size_t least_body(uint32_t type) {
    switch (type) {
    case MSG_ATTACH: return sizeof(struct attach_body);
    case MSG_EXEC: return sizeof(struct exec_body);
    case MSG_SIGNAL: return sizeof(struct signal_body);
    case MSG_RESIZE: return sizeof(struct resize_body);
    case MSG_RELEASE:
    case MSG_CLOSE_STDIN:
    case MSG_DETACH: return 8;
    case MSG_SYNC:
    case MSG_KEEP: return 4;
    default: return 0;
    }
}

static void serve(const struct request *r) {
    struct client *c;
    int error = 0;
    if (r->size < least_body(r->type)) {
        done(r->from, r->tag, EINVAL);
        return;
    }
    switch (r->type) {
    case MSG_HELLO: state(r); return;
    case MSG_GO: go(); return;
    case MSG_ATTACH:
        if ((error = attach(r)) != 0)
            break;
        return;
    case MSG_RELEASE:
        if ((c = client_named(r)) != NULL)
            client_release(c);
        return;
    case MSG_SIGNAL: error = signal_target(r); break;
    case MSG_RESIZE: error = resize(r); break;
    case MSG_EXEC: exec(r); return;
    case MSG_SYNC: sync_answered(r); return;
    case MSG_CLOSE_STDIN: error = close_stdin(r); break;
    case MSG_DETACH:
        if ((c = client_named(r)) != NULL)
            client_detach(c, DETACH_LEFT);
        else
            error = ESRCH;
        break;
    case MSG_LOG_POSITION: {
        struct log_body body = log_position();
        tell(r->from, MSG_LOG, r->tag, &body, sizeof body);
        return;
    }
    case MSG_REOPEN_LOG: error = -log_reopen(&monitor.log); break;
    case MSG_BYE: r->from->bye = true; return;
    case MSG_KEEP: error = keep(r); break;
    case MSG_TAKE: take(r); return;
    default: error = ENOSYS;
    }
    done(r->from, r->tag, error);
}

void connection_readable(struct connection *c) {
    int fds[MAX_DESCRIPTORS + 3];
    size_t fd_count = MAX_DESCRIPTORS + 3;
    ssize_t n = receive_packet(c->fd, monitor.packet, sizeof(struct message) + MAX_BODY,
                               MSG_DONTWAIT, fds, &fd_count);
    if (n == -EAGAIN)
        return;
    struct message head = {0};
    if (n >= (ssize_t)sizeof head)
        memcpy(&head, monitor.packet, sizeof head);
    if (head.version != PROTOCOL_VERSION) { /* the end, an error, or another language */
        connection_lost(c);
    } else {
        struct request request = {c, head.type, head.tag, monitor.packet + sizeof head,
                                  (size_t)n - sizeof head, fds, fd_count};
        serve(&request);
    }
    for (size_t i = 0; i < fd_count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}
