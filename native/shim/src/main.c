/* corten-shim: starts containers and stays with them. See docs/formats/shim-protocol.md. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "once.h"
#include "title.h"
#include "wire.h"
#include "zygote.h"

static const char usage[] =
    "usage: corten-shim zygote SOCKET_PATH [CGROUP_DIR...]\n"
    "       corten-shim once SOCKET_PATH\n"
    "       corten-shim version\n";

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "zygote") == 0) {
        remember_arguments(argc, argv);
        return zygote_run(argv);
    }
    if (argc == 3 && strcmp(argv[1], "once") == 0)
        return once_run(argv);
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        _Static_assert(PROTOCOL_VERSION == 1, "say the new version here");
        return write(1, "corten-shim protocol 1\n", 23) == 23 ? 0 : 1;
    }
    return write(2, usage, sizeof usage - 1) < 0 ? 1 : 2;
}
