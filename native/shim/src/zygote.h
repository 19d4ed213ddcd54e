/* The zygote forks one monitor for each container: no exec, no JVM start, shared pages. */
#ifndef CORTEN_ZYGOTE_H
#define CORTEN_ZYGOTE_H

/* `corten-shim zygote SOCKET_PATH [CGROUP_DIR...]`: serves until stdin ends; returns the exit
 * status. */
int zygote_run(char **argv);

/* What a program needs that containers come from: a copy of itself that nobody can write, and
 * signals as the kernel has them. */
void run_from_sealed_copy(char **argv);
void reset_signals(void);

#endif
