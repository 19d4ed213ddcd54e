package dev.corten.runtime.command;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What `--preserve-fds` brings along: 3, 4, …, which were open before the JVM took numbers for
/// files of its own.
final class PreservedDescriptors {
    private PreservedDescriptors() {}

    static List<Fd> open(int count) throws IOException, Failure {
        var fds = new ArrayList<Fd>();
        for (int number = 3; number < 3 + count; number++) {
            if (!FileCalls.exists(Fd.CWD, "/proc/self/fd/" + number)) {
                throw new Failure(
                        "unable to preserve file descriptor " + number + ": it is not open");
            }
            fds.add(Fd.adopt(number).duplicate());
        }
        return fds;
    }
}
