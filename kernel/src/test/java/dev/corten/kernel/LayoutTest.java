package dev.corten.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Structure layouts, constants and system call numbers, as the C compiler of this machine has
/// them.
class LayoutTest {
    @TempDir Path directory;

    private static final String HEADERS =
            """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <stddef.h>
            #include <fcntl.h>
            #include <poll.h>
            #include <sys/epoll.h>
            #include <dirent.h>
            #include <signal.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            #include <netinet/in.h>
            #include <sys/statfs.h>
            #include <sys/wait.h>
            #include <sys/syscall.h>
            #include <sys/ioctl.h>
            #include <linux/stat.h>
            #include <linux/mount.h>
            #include <linux/openat2.h>
            #include <linux/bpf.h>
            #include <asm/termbits.h>
            #define CHECK(e) printf("%s\\t%ld\\n", #e, (long)(e));
            int main(void) {
            """;

    @Test
    void structuresAreAsTheCompilerHasThem() throws Exception {
        var expected = new LinkedHashMap<String, Long>();
        expected.put("sizeof(struct statx)", 256L);
        expected.put("offsetof(struct statx, stx_attributes)", 8L);
        expected.put("offsetof(struct statx, stx_nlink)", 16L);
        expected.put("offsetof(struct statx, stx_uid)", 20L);
        expected.put("offsetof(struct statx, stx_gid)", 24L);
        expected.put("offsetof(struct statx, stx_mode)", 28L);
        expected.put("offsetof(struct statx, stx_ino)", 32L);
        expected.put("offsetof(struct statx, stx_size)", 40L);
        expected.put("offsetof(struct statx, stx_blocks)", 48L);
        expected.put("offsetof(struct statx, stx_atime)", 64L);
        expected.put("offsetof(struct statx, stx_atime.tv_nsec)", 72L);
        expected.put("offsetof(struct statx, stx_ctime)", 96L);
        expected.put("offsetof(struct statx, stx_mtime)", 112L);
        expected.put("offsetof(struct statx, stx_rdev_major)", 128L);
        expected.put("offsetof(struct statx, stx_dev_major)", 136L);
        expected.put("offsetof(struct statx, stx_mnt_id)", 144L);
        expected.put("sizeof(struct open_how)", 24L);
        expected.put("sizeof(struct pollfd)", 8L);
        expected.put("offsetof(struct pollfd, revents)", 6L);
        expected.put("offsetof(struct dirent64, d_reclen)", 16L);
        expected.put("offsetof(struct dirent64, d_type)", 18L);
        expected.put("offsetof(struct dirent64, d_name)", 19L);
        expected.put("sizeof(struct statfs)", 120L);
        expected.put("offsetof(struct statfs, f_bsize)", 8L);
        expected.put("offsetof(struct statfs, f_bavail)", 32L);
        expected.put("offsetof(struct statfs, f_namelen)", 64L);
        expected.put("offsetof(struct statfs, f_flags)", 80L);
        expected.put("sizeof(struct sockaddr_un)", 110L);
        expected.put("sizeof(struct sockaddr_in)", 16L);
        expected.put("sizeof(struct sockaddr_in6)", 28L);
        expected.put("offsetof(struct sockaddr_in6, sin6_addr)", 8L);
        expected.put("sizeof(struct msghdr)", 56L);
        expected.put("offsetof(struct msghdr, msg_iov)", 16L);
        expected.put("offsetof(struct msghdr, msg_control)", 32L);
        expected.put("offsetof(struct msghdr, msg_controllen)", 40L);
        expected.put("offsetof(struct msghdr, msg_flags)", 48L);
        expected.put("sizeof(struct cmsghdr)", 16L);
        expected.put("offsetof(struct sockaddr_in, sin_addr)", 4L);
        expected.put("sizeof(struct in_pktinfo)", 12L);
        expected.put("offsetof(struct in_pktinfo, ipi_spec_dst)", 4L);
        expected.put("sizeof(struct in6_pktinfo)", 20L);
        expected.put("offsetof(struct in6_pktinfo, ipi6_ifindex)", 16L);
        boolean packed = Architecture.current() == Architecture.X86_64;
        expected.put("sizeof(struct epoll_event)", packed ? 12L : 16L);
        expected.put("offsetof(struct epoll_event, data)", packed ? 4L : 8L);
        expected.put("sizeof(struct ucred)", 12L);
        expected.put("sizeof(struct mount_attr)", 32L);
        expected.put("offsetof(struct mount_attr, userns_fd)", 24L);
        expected.put("sizeof(siginfo_t)", 128L);
        expected.put("offsetof(siginfo_t, si_code)", 8L);
        expected.put("offsetof(siginfo_t, si_pid)", 16L);
        expected.put("offsetof(siginfo_t, si_status)", 24L);
        expected.put("sizeof(struct termios)", 36L);
        expected.put("offsetof(struct termios, c_cc)", 17L);
        expected.put("VMIN", 6L);
        expected.put("VTIME", 5L);
        expected.put("sizeof(struct winsize)", 8L);
        expected.put("sizeof(struct bpf_cgroup_dev_ctx)", 12L);
        expected.put("offsetof(union bpf_attr, license)", 16L);
        expected.put("offsetof(union bpf_attr, query.prog_ids)", 16L);
        expected.put("offsetof(union bpf_attr, query.prog_cnt)", 24L);
        expected.put("O_DIRECTORY", (long) dev.corten.kernel.file.FileCalls.O_DIRECTORY);
        expected.put("O_NOFOLLOW", (long) dev.corten.kernel.file.FileCalls.O_NOFOLLOW);
        expected.put("O_DIRECT", (long) dev.corten.kernel.file.FileCalls.O_DIRECT);
        expected.put("O_PATH", (long) dev.corten.kernel.file.FileCalls.O_PATH);
        expected.put("O_TMPFILE", (long) dev.corten.kernel.file.FileCalls.O_TMPFILE);
        expected.put("O_CLOEXEC", (long) dev.corten.kernel.file.FileCalls.O_CLOEXEC);

        assertThat(compiled(expected.keySet(), "")).isEqualTo(expected);
    }

    @Test
    void callNumbersAreAsTheHeadersHaveThem() throws Exception {
        var expected = new LinkedHashMap<String, Long>();
        for (Syscall call : Syscall.values()) {
            expected.put("SYS_" + call.callName(), (long) call.number());
        }
        // Calls that the headers of this machine are too old for are left out by #ifdef.
        Map<String, Long> compiled = compiled(expected.keySet(), "ifdef");
        assertThat(compiled.size()).isGreaterThan(150);
        expected.keySet().retainAll(compiled.keySet());
        assertThat(compiled).isEqualTo(expected);
    }

    private Map<String, Long> compiled(Iterable<String> expressions, String guard)
            throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "no gcc to compare layouts with");
        var source = new StringBuilder(HEADERS);
        for (String expression : expressions) {
            if (guard.isEmpty()) {
                source.append("CHECK(").append(expression).append(")\n");
            } else {
                // # would expand the macro's argument: print the name and the value apart.
                source.append("#ifdef ").append(expression).append("\nprintf(\"");
                source.append(expression).append("\\t%ld\\n\", (long)(");
                source.append(expression).append("));\n#endif\n");
            }
        }
        source.append("return 0; }\n");
        Path c = directory.resolve("layout.c");
        Path program = directory.resolve("layout");
        Files.writeString(c, source);
        run("gcc", "-w", "-o", program.toString(), c.toString());
        var values = new LinkedHashMap<String, Long>();
        for (String line : run(program.toString()).split("\n", -1)) {
            int tab = line.indexOf('\t');
            if (tab > 0) {
                values.put(line.substring(0, tab), Long.parseLong(line.substring(tab + 1)));
            }
        }
        return values;
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended && process.exitValue() == 0).as(text).isTrue();
        return text;
    }
}
