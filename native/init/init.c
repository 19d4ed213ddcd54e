/* The first process of a container with --init: runs the command, hands signals on to it, reaps
 * whatever the container leaves behind, and ends as the command has ended.
 *
 *     docker-init -- COMMAND [ARG...]
 *
 * Its name, its arguments and its words are those of the program that Docker uses (tini). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_COMMAND = 1, NOT_EXECUTABLE = 126, NOT_FOUND = 127 };

/* These mean a fault of this program itself, or job control of its own; they are not handed on. */
static const int kept_signals[] = {SIGFPE,  SIGILL, SIGSEGV, SIGBUS, SIGABRT,
                                   SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};

static _Noreturn void serve(pid_t command, const sigset_t *signals) {
    for (;;) {
        siginfo_t info;
        if (sigwaitinfo(signals, &info) < 0)
            continue;
        if (info.si_signo != SIGCHLD) {
            kill(command, info.si_signo);
            continue;
        }
        int status;
        pid_t dead;
        while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
            if (dead == command)
                _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
}

static _Noreturn void run(char **command, const sigset_t *signals) {
    /* A group of its own: ^C of the terminal would otherwise arrive twice, directly and handed on.
     * SIGTTOU is ignored while a background group claims the foreground. */
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    signal(SIGTTOU, SIG_DFL);
    sigprocmask(SIG_SETMASK, signals, NULL);
    execvp(command[0], command);
    int error = errno;
    fprintf(stderr, "[FATAL tini (%d)] exec %s failed: %s\n", (int)getpid(), command[0],
            strerror(error));
    _exit(error == ENOENT ? NOT_FOUND : error == EACCES ? NOT_EXECUTABLE : NO_COMMAND);
}

int main(int argc, char **argv) {
    char **command = argv + 1;
    if (argc > 1 && strcmp(argv[1], "--") == 0)
        command++;
    if (argc < 2 || *command == NULL) {
        fprintf(stderr, "usage: docker-init -- COMMAND [ARG...]\n");
        return NO_COMMAND;
    }
    if (getpid() != 1)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t handed_on, before;
    sigfillset(&handed_on);
    for (size_t i = 0; i < sizeof kept_signals / sizeof *kept_signals; i++)
        sigdelset(&handed_on, kept_signals[i]);
    /* Blocked signals reach the first process of a namespace even though it has no handlers. */
    sigprocmask(SIG_SETMASK, &handed_on, &before);
    pid_t child = fork();
    if (child == 0)
        run(command, &before);
    if (child < 0) {
        fprintf(stderr, "[FATAL tini (%d)] fork failed: %s\n", (int)getpid(), strerror(errno));
        return NO_COMMAND;
    }
    serve(child, &handed_on);
}
