package dev.corten.cli.build;

import dev.corten.archive.Compression;
import dev.corten.archive.TarReader;
import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.InvalidParameter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Optional;

/// What is built: the Dockerfile and its context.
///
/// @param context the build context
/// @param dockerfile its bytes; empty if it lies in a remote context
/// @param name of the Dockerfile as errors show it
/// @param shown its path as the build checks show it
/// @param ignoreFile the bytes of the ignore file; empty if there is none
/// @param rules what it leaves out
/// @param input an archive that is the context
record Definition(
        Source context,
        Optional<byte[]> dockerfile,
        String name,
        String shown,
        Optional<byte[]> ignoreFile,
        IgnoreRules rules,
        InputStream input) {
    private static final int DOCKERFILE_MAX = 4 << 20;
    private static final int HEAD = 512;
    private static final String[] USUAL = {"Dockerfile", "dockerfile", "Containerfile"};

    /// @throws Failure in the words of buildx
    static Definition of(Invocation invocation) throws IOException {
        String context = invocation.arguments().getFirst();
        String file = invocation.flags().text("file");
        InputStream input = invocation.console().in();
        if (context.equals("-")) {
            if (file.equals("-")) {
                throw BuildFailures.of(
                        "invalid argument: can't use stdin for both build context and dockerfile");
            }
            return ofInput(input, file);
        }
        Source source = Source.parse(context);
        if (source instanceof Source.Directory directory) {
            return ofDirectory(directory, file, input);
        }
        Optional<byte[]> dockerfile = Optional.empty();
        if (file.equals("-")) {
            dockerfile = Optional.of(bounded(input, "-"));
        } else if (file.startsWith("/")) {
            dockerfile = Optional.of(read(file));
        }
        String name = file.isEmpty() || file.equals("-") ? USUAL[0] : file;
        return new Definition(
                source, dockerfile, name, name, Optional.empty(), IgnoreRules.NONE, input);
    }

    /// An archive, or the Dockerfile alone.
    private static Definition ofInput(InputStream input, String file) throws IOException {
        byte[] head = input.readNBytes(HEAD);
        boolean archive =
                TarReader.canBegin(head, head.length)
                        || Compression.detect(head, head.length) != Compression.NONE;
        var whole = new SequenceInputStream(new ByteArrayInputStream(head), input);
        String name = file.isEmpty() ? USUAL[0] : file;
        return archive
                ? new Definition(
                        new Source.Archive(),
                        Optional.empty(),
                        name,
                        name,
                        Optional.empty(),
                        IgnoreRules.NONE,
                        whole)
                : new Definition(
                        new Source.Nothing(),
                        Optional.of(bounded(whole, "-")),
                        USUAL[0],
                        "stdin",
                        Optional.empty(),
                        IgnoreRules.NONE,
                        input);
    }

    private static Definition ofDirectory(
            Source.Directory directory, String file, InputStream input) throws IOException {
        String folder = directory.path();
        String slash = folder.endsWith("/") ? "" : "/";
        byte[] dockerfile;
        String path;
        String name;
        if (file.equals("-")) {
            dockerfile = bounded(input, "-");
            path = "";
            name = USUAL[0];
        } else {
            path = file.isEmpty() ? folder + slash + usual(folder + slash) : file;
            name = path.substring(path.lastIndexOf('/') + 1);
            dockerfile = read(path, name);
        }
        Optional<byte[]> ignore = path.isEmpty() ? Optional.empty() : find(path + ".dockerignore");
        if (ignore.isEmpty()) {
            ignore = find(folder + slash + ".dockerignore");
        }
        IgnoreRules rules;
        try {
            rules = ignore.isEmpty() ? IgnoreRules.NONE : IgnoreRules.read(ignore.get());
        } catch (InvalidParameter e) {
            throw BuildFailures.of("failed to solve: failed parsing .dockerignore: " + e.message());
        }
        String shown = path.isEmpty() ? "stdin" : clean(path);
        return new Definition(
                directory, Optional.of(dockerfile), name, shown, ignore, rules, input);
    }

    private static String clean(String path) {
        return path.startsWith("./") ? path.substring(2) : path;
    }

    /// The first of the usual names that is there; without any, the first.
    private static String usual(String folder) {
        for (String name : USUAL) {
            if (FileCalls.isAccessible(Fd.CWD, folder + name, FileCalls.F_OK)) {
                return name;
            }
        }
        return USUAL[0];
    }

    private static byte[] read(String path) throws IOException {
        return read(path, path.substring(path.lastIndexOf('/') + 1));
    }

    private static byte[] read(String path, String shown) throws IOException {
        try (Fd file = FileCalls.open(path, FileCalls.O_RDONLY)) {
            return bounded(FileData.inputStream(file), shown);
        } catch (Errno e) {
            throw BuildFailures.unreadable(shown, e);
        }
    }

    private static Optional<byte[]> find(String path) throws IOException {
        try (Fd file = FileCalls.open(path, FileCalls.O_RDONLY)) {
            return Optional.of(FileData.inputStream(file).readNBytes(IgnoreRules.MAX_BYTES + 1));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw BuildFailures.of("open " + path + ": " + Errno.describe(e.number()));
        }
    }

    private static byte[] bounded(InputStream in, String shown) throws IOException {
        byte[] bytes = in.readNBytes(DOCKERFILE_MAX + 1);
        if (bytes.length > DOCKERFILE_MAX) {
            throw BuildFailures.of(
                    "failed to solve: " + shown + " is larger than " + DOCKERFILE_MAX + " bytes");
        }
        return bytes;
    }
}
