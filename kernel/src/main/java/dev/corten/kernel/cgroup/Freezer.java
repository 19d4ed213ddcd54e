package dev.corten.kernel.cgroup;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Stops the processes of a group and lets them go on, by the freezer of either version.
record Freezer(Cgroup group) {
    void freeze(Duration limit) throws IOException {
        if (!setFrozen(true, limit)) {
            setFrozen(false, limit);
            throw new IOException(
                    "cgroup " + group.path() + ": not frozen within " + limit.toMillis() + " ms");
        }
    }

    void thaw() throws IOException {
        setFrozen(false, Duration.ofSeconds(10));
    }

    boolean isFrozen() throws IOException {
        if (freezesByUnified()) {
            return GroupEvents.has(group.unifiedDirectory().orElseThrow(), "frozen 1");
        }
        return group.get("freezer", "freezer.state").orElse("").strip().equals("FROZEN");
    }

    /// Version 2's freezer is preferred where both exist: it tells when it is done, and what it
    /// stops can still be killed.
    private boolean freezesByUnified() throws IOException {
        Optional<String> unified = group.unifiedDirectory();
        return unified.isPresent() && FileCalls.exists(Fd.CWD, unified.get() + "/cgroup.freeze");
    }

    private boolean setFrozen(boolean frozen, Duration limit) throws IOException {
        if (freezesByUnified()) {
            String directory = group.unifiedDirectory().orElseThrow();
            Cgroup.write(directory + "/cgroup.freeze", frozen ? "1" : "0");
            return GroupEvents.await(directory, frozen ? "frozen 1" : "frozen 0", limit);
        }
        String state = frozen ? "FROZEN" : "THAWED";
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            group.set("freezer", "freezer.state", state);
            if (group.get("freezer", "freezer.state").orElse("").strip().equals(state)) {
                return true;
            }
            if (System.nanoTime() > deadline) {
                return false;
            }
            GroupEvents.lookAgain();
        }
    }
}
