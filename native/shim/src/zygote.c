#define _GNU_SOURCE
#include "zygote.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "kernel.h"
#include "monitor.h"

#define MAX_DAEMONS 8

static void say(const char *what, const char *subject, int error) {
    char text[512];
    int n = snprintf(text, sizeof text, "corten-shim: %s %s: %s\n", what, subject,
                     strerrordesc_np(error));
    if (n > 0 && write(2, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1) < 0)
        return; /* nobody listens */
}

/* Goes on in a sealed copy of this binary. A container's process can reach the file that is
 * running through /proc/PID/exe and keep it open until it may be written (CVE-2019-5736); nobody
 * can write this one. Returns if there can be no copy, or if this is it. */
void run_from_sealed_copy(char **argv) {
    static const char name[] = "/memfd:corten-shim";
    char self[sizeof name];
    if (readlink("/proc/self/exe", self, sizeof self) < (ssize_t)sizeof self - 1 ||
        memcmp(self, name, sizeof name - 1) == 0)
        return;
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int copy = memfd_create("corten-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct stat file;
    bool whole = from >= 0 && copy >= 0 && fstat(from, &file) == 0;
    for (off_t done = 0; whole && done < file.st_size;) {
        ssize_t n = sendfile(copy, from, NULL, (size_t)(file.st_size - done));
        whole = n > 0;
        done += n;
    }
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (whole && fchmod(copy, 0500) == 0 && fcntl(copy, F_ADD_SEALS, seals) == 0)
        fexecve(copy, argv, environ); /* refused where vm.memfd_noexec says so */
    close_fd(&from);
    close_fd(&copy);
}

/* A JVM, a shell or a service manager may have left anything; monitors inherit it from here. */
void reset_signals(void) {
    /* Raw, because libc keeps 32 and 33 for itself. All zero is SIG_DFL; SIGKILL and SIGSTOP
     * fail, as they should. */
    const uint64_t by_default[8] = {0};
    for (int s = 1; s <= 64; s++)
        syscall(SYS_rt_sigaction, s, by_default, NULL, 8);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int join_cgroup(const char *directory) {
    int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = at < 0 ? -1 : openat(at, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    int error = fd < 0 || write(fd, "0", 1) < 0 ? errno : 0;
    close_fd(&at);
    close_fd(&fd);
    return error;
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask = umask(0177);
    int result = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
    umask(mask);
    if (result < 0 || listen(fd, 16) < 0)
        return -1;
    return fd;
}

static _Noreturn void become_monitor(int *fds, size_t count) {
    int keep[MAX_DESCRIPTORS + 3];
    memcpy(keep, fds, count * sizeof *fds);
    close_all_but(keep, count);
    int null_in = open("/dev/null", O_RDONLY);
    int null_out = open("/dev/null", O_WRONLY);
    dup2(null_in, 0); /* without OPEN_STDIN this is the container's stdin */
    dup2(null_out, 1);
    dup2(null_out, 2);
    close_fd(&null_in);
    close_fd(&null_out);
    monitor_run(fds, count);
}

/* Twice: the monitor must not be this process's child, or it would be its zombie. The one in
 * between answers, since it knows the pid. */
static int fork_monitor(int daemon, int *fds, size_t count) {
    pid_t between = fork();
    if (between < 0)
        return errno;
    if (between == 0) {
        pid_t monitor_pid = fork();
        if (monitor_pid == 0)
            become_monitor(fds, count);
        struct spawn_reply reply = {.magic = REPLY_MAGIC,
                                    .error = monitor_pid < 0 ? errno : 0,
                                    .pid = monitor_pid};
        send_packet(daemon, &reply, sizeof reply, NULL, 0, NULL, 0);
        _exit(0);
    }
    waitpid(between, NULL, 0);
    return 0;
}

/* False if the daemon is gone. */
static bool serve(int daemon) {
    struct spawn_request request;
    int fds[MAX_DESCRIPTORS + 3];
    size_t count = MAX_DESCRIPTORS + 3;
    ssize_t n = receive_packet(daemon, &request, sizeof request, MSG_DONTWAIT, fds, &count);
    if (n == -EAGAIN)
        return true;
    if (n == 0 || (n < 0 && n != -EMSGSIZE))
        return false;
    int error = 0;
    if (n != sizeof request || request.magic != SPAWN_MAGIC ||
        request.version != PROTOCOL_VERSION || request.fd_count != count || count < 3 ||
        count > MAX_DESCRIPTORS)
        error = EINVAL;
    else
        error = fork_monitor(daemon, fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    if (error != 0) {
        struct spawn_reply reply = {.magic = REPLY_MAGIC, .error = error, .pid = -1};
        return send_packet(daemon, &reply, sizeof reply, NULL, 0, NULL, 0) >= 0;
    }
    return true;
}

int zygote_run(char **argv) {
    const char *socket_path = argv[2];
    char **cgroups = argv + 3;
    for (int fd = 0; fd <= 2; fd++) { /* 0 to 2 must never be handed out for something else */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return 1;
    }
    close_from(3, ~0u);
    run_from_sealed_copy(argv);
    reset_signals();
    prctl(PR_SET_NAME, "corten-zygote");
    for (; *cgroups != NULL; cgroups++) {
        int error = join_cgroup(*cgroups);
        if (error != 0) {
            say("cannot join cgroup", *cgroups, error);
            return 1;
        }
    }
    /* polled[0] is stdin, whose end is the daemon's death; [1] listens; then the connections. */
    struct pollfd polled[2 + MAX_DAEMONS] = {{.fd = 0, .events = POLLIN}};
    polled[1] = (struct pollfd){.fd = listen_at(socket_path), .events = POLLIN};
    if (polled[1].fd < 0) {
        say("cannot listen at", socket_path, errno);
        return 1;
    }
    nfds_t count = 2;
    if (write(1, "ready\n", 6) < 0)
        return 1;
    for (;;) {
        if (poll(polled, count, -1) < 0 && errno != EINTR)
            return 1;
        char byte;
        if (polled[0].revents != 0 && read(0, &byte, 1) <= 0) {
            unlink(socket_path);
            return 0;
        }
        for (nfds_t i = 2; i < count;) {
            if (polled[i].revents != 0 && !serve(polled[i].fd)) {
                close(polled[i].fd);
                polled[i] = polled[--count];
            } else {
                i++;
            }
        }
        if (polled[1].revents != 0) {
            int fd = accept4(polled[1].fd, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0 && count < 2 + MAX_DAEMONS)
                polled[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
            else
                close_fd(&fd);
        }
    }
}
