package dev.corten.store.migration;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// The tar of a layer, put together again bit for bit: what is not files' content is in
/// `tar-split.json.gz`, a JSON object after the other (vbatts/tar-split, package `storage`), and the
/// content is in the layer's directory.
final class TarSplit extends InputStream {
    private static final int FILE = 1;
    private static final int SEGMENT = 2;

    /// Of one segment: headers, names, and the filling between files.
    private static final int MAX_TEXT = 64 << 20;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxStringLength(MAX_TEXT).build())
                    .build();

    private final JsonParser records;
    private final Fd files;
    private InputStream current = InputStream.nullInputStream();
    private long left;

    private TarSplit(JsonParser records, Fd files) {
        this.records = records;
        this.files = files;
    }

    /// @param split `tar-split.json.gz`
    /// @param diff the layer's directory
    static TarSplit open(Path split, Path diff) throws IOException {
        Fd files = FileCalls.openDirectory(diff.toString());
        boolean done = false;
        try {
            var opened = new TarSplit(parser(split), files);
            done = true;
            return opened;
        } finally {
            if (!done) {
                files.close();
            }
        }
    }

    /// Bytes that the tar has, without looking at the files.
    static long size(Path split) throws IOException {
        long size = 0;
        try (JsonParser records = parser(split)) {
            for (Entry entry = next(records); entry != null; entry = next(records)) {
                size += entry.type == SEGMENT ? entry.payload.length : entry.size;
            }
        }
        return size;
    }

    private static JsonParser parser(Path split) throws IOException {
        InputStream packed = new BufferedInputStream(Files.newInputStream(split));
        boolean done = false;
        try {
            var parser =
                    JSON.createParser(
                            ObjectReadContext.empty(), new GZIPInputStream(packed, 64 << 10));
            done = true;
            return parser;
        } finally {
            if (!done) {
                packed.close();
            }
        }
    }

    /// @param size of a file's content
    /// @param payload of a segment
    private record Entry(int type, byte[] name, long size, byte[] payload) {}

    private static @Nullable Entry next(JsonParser records) throws IOException {
        try {
            return read(records);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new IOException("tar-split.json.gz is damaged: " + e.getMessage(), e);
        }
    }

    private static @Nullable Entry read(JsonParser records) {
        JsonToken first = records.nextToken();
        if (first == null) {
            return null;
        }
        if (first != JsonToken.START_OBJECT) {
            throw new InvalidParameter("tar-split.json.gz: no object but " + first);
        }
        int type = 0;
        long size = 0;
        String name = "";
        byte[] rawName = {};
        String payload = "";
        while (records.nextToken() != JsonToken.END_OBJECT) {
            String member = records.currentName();
            records.nextToken();
            switch (member) {
                case "type" -> type = records.getIntValue();
                case "size" -> size = records.getLongValue();
                case "name" -> name = records.getString();
                case "name_raw" -> rawName = Base64.getDecoder().decode(records.getString());
                case "payload" ->
                        payload =
                                records.currentToken() == JsonToken.VALUE_NULL
                                        ? ""
                                        : records.getString();
                default -> records.skipChildren();
            }
        }
        if ((type != FILE && type != SEGMENT) || size < 0) {
            throw new InvalidParameter("tar-split.json.gz: record of type " + type);
        }
        return new Entry(
                type,
                rawName.length > 0
                        ? rawName
                        : name.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                type == FILE ? size : 0,
                // That of a file is its checksum, which the layer's digest makes superfluous.
                type == SEGMENT ? Base64.getDecoder().decode(payload) : new byte[0]);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (left == 0) {
            current.close();
            Entry entry = next(records);
            if (entry == null) {
                return -1;
            }
            current = entry.type == SEGMENT ? new ByteArrayInputStream(entry.payload) : file(entry);
            left = entry.type == SEGMENT ? entry.payload.length : entry.size;
        }
        int got = current.read(to, offset, (int) Math.min(left, length));
        if (got < 0) {
            throw new EOFException("a file of the layer is shorter than when it was unpacked");
        }
        left -= got;
        return got;
    }

    private InputStream file(Entry entry) throws IOException {
        if (entry.size == 0) {
            return InputStream.nullInputStream();
        }
        // Should it be a FIFO by now, opening it does not wait.
        Fd file =
                FileCalls.open2(
                        files,
                        PathBytes.of(entry.name),
                        FileCalls.O_RDONLY | FileCalls.O_CLOEXEC | FileCalls.O_NONBLOCK,
                        0,
                        FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS);
        return new FilterInputStream(FileData.inputStream(file)) {
            @Override
            public void close() {
                file.close();
            }
        };
    }

    @Override
    public void close() throws IOException {
        current.close();
        records.close();
        files.close();
    }
}
