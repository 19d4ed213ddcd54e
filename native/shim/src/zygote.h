/* The zygote forks one monitor for each container: no exec, no JVM start, shared pages. */
#ifndef CORTEN_ZYGOTE_H
#define CORTEN_ZYGOTE_H

/* `corten-shim zygote SOCKET_PATH [CGROUP_DIR...]`: serves until stdin ends; returns the exit
 * status. */
int zygote_run(char **argv);

#endif
