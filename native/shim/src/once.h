/* One process without a monitor: what an OCI runtime's `create` and `exec` make. */
#ifndef CORTEN_ONCE_H
#define CORTEN_ONCE_H

int once_run(char **argv);

#endif
