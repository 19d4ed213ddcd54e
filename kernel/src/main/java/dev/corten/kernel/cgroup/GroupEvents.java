package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Poll;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// What the kernel tells of a group of version 2 in `cgroup.events`.
final class GroupEvents {
    /// Version 1 tells nobody when a group is frozen or empty: how long to wait between looks.
    private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

    private GroupEvents() {}

    static boolean has(String directory, String event) throws IOException {
        return Cgroup.find(directory + "/cgroup.events").orElse("").contains(event + "\n");
    }

    /// Waits for a line in `cgroup.events`; a group that is gone has none and counts as reached.
    static boolean await(String directory, String event, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        Optional<Fd> opened =
                FileCalls.find(Fd.CWD, directory + "/cgroup.events", FileCalls.O_RDONLY);
        if (opened.isEmpty()) {
            return true;
        }
        try (Fd events = opened.get()) {
            byte[] buffer = new byte[256];
            while (true) {
                int n;
                try {
                    n = FileData.pread(events, buffer, 0, buffer.length, 0);
                } catch (Errno e) {
                    if (e.is(Errno.ENODEV)) {
                        return true;
                    }
                    throw e;
                }
                String text = new String(buffer, 0, Math.max(0, n), StandardCharsets.US_ASCII);
                if (text.contains(event + "\n")) {
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0 || !Poll.await(events, Poll.PRI, Duration.ofNanos(left))) {
                    return false;
                }
            }
        }
    }

    /// A wait that the kernel offers no event for.
    static void lookAgain() throws Errno {
        Poll.poll(new Fd[0], new int[0], LOOK_AGAIN);
    }
}
