package dev.corten.kernel.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.oci.Rlimit;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProcessTest {
    @Test
    void aProcessIsFoundSignalledAndAwaited() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "600").start();
        try (Pidfd process = Pidfd.open((int) sleeper.pid())) {
            ProcessIdentity identity = ProcessIdentity.of(process.pid()).orElseThrow();
            assertThat(identity.isAlive()).isTrue();
            assertThat(new ProcessIdentity(identity.bootId(), process.pid(), 1).isAlive())
                    .isFalse();
            try (Pidfd same = Pidfd.open(identity).orElseThrow()) {
                assertThat(same.awaitEnd(Duration.ofMillis(1))).isFalse();
                try (Fd stdin = same.descriptor(0)) {
                    assertThat(FileCalls.stat(stdin).type())
                            .isEqualTo(dev.corten.kernel.file.Stat.S_IFIFO);
                }
            }
            assertThat(process.tryReap()).isEmpty();
            assertThat(process.signal(Signals.SIGTERM)).isTrue();
            assertThat(process.awaitEnd(Duration.ofSeconds(10))).isTrue();
            assertThat(sleeper.waitFor()).isEqualTo(128 + 15);
            assertThat(process.signal(Signals.SIGTERM)).isFalse();
            assertThat(identity.isAlive()).isFalse();
            assertThat(Pidfd.open(identity)).isEmpty();
        } finally {
            sleeper.destroyForcibly();
        }
    }

    @Test
    void signalNamesAreParsedAsDockerDoes() {
        assertThat(Signals.parse("SIGTERM")).hasValue(15);
        assertThat(Signals.parse("term")).hasValue(15);
        assertThat(Signals.parse("9")).hasValue(9);
        assertThat(Signals.parse("SIGRTMIN+3")).hasValue(37);
        assertThat(Signals.parse("RTMAX-1")).hasValue(63);
        assertThat(Signals.parse("RTMIN+16")).isEqualTo(OptionalInt.empty());
        for (String bad : new String[] {"", "0", "SIG", "FOO", "-1", "RTMIN+", "99999999999"}) {
            assertThat(Signals.parse(bad)).as(bad).isEmpty();
        }
        for (int number = 1; number <= 64; number++) {
            if (number != 32 && number != 33) {
                assertThat(Signals.parse(Signals.name(number))).hasValue(number);
            }
        }
    }

    @Test
    void limitsAreReadAndSet() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "600").start();
        try {
            Rlimit.Resource files = Rlimits.find("nofile").orElseThrow();
            assertThat(Rlimits.find("RLIMIT_NOFILE")).contains(files);
            int pid = (int) sleeper.pid();
            Rlimits.set(pid, new Rlimit(files, 100, 200));
            assertThat(Rlimits.get(pid, files)).isEqualTo(new Rlimit(files, 100, 200));
        } finally {
            sleeper.destroyForcibly().waitFor();
        }
    }

    @Test
    void boundingSetIsRead() throws Exception {
        assertThat(Capabilities.bounding() & Capabilities.effective()).isNotZero();
    }

    @Test
    void terminalsAreSwitchedToRawAndBack() throws Exception {
        int flags = FileCalls.O_RDWR | FileCalls.O_NOCTTY;
        try (Fd master = FileCalls.open("/dev/ptmx", flags)) {
            int number = Terminal.unlockPty(master);
            try (Fd terminal = FileCalls.open("/dev/pts/" + number, flags)) {
                assertThat(Terminal.isTerminal(terminal)).isTrue();
                Terminal.resize(master, new Terminal.Size(41, 131));
                assertThat(Terminal.size(terminal)).contains(new Terminal.Size(41, 131));
                Terminal.Settings before = Terminal.raw(terminal);
                dev.corten.kernel.file.FileData.writeFully(master, new byte[] {'\r', 3});
                byte[] read = new byte[4];
                assertThat(dev.corten.kernel.file.FileData.read(terminal, read, 0, 4)).isEqualTo(2);
                assertThat(read).containsExactly('\r', 3, 0, 0);
                Terminal.restore(terminal, before);
                dev.corten.kernel.file.FileData.writeFully(master, new byte[] {'\r'});
                assertThat(dev.corten.kernel.file.FileData.read(terminal, read, 0, 4)).isEqualTo(1);
                assertThat(read[0]).isEqualTo((byte) '\n');
            }
        }
        try (Fd none = FileCalls.open("/dev/null", FileCalls.O_RDWR)) {
            assertThat(Terminal.isTerminal(none)).isFalse();
            assertThat(Terminal.size(none)).isEmpty();
        }
    }
}
