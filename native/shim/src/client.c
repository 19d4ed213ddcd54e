/* Attached clients: a socket that the daemon handed over, its queue of output and its input. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "monitor.h"

static struct target *target_of(const struct client *c) {
    return &monitor.targets[c->target];
}

static void free_queue(struct client *c) {
    if (c->queue != NULL)
        munmap(c->queue, QUEUE_BYTES);
    c->queue = NULL;
    c->queue_head = c->queue_tail = 0;
}

static void free_pending(struct client *c) {
    if (c->pending != NULL)
        munmap(c->pending, PENDING_BYTES);
    c->pending = NULL;
    c->pending_head = c->pending_tail = 0;
}

struct client *client_find(uint64_t id) {
    for (uint32_t i = 0; id != 0 && i < monitor.client_count; i++) {
        if (monitor.clients[i].id == id)
            return &monitor.clients[i];
    }
    return NULL;
}

bool client_wants(const struct client *c, enum stream stream) {
    return (c->flags & (stream == STREAM_STDOUT ? ATTACH_STDOUT : ATTACH_STDERR)) != 0;
}

size_t client_room(const struct client *c) {
    size_t used = c->queue_tail - c->queue_head;
    return used < QUEUE_LIMIT ? QUEUE_LIMIT - used : 0;
}

/* ---- end ---- */

static void remove_client(struct client *c) {
    unwatch_and_close(&c->fd, &c->events);
    free_queue(c);
    free_pending(c);
    c->id = 0;
    target_pace(target_of(c)); /* it may have been the one that held the output up */
}

void client_abandon(struct client *c) {
    remove_client(c);
}

/* The input of this client is over: what that means for stdin is the plan's or its own flag. */
static void end_input(struct client *c) {
    struct target *t = target_of(c);
    if (c->input_ended)
        return;
    c->input_ended = true;
    bool closes = (c->flags & ATTACH_STDIN) != 0 && (t->flags & FLAG_TERMINAL) == 0 &&
                  ((t->flags & FLAG_STDIN_ONCE) != 0 || (c->flags & ATTACH_CLOSE_STDIN) != 0);
    if (closes)
        t->input_closing = true;
}

void client_detach(struct client *c, enum detach_reason reason) {
    struct target *t = target_of(c);
    struct detached_body body = {c->id, reason, 0};
    /* Input that was never read would make the kernel reset the connection, and the client would
     * see an error after the last output. */
    shutdown(c->fd, SHUT_RDWR);
    for (int i = 0; i < 16 && recv(c->fd, monitor.input, CHUNK_BYTES, MSG_DONTWAIT) > 0; i++)
        ;
    if (reason == DETACH_LEFT)
        end_input(c);
    remove_client(c);
    clients_feed(t);
    tell_all(MSG_DETACHED, 0, &body, sizeof body);
}

void client_settle(struct client *c) {
    const struct target *t = target_of(c);
    /* Until execve has succeeded the socket may still be the daemon's to answer on. */
    if (c->held || c->queue_head != c->queue_tail || t->state == STARTING || t->state == FAILED)
        return;
    bool gone = t->state == EXITED && t->output[STREAM_STDOUT] < 0 && t->output[STREAM_STDERR] < 0;
    bool more = false;
    for (int s = STREAM_STDOUT; s <= STREAM_STDERR; s++)
        more = more || (client_wants(c, (enum stream)s) && t->output[s] >= 0);
    bool feeds = (c->flags & ATTACH_STDIN) != 0 && !c->input_ended;
    /* The client of an exec asks for the exit code once its stream has ended: the exit is told
     * first. A container's client waits for that by another way. */
    bool exec = t != &monitor.targets[0];
    if (gone || (!exec && !more && !feeds))
        client_detach(c, DETACH_END);
}

/* ---- output ---- */

/* What the socket should be watched for now. */
static void arm(struct client *c) {
    uint32_t wanted = EPOLLHUP; /* always reported; here it keeps the socket in the set */
    if (c->queue_head != c->queue_tail && !c->held)
        wanted |= EPOLLOUT;
    if ((c->flags & ATTACH_STDIN) != 0 && !c->input_ended) {
        if (c->pending == NULL)
            wanted |= EPOLLIN | EPOLLRDHUP;
        else if (c->hung_up)
            wanted = 0; /* it left, its last input waits for room: nothing new can happen */
    }
    watch(c->fd, &c->events, wanted, ON_CLIENT, (uint32_t)(c - monitor.clients),
          (uint32_t)c->id);
}

static void flush_queue(struct client *c) {
    while (!c->held && c->queue_head < c->queue_tail) {
        ssize_t n = send(c->fd, c->queue + c->queue_head, c->queue_tail - c->queue_head,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            client_detach(c, DETACH_LEFT);
            return;
        }
        if (n < 0)
            break;
        c->queue_head += (size_t)n;
    }
    if (c->queue_head == c->queue_tail) {
        c->queue_head = c->queue_tail = 0;
        monitor.trim_at = now_ms() + 1000; /* the pages go when it stays quiet */
    }
    arm(c);
    target_pace(target_of(c));
    client_settle(c);
}

/* False if the queue is over its limit; the client is gone then. */
static bool enqueue(struct client *c, const char *bytes, size_t length) {
    if (c->queue == NULL)
        c->queue = map_memory(QUEUE_BYTES);
    size_t used = c->queue_tail - c->queue_head;
    if (c->queue == NULL || used + length > QUEUE_BYTES) {
        client_detach(c, DETACH_SLOW);
        return false;
    }
    if (c->queue_tail + length > QUEUE_BYTES) {
        memmove(c->queue, c->queue + c->queue_head, used);
        c->queue_head = 0;
        c->queue_tail = used;
    }
    memcpy(c->queue + c->queue_tail, bytes, length);
    c->queue_tail += length;
    return true;
}

void client_output(struct client *c, enum stream stream, const char *bytes, size_t length) {
    unsigned char frame[8] = {(unsigned char)stream, 0, 0, 0, (unsigned char)(length >> 24),
                              (unsigned char)(length >> 16), (unsigned char)(length >> 8),
                              (unsigned char)length};
    struct iovec parts[2] = {
        {.iov_base = frame, .iov_len = (c->flags & ATTACH_FRAMES) != 0 ? sizeof frame : 0},
        {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length},
    };
    size_t sent = 0;
    if (!c->held && c->queue_head == c->queue_tail) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        ssize_t n;
        do
            n = sendmsg(c->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (n < 0 && errno == EINTR);
        if (n < 0 && errno != EAGAIN) {
            client_detach(c, DETACH_LEFT);
            return;
        }
        sent = n > 0 ? (size_t)n : 0;
    }
    bool queued = false;
    for (int i = 0; i < 2; i++) {
        size_t skip = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        sent -= skip;
        if (skip == parts[i].iov_len)
            continue;
        queued = true;
        if (!enqueue(c, (const char *)parts[i].iov_base + skip, parts[i].iov_len - skip))
            return;
    }
    if (queued)
        arm(c);
}

void client_release(struct client *c) {
    c->held = false;
    flush_queue(c);
}

/* ---- input ---- */

/* What stdin does not take at once waits in `pending`; until it is gone, no more is read. */
static void to_stdin(struct client *c, const char *bytes, size_t length) {
    struct target *t = target_of(c);
    while (length > 0 && c->pending == NULL && t->input >= 0) {
        ssize_t n = write(t->input, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) { /* the process has closed its stdin: the rest is of no use to anybody */
            target_close_input(t);
            return;
        }
        bytes += n;
        length -= (size_t)n;
    }
    if (length == 0 || (t->input < 0 && t->input_ended))
        return;
    if (c->pending == NULL)
        c->pending = map_memory(PENDING_BYTES);
    size_t room = c->pending == NULL ? 0 : PENDING_BYTES - c->pending_tail;
    if (length > room)
        length = room; /* cannot happen: one read at most goes into an empty buffer */
    if (length > 0)
        memcpy(c->pending + c->pending_tail, bytes, length);
    c->pending_tail += length;
    if (t->input >= 0)
        watch(t->input, &t->input_events, EPOLLOUT, ON_INPUT, c->target, t->serial);
}

/* Input passes the detach keys: while a prefix of them matches, it is held back. `bytes` lie in a
 * buffer with MAX_DETACH_KEYS writable bytes before them. False if the client was detached. */
static bool take_input(struct client *c, char *bytes, size_t length) {
    if (c->keys_length == 0 || (target_of(c)->flags & FLAG_TERMINAL) == 0) {
        to_stdin(c, bytes, length);
        return true;
    }
    char *start = bytes - MAX_DETACH_KEYS;
    char *out = start;
    for (size_t i = 0; i < length; i++) {
        /* `out` never overtakes the input: at most MAX_DETACH_KEYS - 1 bytes were held back. */
        uint8_t byte = (uint8_t)bytes[i];
        if (c->keys_matched > 0 && byte != c->keys[c->keys_matched]) {
            memcpy(out, c->keys, c->keys_matched);
            out += c->keys_matched;
            c->keys_matched = 0;
        }
        if (byte != c->keys[c->keys_matched]) {
            *out++ = (char)byte;
        } else if (++c->keys_matched == c->keys_length) {
            to_stdin(c, start, (size_t)(out - start));
            client_detach(c, DETACH_KEYS);
            return false;
        }
    }
    to_stdin(c, start, (size_t)(out - start));
    return true;
}

void client_prefix(struct client *c, const char *bytes, size_t length) {
    if ((c->flags & ATTACH_STDIN) == 0 || length == 0)
        return;
    char *copy = monitor.input + MAX_DETACH_KEYS;
    if (length > CHUNK_BYTES)
        length = CHUNK_BYTES;
    memcpy(copy, bytes, length);
    if (take_input(c, copy, length))
        arm(c);
}

/* One read of input; after a hang-up, all that is left. */
static void read_input(struct client *c) {
    do {
        if (c->pending != NULL || c->input_ended)
            break;
        char *bytes = monitor.input + MAX_DETACH_KEYS;
        ssize_t n = recv(c->fd, bytes, CHUNK_BYTES, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (n > 4096)
            monitor.trim_at = now_ms() + 1000;
        if (n <= 0) {
            end_input(c);
            clients_feed(target_of(c));
        } else if (!take_input(c, bytes, (size_t)n)) {
            return;
        }
    } while (c->hung_up);
    if (c->id == 0)
        return;
    if (c->hung_up && c->pending == NULL) {
        client_detach(c, DETACH_LEFT);
    } else {
        arm(c);
        client_settle(c);
    }
}

static bool input_waits(const struct target *t) {
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        const struct client *c = &monitor.clients[i];
        if (c->id != 0 && target_of(c) == t && c->pending != NULL)
            return true;
    }
    return false;
}

void clients_feed(struct target *t) {
    for (uint32_t i = 0; i < monitor.client_count; i++) {
        struct client *c = &monitor.clients[i];
        if (c->id == 0 || target_of(c) != t || c->pending == NULL)
            continue;
        while (t->input >= 0 && c->pending_head < c->pending_tail) {
            ssize_t n = write(t->input, c->pending + c->pending_head,
                              c->pending_tail - c->pending_head);
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 && errno == EAGAIN)
                break;
            if (n < 0)
                target_close_input(t);
            else
                c->pending_head += (size_t)n;
        }
        if (c->pending_head < c->pending_tail && !(t->input < 0 && t->input_ended))
            continue;
        free_pending(c);
        if (c->hung_up)
            read_input(c); /* the rest, and its end */
        else
            arm(c);
    }
    bool waiting = input_waits(t);
    if (t->input >= 0) {
        if (!waiting && t->input_closing)
            target_close_input(t);
        else
            watch(t->input, &t->input_events, waiting ? EPOLLOUT : 0, ON_INPUT,
                  (uint32_t)(t - monitor.targets), t->serial);
    } else if (!waiting && t->input_closing) {
        t->input_ended = true;
    }
}

void client_event(struct client *c, uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        uint64_t id = c->id;
        flush_queue(c);
        if (c->id != id)
            return;
    }
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        if ((c->flags & ATTACH_STDIN) == 0 || c->input_ended) {
            client_detach(c, DETACH_LEFT);
            return;
        }
        c->hung_up = true;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        read_input(c);
}

/* ---- attach ---- */

struct client *client_attach(struct target *t, int fd, uint32_t flags, const uint8_t *keys,
                             size_t keys_length) {
    struct client *c = NULL;
    for (uint32_t i = 0; c == NULL && i < MAX_CLIENTS; i++) {
        if (monitor.clients[i].id == 0)
            c = &monitor.clients[i];
        if (c != NULL && i >= monitor.client_count)
            monitor.client_count = i + 1;
    }
    if (c == NULL)
        return NULL;
    *c = (struct client){.id = ++monitor.attaches,
                         .fd = fd,
                         .target = (uint32_t)(t - monitor.targets),
                         .flags = flags,
                         .held = (flags & ATTACH_HOLD) != 0,
                         .keys_length = (uint8_t)keys_length};
    memcpy(c->keys, keys, keys_length);
    /* The log ends before a line that is not whole; its beginning belongs to this client. */
    for (int s = STREAM_STDOUT; c->held && t == monitor.targets && s <= STREAM_STDERR; s++) {
        const struct partial *partial = &monitor.log.partial[s];
        if (partial->length > 0 && client_wants(c, (enum stream)s))
            client_output(c, (enum stream)s, partial->bytes, partial->length);
    }
    arm(c);
    target_pace(t);
    return c;
}
