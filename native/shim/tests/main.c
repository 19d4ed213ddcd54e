/* shim-test SHIM [all|fuzz|speed [PART_OF_NAME]]: runs the tests against a built shim. */
#include "harness.h"

#include <dirent.h>

const char *shim_path;
bool sanitized;
char scratch[64];
int scratch_fd = -1;

static int passed, failed;
static const char *wanted = ""; /* part of the names of the tests to run */

static void remove_tree(int parent, const char *name) {
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            unlinkat(fd, e->d_name, 0) < 0)
            remove_tree(fd, e->d_name);
    }
    if (d != NULL)
        closedir(d);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static int open_descriptors(void) {
    int count = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

static void run(const struct test *tests) {
    for (; tests->name != NULL; tests++) {
        if (strstr(tests->name, wanted) == NULL)
            continue;
        strcpy(scratch, "/tmp/corten-shim-test.XXXXXX");
        if (mkdtemp(scratch) == NULL)
            abort();
        scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        failures = 0;
        int before = open_descriptors();
        double begin = seconds();
        tests->run();
        for (size_t i = 0; i < reply.fd_count; i++)
            close(reply.fds[i]);
        reply.fd_count = 0;
        CHECK_INT(open_descriptors(), before);
        /* Whatever a test starts must be gone with it: this process is the subreaper. */
        pid_t left;
        while ((left = waitpid(-1, NULL, WNOHANG)) > 0)
            fail(__FILE__, __LINE__, "process %d was left to be reaped", left);
        close(scratch_fd);
        remove_tree(AT_FDCWD, scratch);
        printf("%s %s (%.0f ms)\n", failures == 0 ? "ok    " : "FAILED", tests->name,
               (seconds() - begin) * 1000);
        fflush(stdout);
        if (failures == 0)
            passed++;
        else
            failed++;
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "produce") == 0)
        return produce(strtoul(argv[2], NULL, 10));
    if (argc < 2 || geteuid() != 0) {
        fprintf(stderr, "usage (as root): shim-test SHIM [all|fuzz|speed [PART_OF_NAME]]\n");
        return 2;
    }
    shim_path = argv[1];
    sanitized = strstr(shim_path, "asan") != NULL;
    const char *which = argc > 2 ? argv[2] : "all";
    wanted = argc > 3 ? argv[3] : "";
    signal(SIGPIPE, SIG_IGN);
    char reports[100];
    snprintf(reports, sizeof reports, "/tmp/corten-shim-asan-%d", getpid());
    char options[200];
    snprintf(options, sizeof options, "log_path=%s/r:detect_leaks=0", reports);
    mkdir(reports, 0700);
    setenv("ASAN_OPTIONS", options, 1);
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
    setenv("UBSAN_OPTIONS", options, 1);
    zygote_begin();
    if (strcmp(which, "all") == 0) {
        run(log_tests);
        run(plan_tests);
        run(run_tests);
        run(stream_tests);
        run(exec_tests);
        run(life_tests);
        run(once_tests);
    }
    if (strcmp(which, "speed") != 0)
        run(fuzz_tests);
    if (strcmp(which, "fuzz") != 0)
        run(speed_tests);
    failures = 0;
    zygote_end();
    DIR *d = opendir(reports);
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        fail(__FILE__, __LINE__, "sanitizer report in %s", reports);
    }
    closedir(d);
    rmdir(reports); /* stays if there is something to read */
    if (failures > 0)
        failed++;
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
