package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `exit.json`, by which a monitor tells a daemon that was not there how its container ended.
///
/// One line in one form, written by the shim and by nobody else; the format is in
/// `docs/formats/shim-protocol.md` section 7.
public final class ExitFile {
    public static final String NAME = "exit.json";

    private static final int MAX_BYTES = 4096;
    private static final Pattern FORM =
            Pattern.compile(
                    "\\{\"format\":1,\"id\":\"[0-9a-f]*\",\"status\":(\\d+),\"exitCode\":\\d+,"
                            + "\"signal\":\\d+,\"oomKilled\":(true|false),"
                            + "\"exitedAt\":\"([^\"]+)\"\\}\n?");

    private ExitFile() {}

    /// The exit recorded in a directory, if the container has ended.
    ///
    /// @throws IOException if there is a file that cannot be read or understood
    public static Optional<ExitStatus> read(Fd directory) throws IOException {
        byte[] bytes;
        try {
            bytes = FileData.readFile(directory, NAME, MAX_BYTES);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IOException(NAME + " is not understood: " + text.strip());
        }
        return Optional.of(
                new ExitStatus(
                        Integer.parseInt(form.group(1)),
                        Boolean.parseBoolean(form.group(2)),
                        Instant.parse(form.group(3))));
    }
}
