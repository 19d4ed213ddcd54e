/* The tiny init (docker run --init): reaps, forwards signals, ends with the process's status. */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kernel.h"
#include "plan.h"
#include "zygote.h"

/* These mean a fault of init itself, or job control of its own; they are not forwarded. */
static const int kept_signals[] = {SIGFPE, SIGILL,  SIGSEGV, SIGBUS,
                                   SIGABRT, SIGTRAP, SIGSYS,  SIGTTIN, SIGTTOU};

static _Noreturn void serve(pid_t user, const sigset_t *signals) {
    /* Nothing of the monitor stays open here: the status channel above all, whose end says that
     * execve succeeded. */
    close_from(3, ~0u);
    /* The container reads the arguments of its first process; ours name paths of the host. */
    set_process_title("corten-init", "--");
    prctl(PR_SET_DUMPABLE, 0); /* this memory is a copy of the monitor's */
    if (getpid() != 1)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (;;) {
        siginfo_t info;
        if (sigwaitinfo(signals, &info) < 0)
            continue;
        if (info.si_signo != SIGCHLD) {
            kill(user, info.si_signo);
            continue;
        }
        int status;
        pid_t dead;
        while ((dead = waitpid(-1, &status, WNOHANG)) > 0) {
            if (dead == user)
                _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
        }
    }
}

int become_tiny_init(void) {
    sigset_t forwarded, before;
    sigfillset(&forwarded);
    for (size_t i = 0; i < sizeof kept_signals / sizeof *kept_signals; i++)
        sigdelset(&forwarded, kept_signals[i]);
    /* Blocked signals reach PID 1 of a namespace even though it has no handlers for them. */
    sigprocmask(SIG_SETMASK, &forwarded, &before);
    pid_t user = fork();
    if (user < 0) {
        int error = -errno;
        sigprocmask(SIG_SETMASK, &before, NULL);
        return error;
    }
    if (user > 0)
        serve(user, &forwarded);
    /* A group of its own: ^C of the terminal would otherwise arrive twice, directly and
     * forwarded. SIGTTOU is ignored while a background group claims the foreground. */
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(0, getpgrp());
    signal(SIGTTOU, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return 0;
}
