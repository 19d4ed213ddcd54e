/*
 * The program of the hello-world image that ships with Corten.
 *
 * It has no libc: the image is one file of a few kilobytes, and it runs on any kernel. All it needs
 * are write(2) and exit(2).
 */

static const char greeting[] =
    "\n"
    "Hello from Corten! This text was printed inside a container, so the engine works.\n"
    "\n"
    "What has just happened:\n"
    "  1. The client asked the daemon, over its socket, for a container of `hello-world`.\n"
    "  2. The daemon took the image from the copy that ships with Corten if it was not there yet.\n"
    "  3. It assembled a file system, namespaces and a cgroup, and a small monitor process\n"
    "     started this program in them.\n"
    "  4. What you read went from here to your terminal; the monitor handed it over, and it would\n"
    "     have done so even without the daemon.\n"
    "\n"
    "What to try next:\n"
    "  corten images                        what is in the store\n"
    "  corten load -i image.tar             take an image that `docker save` made\n"
    "  corten run -it --rm IMAGE sh         a shell inside a container\n"
    "  corten help                          everything else\n"
    "\n";

#if defined(__x86_64__)

enum { SYS_WRITE = 1, SYS_EXIT_GROUP = 231 };

static long call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

enum { SYS_WRITE = 64, SYS_EXIT_GROUP = 94 };

static long call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}

#else
#error "hello-world: no system calls for this architecture yet"
#endif

enum { EINTR_ = 4, STDOUT = 1 };

__attribute__((noreturn)) void _start(void) {
    const char *at = greeting;
    long left = sizeof greeting - 1;
    int status = 0;
    while (left > 0) {
        long n = call(SYS_WRITE, STDOUT, (long) at, left);
        if (n == -EINTR_) {
            continue;
        }
        if (n <= 0) {
            status = 1; /* nobody reads: say so by the exit code, there is no other way */
            break;
        }
        at += n;
        left -= n;
    }
    for (;;) {
        call(SYS_EXIT_GROUP, status, 0, 0);
    }
}
