package dev.corten.kernel.seccomp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The first two numbers of a kernel's release.
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    /// The running kernel's.
    public static KernelVersion host() {
        try {
            return parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of text such as `4.8` or `6.18.44-generic`.
    ///
    /// @throws NumberFormatException if it does not start with two numbers
    public static KernelVersion parse(String release) {
        int dot = release.indexOf('.');
        int end = dot + 1;
        while (end < release.length() && Character.isDigit(release.charAt(end))) {
            end++;
        }
        if (dot < 1) {
            throw new NumberFormatException("not a kernel version: " + release);
        }
        return new KernelVersion(
                Integer.parseInt(release, 0, dot, 10), Integer.parseInt(release, dot + 1, end, 10));
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major != other.major
                ? Integer.compare(major, other.major)
                : Integer.compare(minor, other.minor);
    }
}
