package dev.corten.cli.build.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.model.PathBytes;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LookAheadTest {
    private static List<DirectoryEntry> entries(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new DirectoryEntry(PathBytes.of("f" + i), i, 8))
                .toList();
    }

    /// What tells of which file it is.
    private static Look of(DirectoryEntry entry) {
        return new Look(null, entry.name().bytes());
    }

    @Test
    void eachEntryIsSeenAsItIs() throws Exception {
        var number = new AtomicInteger();
        try (var ahead =
                new LookAhead((directory, entry) -> {
                    number.incrementAndGet();
                    return of(entry);
                })) {
            for (int round = 0; round < 200; round++) {
                List<DirectoryEntry> entries = entries(1 + round);
                number.set(0);
                try (LookAhead.Ahead looks = ahead.begin(Fd.CWD, entries)) {
                    for (int i = 0; i < entries.size(); i++) {
                        assertThat(looks.look(i).attributes())
                                .isEqualTo(entries.get(i).name().bytes());
                    }
                }
                // The two may meet at one entry.
                assertThat(number.get()).isBetween(entries.size(), entries.size() + 1);
            }
        }
    }

    /// The descriptor of the directory is closed afterwards.
    @Test
    void nobodyLooksAfterTheEnd() throws Exception {
        var looking = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var within = new AtomicBoolean();
        List<DirectoryEntry> entries = entries(1000);
        try (var ahead =
                new LookAhead((directory, entry) -> {
                    within.set(true);
                    looking.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    within.set(false);
                    return of(entry);
                })) {
            LookAhead.Ahead looks = ahead.begin(Fd.CWD, entries);
            looking.await();
            Thread release = Thread.ofVirtual().start(goOn::countDown);
            looks.close();
            assertThat(within).isFalse();
            release.join();
        }
    }

    @Test
    void failureIsMetAtItsTurn() throws Exception {
        try (var ahead =
                        new LookAhead((directory, entry) -> {
                            if (entry.inode() == 99) {
                                throw new Errno(Errno.EIO, "statx", "f99");
                            }
                            return of(entry);
                        });
                LookAhead.Ahead looks = ahead.begin(Fd.CWD, entries(100))) {
            for (int i = 0; i < 99; i++) {
                assertThat(looks.look(i).attributes()).isNotEmpty();
            }
            assertThatThrownBy(() -> looks.look(99)).isInstanceOf(Errno.class);
        }
    }
}
