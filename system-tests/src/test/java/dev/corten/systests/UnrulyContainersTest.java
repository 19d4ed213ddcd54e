package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers that do their worst: no other command waits for them, and they can be removed.
@ExtendWith(PrivateEngine.class)
class UnrulyContainersTest {
    /// Mounts a file system that it never answers for, and has a child that waits for it for ever.
    private static final String FROZEN =
            """
            #include <fcntl.h>
            #include <stdio.h>
            #include <sys/mount.h>
            #include <sys/stat.h>
            #include <unistd.h>
            int main(void) {
                char options[100];
                int fd = open("/dev/fuse", O_RDWR);
                if (fd < 0) return perror("/dev/fuse"), 1;
                snprintf(options, sizeof options,
                         "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
                mkdir("/frozen", 0755);
                if (mount("frozen", "/frozen", "fuse", 0, options) != 0) return perror("mount"), 1;
                puts("frozen");
                fflush(stdout);
                if (fork() == 0) open("/frozen/file", O_RDONLY);
                for (;;) pause();
            }
            """;

    @Test
    void floodOfOutputDelaysNobody(Client docker) {
        docker.ok("run", "-d", "--name", "flood", "busybox", "yes", "0123456789012345678901234567");
        othersAreServed(docker);
        assertThat(docker.ok("logs", "--tail", "1", "flood")).startsWith("01234567890123");
        docker.ok("stop", "-t", "0", "flood");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "flood")).isEqualTo("exited");
    }

    @Test
    @Shows("RES-08")
    void forksWithoutEndStayInTheContainer(Engine engine, Client docker) {
        CProgram.load(engine, "bomb", "#include <unistd.h>\nint main(void) { for (;;) fork(); }\n");
        docker.ok("run", "-d", "--name", "bomb", "--pids-limit", "40", "bomb", "bomb");
        Eventually.get(
                "it has all that it may have",
                () -> docker.ok("top", "bomb").lines().count(),
                lines -> lines == 41);
        othersAreServed(docker);
        docker.ok("rm", "-f", "bomb");
        assertThat(docker.ok("ps", "-a", "-q")).isEmpty();
        docker.ok("rmi", "bomb");
    }

    @Test
    @Shows({"CTR-14", "CTR-15"})
    void whoIgnoresSigtermIsKilled(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "deaf",
                "busybox",
                "sh",
                "-c",
                "trap '' TERM; echo deaf; while :; do sleep 1; done");
        Eventually.get("it is deaf", () -> docker.ok("logs", "deaf"), "deaf"::equals);
        try (Running stop = docker.start("stop", "-t", "1", "deaf")) {
            othersAreServed(docker);
            assertThat(stop.await().ok()).isEqualTo("deaf");
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "deaf")).isEqualTo("137");
    }

    @Test
    void frozenFileSystemIsTheContainersOwnTrouble(Engine engine, Client docker) {
        CProgram.load(engine, "frozen", FROZEN);
        docker.ok(
                "run",
                "-d",
                "--name",
                "frozen",
                "--device",
                "/dev/fuse",
                "--cap-add",
                "SYS_ADMIN",
                "frozen",
                "frozen");
        Eventually.get("it is mounted", () -> docker.ok("logs", "frozen"), "frozen"::equals);
        try (Running stuck = docker.start("exec", "-w", "/frozen", "frozen", "true")) {
            othersAreServed(docker);
            assertThat(docker.ok("exec", "frozen", "echo", "in")).isEqualTo("in");
            assertThat(docker.ok("top", "frozen")).contains("frozen");
            assertThat(docker.ok("diff", "frozen")).contains("A /frozen");
            assertThat(docker.ok("inspect", "-s", "-f", "{{.State.Status}}", "frozen"))
                    .isEqualTo("running");
            assertThat(stuck.isAlive()).as("who asks for it waits").isTrue();
            docker.ok("rm", "-f", "frozen");
            assertThat(stuck.await().status()).isNotZero();
        }
        docker.ok("rmi", "frozen");
    }

    /// Its command line lies in memory that nobody fills.
    private static final String UNREADABLE =
            """
            #include <fcntl.h>
            #include <linux/userfaultfd.h>
            #include <pthread.h>
            #include <stdio.h>
            #include <sys/ioctl.h>
            #include <sys/mman.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static void *take(void *argument) {
                unsigned long page = (unsigned long)argument & ~4095UL;
                int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
                struct uffdio_api api = {.api = UFFD_API};
                struct uffdio_register all = {.range = {page, 4096},
                                              .mode = UFFDIO_REGISTER_MODE_MISSING};
                if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0 ||
                    ioctl(fd, UFFDIO_REGISTER, &all) != 0 ||
                    madvise((void *)page, 4096, MADV_DONTNEED) != 0)
                    perror("userfaultfd"), _exit(1);
                puts("unreadable");
                fflush(stdout);
                for (;;) pause();
            }
            int main(int argc, char **argv) {
                pthread_t other;
                (void)argc;
                if (pthread_create(&other, NULL, take, argv[0]) != 0) return 1;
                for (;;) pause();
            }
            """;

    @Test
    @Shows("CTR-37")
    void nobodyElseWaitsForACommandLineThatCannotBeRead(Engine engine, Client docker) {
        CProgram.load(engine, "unreadable", UNREADABLE);
        docker.ok("run", "-d", "--name", "u1", "--privileged", "unreadable", "unreadable");
        Eventually.get("it has begun", () -> docker.ok("logs", "u1"), "unreadable"::equals);
        // More than there are processors.
        var asking = new ArrayList<Running>();
        try {
            for (int i = 0; i < 6; i++) {
                asking.add(docker.start("top", "u1"));
            }
            othersAreServed(docker);
            docker.ok("rm", "-f", "u1");
            for (Running top : asking) {
                assertThat(top.await().out() + top.await().err()).isNotEmpty();
            }
        } finally {
            asking.forEach(Running::close);
        }
        docker.ok("rmi", "unreadable");
    }

    /// It is attached and does not read.
    @Test
    void slowClientHoldsUpNobodyElse(Engine engine, Api api, Client docker) throws IOException {
        int bytes = 20_000_000;
        docker.ok(
                "create",
                "-i",
                "--name",
                "c1",
                "busybox",
                "sh",
                "-c",
                "read x; yes 0123456789012345678 | head -c " + bytes + "; echo; echo end >&2");
        String path = "/containers/c1/attach?stream=1&stdin=1&stdout=1&stderr=1";
        try (SocketChannel slow = SocketChannel.open(StandardProtocolFamily.UNIX);
                var fast = api.hijack(path, "")) {
            slow.connect(UnixDomainSocketAddress.of(engine.socket()));
            slow.write(
                    ByteBuffer.wrap(
                            ("POST "
                                            + path
                                            + " HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\n"
                                            + "Upgrade: tcp\r\nContent-Length: 0\r\n\r\n")
                                    .getBytes(UTF_8)));
            var head = ByteBuffer.allocate(12);
            while (head.hasRemaining() && slow.read(head) >= 0) {
                // Only the first bytes of the answer: it is attached.
            }
            assertThat(new String(head.array(), UTF_8)).isEqualTo("HTTP/1.1 101");
            docker.ok("start", "c1");
            fast.send("go\n");
            byte[] all = fast.awaitPayload("the end", text -> text.endsWith("end\n"));
            assertThat(all).hasSize(bytes + 1 + "end\n".length());
            assertThat(docker.ok("wait", "c1")).isEqualTo("0");
        } catch (UncheckedIOException e) {
            throw new AssertionError(e);
        }
    }

    private static void othersAreServed(Client docker) {
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "other")).isEqualTo("other");
        assertThat(docker.ok("ps", "--format", "{{.State}}")).contains("running");
        assertThat(docker.ok("images", "-q")).isNotEmpty();
    }
}
