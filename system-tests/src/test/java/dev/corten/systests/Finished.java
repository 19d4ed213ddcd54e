package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/// How a program ended.
record Finished(List<String> command, int status, byte[] outBytes, byte[] errBytes) {
    String out() {
        return new String(outBytes, UTF_8);
    }

    String err() {
        return new String(errBytes, UTF_8);
    }

    List<String> lines() {
        return out().lines().toList();
    }

    /// Its output without the last line's end, if it succeeded.
    String ok() {
        if (status != 0) {
            throw new AssertionError("it failed: " + this);
        }
        return out().strip();
    }

    @Override
    public String toString() {
        return String.join(" ", command)
                + " -> "
                + status
                + "\nstdout: "
                + out()
                + "\nstderr: "
                + err();
    }
}
