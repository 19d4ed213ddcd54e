/* What systemd does for a service with a socket and a notification: listens on a unix socket and on
 * TCP, hands both over, and writes down what the service tells.
 *
 *   activate SOCKET NOTES PROGRAM ARGUMENTS... */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <signal.h>
#include <unistd.h>

static void check(int result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(99);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_un path = {.sun_family = AF_UNIX}, notify = {.sun_family = AF_UNIX};
    struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof tcp;
    char text[4096], name[64];
    if (argc < 4) return 98;
    int notes = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
    check(notes, argv[2]);

    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    strncpy(path.sun_path, argv[1], sizeof path.sun_path - 1);
    check(bind(listener, (struct sockaddr *)&path, sizeof path), "bind");
    check(listen(listener, 16), "listen");
    int second = socket(AF_INET, SOCK_STREAM, 0);
    check(bind(second, (struct sockaddr *)&tcp, sizeof tcp), "bind tcp");
    check(listen(second, 16), "listen tcp");
    check(getsockname(second, (struct sockaddr *)&tcp, &length), "getsockname");
    dprintf(notes, "port %d\n", ntohs(tcp.sin_port));

    /* An abstract name: its first byte is NUL, and it is written with an @. */
    int told = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(name, sizeof name, "@corten-activate-%d", getpid());
    memcpy(notify.sun_path, name, strlen(name));
    notify.sun_path[0] = 0;
    check(bind(told, (struct sockaddr *)&notify,
               (socklen_t)(sizeof(sa_family_t) + strlen(name))), "bind notify");

    pid_t parent = getpid();
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(0);
        close(listener);
        close(second);
        /* Whoever looks for the engine's processes by their arguments is not to find this one. */
        for (int i = 1; i < argc; i++) memset(argv[i], 0, strlen(argv[i]));
        for (ssize_t n; (n = recv(told, text, sizeof text - 1, 0)) > 0;) {
            text[n] = 0;
            dprintf(notes, "%s\n", text);
        }
        _exit(0);
    }
    close(told);
    close(notes);
    /* Out of the way first, should one of them be 3 or 4. */
    check(dup2(listener, 10), "dup2");
    check(dup2(second, 11), "dup2");
    check(dup2(10, 3), "dup2");
    check(dup2(11, 4), "dup2");
    closefrom(5);
    snprintf(text, sizeof text, "%d", getpid());
    setenv("LISTEN_PID", text, 1);
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_FDNAMES", "api:remote", 1);
    setenv("NOTIFY_SOCKET", name, 1);
    execv(argv[3], argv + 3);
    perror(argv[3]);
    return 97;
}
