#include "title.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static char *arguments;
static size_t arguments_size;

void remember_arguments(int argc, char **argv) {
    arguments = argv[0];
    arguments_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
}

void set_process_title(const char *name, const char *id) {
    prctl(PR_SET_NAME, name);
    memset(arguments, 0, arguments_size);
    snprintf(arguments, arguments_size - 1, "%s %s", name, id);
}
