/* What `ps` shows of a process: its name, and the arguments that it was started with. */
#ifndef CORTEN_TITLE_H
#define CORTEN_TITLE_H

/* For set_process_title, which overwrites them. */
void remember_arguments(int argc, char **argv);
void set_process_title(const char *name, const char *id);

#endif
