package dev.corten.build.file;

import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// `COPY`, `ADD` and `WORKDIR`, on trees.
///
/// Both trees are given by descriptors of their roots, open for reading. Nothing outside of them is
/// read or changed, whatever is in them: a path of the request is resolved in its root, and
/// everything else goes by one name at a time, never through a link.
public final class FileCopy {
    private FileCopy() {}

    /// The digest of all that [#copy] reads: two sources that agree in it make the same change. The
    /// destination of the request does not matter.
    ///
    /// @param known digests that need not be found out again
    /// @throws MissingSource if something is not there
    /// @throws dev.corten.model.InvalidParameter if the request is wrong
    public static Digest selection(Fd source, CopyRequest request, Known known) throws IOException {
        var fingerprint = new Fingerprint(source, request, known);
        for (Match match : Selection.of(source, request)) {
            fingerprint.add(match);
        }
        return fingerprint.finish();
    }

    /// What sources come to.
    public enum Named {
        FILE,
        DIRECTORY,
        SEVERAL
    }

    /// What the sources of a request come to, wildcards resolved.
    ///
    /// @throws MissingSource if something is not there
    public static Named named(Fd source, CopyRequest request) throws IOException {
        List<Match> matches = Selection.of(source, request);
        if (matches.size() != 1) {
            return Named.SEVERAL;
        }
        return matches.getFirst().stat().isDirectory() ? Named.DIRECTORY : Named.FILE;
    }

    /// Lists the files and links that [#copy] reads.
    ///
    /// @param most of them; of more none is listed
    /// @return what differs if a file does, by its path from the root of the source
    public static SortedMap<PathBytes, String> list(
            Fd source, CopyRequest request, Known known, int most) throws IOException {
        var files = new TreeMap<PathBytes, String>();
        var fingerprint =
                new Fingerprint(
                        source,
                        request,
                        known,
                        (path, state) -> {
                            if (files.size() <= most) {
                                files.put(path, state);
                            }
                        });
        for (Match match : Selection.of(source, request)) {
            fingerprint.add(match);
        }
        if (files.size() > most) {
            files.clear();
        }
        return files;
    }

    /// Copies.
    ///
    /// @throws MissingSource if something is not there
    /// @throws dev.corten.model.InvalidParameter if the request is wrong, or what is in its way in
    ///     the destination does not let it
    /// @throws java.io.InterruptedIOException if the thread is interrupted
    public static void copy(Fd source, Fd destination, CopyRequest request) throws IOException {
        try (var shared = new SharedFiles()) {
            copy(source, destination, unshared(request), Known.NOTHING, shared);
        }
    }

    private static CopyRequest unshared(CopyRequest request) {
        return request.linkable() ? request.withLinkable(false) : request;
    }

    /// Copies, and leaves large files to [SharedFiles#settle] if the request lets it.
    ///
    /// @param known digests of files of the source
    /// @param shared gets those of the copies, and what is left
    public static void copy(
            Fd source, Fd destination, CopyRequest request, Known known, SharedFiles shared)
            throws IOException {
        try (var placement = new Placement(destination, request, known, shared)) {
            for (Match match : Selection.of(source, request)) {
                placement.add(source, match);
            }
        }
    }

    /// Writes files of the Dockerfile, mode 0644. Sources of the request are not looked at.
    public static void write(Fd destination, CopyRequest request, List<InlineFile> files)
            throws IOException {
        try (var shared = new SharedFiles()) {
            write(destination, request, files, shared);
        }
    }

    /// @param shared what has been left so far in the same layer
    public static void write(
            Fd destination, CopyRequest request, List<InlineFile> files, SharedFiles shared)
            throws IOException {
        try (var placement = new Placement(destination, request, Known.NOTHING, shared)) {
            for (InlineFile file : files) {
                placement.write(file);
            }
        }
    }

    /// Copies a file that was downloaded, or unpacks it if the request says so. Its sources are not
    /// looked at.
    ///
    /// @param file a regular file, open for reading
    /// @param name that it gets in a directory
    /// @param modified what its server says
    public static void download(
            Fd file, String name, Optional<Instant> modified, Fd destination, CopyRequest request)
            throws IOException {
        try (var shared = new SharedFiles();
                var placement = new Placement(destination, request, Known.NOTHING, shared)) {
            placement.download(file, name, modified);
        }
    }

    /// Makes a working directory, with all that leads to it. What exists stays as it is.
    ///
    /// @param path absolute
    /// @param owner of what is made, `""` or `user[:group]`
    public static void makeDirectory(
            Fd destination, String path, String owner, Optional<Instant> time) throws IOException {
        var request =
                new CopyRequest(
                        CopyRequest.Rules.BUILDKIT,
                        List.of(),
                        path + "/",
                        owner,
                        "",
                        false,
                        List.of(),
                        false,
                        false,
                        time,
                        false);
        try (var shared = new SharedFiles();
                var placement = new Placement(destination, request, Known.NOTHING, shared)) {
            placement.makeDirectory();
        }
    }
}
