package dev.corten.store.snapshot;

import dev.corten.archive.ExactInput;
import dev.corten.archive.PiecedInput;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.PathBytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The tar that a layer was unpacked from, byte for byte: all of it that is not the content of a file
/// lies in `tar-split.json.gz`, the rest in the layer's directory.
///
/// The format is that of `vbatts/tar-split`, which Docker writes too: JSON objects, one a line, of
/// type 2 (bytes) and of type 1 (a file, with its size and checksum).
final class TarSplit extends PiecedInput {
    static final String FILE = "tar-split.json.gz";
    private static final JsonFactory JSON = new JsonFactory();
    private static final int BENEATH = FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_SYMLINKS;

    private final Path file;
    private final Fd diff;
    private final JsonParser parser;

    /// A part of the tar.
    ///
    /// @param size of the bytes or of the file
    private record Part(byte @Nullable [] bytes, @Nullable PathBytes name, long size) {}

    private TarSplit(Path file, Fd diff) throws IOException {
        this.file = file;
        this.diff = diff;
        this.parser = parser(file);
    }

    /// @param diff the layer's directory; belongs to the stream from now on
    static InputStream open(Path file, Fd diff) throws IOException {
        return new TarSplit(file, diff);
    }

    /// Bytes of the whole tar.
    static long size(Path file) throws IOException {
        long size = 0;
        try (JsonParser parser = parser(file)) {
            for (Part part = part(parser, file); part != null; part = part(parser, file)) {
                size += part.size();
            }
        } catch (JacksonException e) {
            throw damaged(file, e);
        }
        return size;
    }

    private static JsonParser parser(Path file) throws IOException {
        return JSON.createParser(
                ObjectReadContext.empty(),
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file))));
    }

    @Override
    protected @Nullable InputStream next() throws IOException {
        try {
            Part part = part(parser, file);
            if (part == null) {
                return null;
            }
            if (part.bytes() != null) {
                return new ByteArrayInputStream(part.bytes());
            }
            return part.name() == null ? nullInputStream() : content(part.name(), part.size());
        } catch (JacksonException e) {
            throw damaged(file, e);
        }
    }

    private InputStream content(PathBytes name, long size) throws IOException {
        PathBytes path = PathBytes.join(name.components());
        try {
            Fd fd = FileCalls.open2(diff, path, FileCalls.O_RDONLY, 0, BENEATH);
            return new ExactInput(FileData.inputStream(fd), size, ExactInput.Shortfall.FAILS);
        } catch (Errno e) {
            throw new IOException("file of a layer is missing: " + path, e);
        }
    }

    private static @Nullable Part part(JsonParser parser, Path file) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            return null;
        }
        if (token != JsonToken.START_OBJECT) {
            throw damaged(file, null);
        }
        int type = 0;
        Optional<PathBytes> name = Optional.empty();
        byte[] payload = {};
        long size = 0;
        for (String key = parser.nextName(); key != null; key = parser.nextName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
                case "type" -> type = parser.getIntValue();
                case "size" -> size = parser.getLongValue();
                case "name" -> name = Optional.of(PathBytes.of(parser.getString()));
                case "name_raw" -> name = Optional.of(PathBytes.of(parser.getBinaryValue()));
                case "payload" -> {
                    if (value != JsonToken.VALUE_NULL) {
                        payload = parser.getBinaryValue();
                    }
                }
                default -> parser.skipChildren();
            }
        }
        boolean bytes = type == 2;
        if (!bytes && type != 1) {
            throw damaged(file, null);
        }
        // Other makers list what has no content too.
        boolean empty = !bytes && size == 0;
        return new Part(
                bytes ? payload : null,
                bytes || empty ? null : name.orElseThrow(() -> damaged(file, null)),
                bytes ? payload.length : size);
    }

    private static IOException damaged(Path file, @Nullable Throwable cause) {
        return new IOException("layer record is damaged: " + file, cause);
    }

    @Override
    public void close() throws IOException {
        try (diff) {
            parser.close();
            super.close();
        }
    }
}
