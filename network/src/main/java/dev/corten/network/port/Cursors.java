package dev.corten.network.port;

import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Where the searches for addresses and ports stood, so that a daemon that comes back does not hand
/// out at once what has just been released.
///
/// A file of lines, the key, a blank and the value; the last line of a key counts. A change is one
/// appended line, and a line that was cut off by a crash is none. The file is in the exec root: a
/// host that was booted has no peers that remember. Written on the network thread only.
public final class Cursors implements AutoCloseable {
    private static final System.Logger log = System.getLogger(Cursors.class.getName());

    /// After so many lines the file is written anew.
    private static final int LINES_MAX = 10_000;

    private final Path file;
    private final Map<String, String> values = new LinkedHashMap<>();
    private FileChannel channel;
    private int lines;

    private Cursors(Path file, Map<String, String> values) throws IOException {
        this.file = file;
        this.values.putAll(values);
        channel = rewrite();
    }

    public static Cursors open(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return new Cursors(file, Files.exists(file) ? parse(Files.readString(file)) : Map.of());
    }

    static Map<String, String> parse(String content) {
        Map<String, String> values = new LinkedHashMap<>();
        String whole = content.substring(0, content.lastIndexOf('\n') + 1);
        whole.lines()
                .forEach(line -> {
                    int blank = line.lastIndexOf(' ');
                    if (blank > 0) {
                        values.put(line.substring(0, blank), line.substring(blank + 1));
                    }
                });
        return values;
    }

    private FileChannel rewrite() throws IOException {
        var content = new StringBuilder();
        values.forEach((key, value) -> content.append(line(key, value)));
        Path temporary = file.resolveSibling("." + file.getFileName());
        Files.writeString(temporary, content);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        lines = values.size();
        return FileChannel.open(file, StandardOpenOption.APPEND);
    }

    private static String line(String key, String value) {
        return key + " " + value + "\n";
    }

    public Optional<String> get(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /// Remembers a value. That it cannot be written keeps nobody from working.
    public void set(String key, String value) {
        values.put(key, value);
        try {
            channel.write(ByteBuffer.wrap(line(key, value).getBytes(StandardCharsets.US_ASCII)));
            if (++lines > LINES_MAX) {
                FileChannel old = channel;
                channel = rewrite();
                old.close();
            }
        } catch (IOException e) {
            log.log(WARNING, () -> "cannot write " + file, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
