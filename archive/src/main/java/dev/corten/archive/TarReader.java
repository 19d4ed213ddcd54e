package dev.corten.archive;

import dev.corten.archive.TarEntry.Extent;
import dev.corten.archive.TarEntry.Kind;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a tar archive from a stream: v7, ustar, PAX, GNU and star headers, sparse files in all
/// of GNU's forms.
///
/// ```java
/// var tar = new TarReader(in, TarReader.End.MARKED);
/// for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
///     tar.data().transferTo(out);
/// }
/// ```
///
/// Memory is bounded: extended headers hold at most [#MAX_EXTENSION] bytes each, sparse maps at
/// most [#MAX_EXTENTS] extents. The stream is read ahead of the entries; it is not closed.
public final class TarReader {
    public static final int MAX_EXTENSION = 1 << 20;
    public static final int MAX_EXTENTS = 1 << 16;
    private static final PathBytes NO_PATH = PathBytes.of("");
    private static final PaxRecords NO_RECORDS = new PaxRecords();

    /// What ends an archive.
    public enum End {
        /// A zero block, as the format demands: without it the archive was cut short.
        MARKED,

        /// A zero block or the end of the stream between two entries, with or without what fills
        /// the last block. For archives whose completeness a digest proves, as some writers leave
        /// the end mark out; the docker command line leaves both out.
        ANYWHERE
    }

    private final TarInput in;
    private final End end;
    private final TarTap tap;

    private final PaxRecords globals = new PaxRecords();
    private long stored;
    private long padding;
    private @Nullable TarEntry current;
    private long entryNumber;
    private boolean finished;

    public TarReader(InputStream in, End end) {
        this(in, end, TarTap.NONE);
    }

    /// @param tap sees all bytes, to the end of the stream if it is [drained][#drain()]
    public TarReader(InputStream in, End end, TarTap tap) {
        this.in = new TarInput(in, tap);
        this.end = end;
        this.tap = tap;
    }

    /// Whether a stream that begins so can be a tar archive: with a header, or with the end mark
    /// of an empty one.
    ///
    /// @param length how many bytes of it there are; 512 are enough
    public static boolean canBegin(byte[] head, int length) {
        if (length < TarBlock.SIZE) {
            return false;
        }
        try {
            return TarBlock.isZero(head, 0) || TarBlock.checksumHolds(head, 0);
        } catch (TarFormatException notANumber) {
            return false;
        }
    }

    /// The next entry, or empty at the archive's end. What is left of the data of the one before is
    /// skipped.
    ///
    /// @throws TarFormatException if the bytes are not an archive or it is cut short
    public Optional<TarEntry> next() throws IOException {
        if (finished) {
            return Optional.empty();
        }
        current = null;
        entryNumber++;
        in.skip(stored);
        boolean ended = in.skipOrEnd(padding);
        stored = 0;
        padding = 0;
        if (ended) {
            if (end == End.MARKED) {
                throw TarInput.cutShort();
            }
            finished = true;
            return Optional.empty();
        }
        var pax = NO_RECORDS;
        @Nullable PathBytes longName = null;
        @Nullable PathBytes longLink = null;
        while (true) {
            int at = header();
            if (at < 0) {
                if (pax != NO_RECORDS || longName != null || longLink != null) {
                    throw new TarFormatException("tar archive ends after an extended header");
                }
                finished = true;
                return Optional.empty();
            }
            char type = (char) (in.buffer()[at + TarBlock.TYPE] & 0xFF);
            switch (type) {
                case 'x', 'X' -> {
                    pax = new PaxRecords();
                    pax.add(extension(at));
                }
                case 'g' -> globals.add(extension(at));
                case 'L' -> longName = path(untilNul(extension(at)));
                case 'K' -> longLink = path(untilNul(extension(at)));
                case 'V' -> skipMember(at);
                default -> {
                    var entry =
                            entry(at, type, PaxRecords.merged(globals, pax), longName, longLink);
                    current = entry;
                    tap.entry(entry);
                    return Optional.of(entry);
                }
            }
        }
    }

    /// Up to [length] bytes of the current entry's stored data, without a sparse file's holes; -1
    /// at its end.
    public int read(byte[] target, int offset, int length) throws IOException {
        if (stored == 0) {
            return -1;
        }
        int wanted = (int) Math.min(length, stored);
        int got = in.read(target, offset, wanted);
        stored -= got;
        if (current == null) {
            tap.other(target, offset, got); // of an extended header
        } else {
            tap.data(target, offset, got);
        }
        return got;
    }

    /// The current entry's data with its holes as zeros. Valid until the next call of [#next()].
    public InputStream data() {
        var entry = current;
        if (entry == null) {
            throw new IllegalStateException("no current entry");
        }
        return new Data(entry);
    }

    /// Reads the rest of the stream, so that a digest below sees every byte.
    public void drain() throws IOException {
        finished = true;
        in.drain();
    }

    private TarEntry entry(
            int at,
            char typeFlag,
            PaxRecords pax,
            @Nullable PathBytes longName,
            @Nullable PathBytes longLink)
            throws IOException {
        byte[] b = in.buffer();
        PathBytes name = longName != null ? longName : headerName(at);
        PathBytes paxName = pax.path("path");
        if (paxName != null) {
            name = paxName;
        }
        PathBytes link =
                longLink != null
                        ? longLink
                        : path(TarBlock.text(b, at + TarBlock.LINK, TarBlock.NAME_LENGTH));
        PathBytes paxLink = pax.path("linkpath");
        if (paxLink != null) {
            link = paxLink;
        }
        Kind type = type(typeFlag, name);
        long size = pax.number("size", TarBlock.number(b, at + TarBlock.SIZE_FIELD, 12));
        if (size < 0) {
            throw new TarFormatException("negative size in tar header of " + name);
        }
        int mode = (int) TarBlock.number(b, at + TarBlock.MODE, 8) & 07777;
        long uid = pax.number("uid", TarBlock.number(b, at + TarBlock.UID, 8));
        long gid = pax.number("gid", TarBlock.number(b, at + TarBlock.GID, 8));
        Instant mtime = pax.time("mtime", instant(TarBlock.number(b, at + TarBlock.MTIME, 12), 0));
        boolean device = type == Kind.CHARACTER_DEVICE || type == Kind.BLOCK_DEVICE;
        int major = device ? (int) TarBlock.number(b, at + TarBlock.DEVICE_MAJOR, 8) : 0;
        int minor = device ? (int) TarBlock.number(b, at + TarBlock.DEVICE_MINOR, 8) : 0;
        var sparse = SparseMap.whole(size);
        // From here on the header's bytes may be gone: sparse maps and data come from the buffer.
        if (typeFlag == 'S') {
            sparse = SparseMap.ofGnu(in, at, size);
        } else {
            in.consume();
            if (type == Kind.FILE) {
                sparse = SparseMap.ofPax(in, pax, size);
                PathBytes realName = pax.path("GNU.sparse.name");
                name = realName != null ? realName : name;
            }
        }
        boolean hasData = type == Kind.FILE || typeFlag == 'D';
        stored = hasData ? sparse.stored() : 0;
        padding = hasData ? padding(size) : 0;
        if (name.isEmpty()) {
            throw new TarFormatException("tar entry without a name");
        }
        return new TarEntry(
                name,
                type,
                mode,
                uid,
                gid,
                mtime,
                type == Kind.FILE ? sparse.size() : 0,
                type == Kind.SYMLINK || type == Kind.HARD_LINK ? link : NO_PATH,
                major,
                minor,
                pax.xattrs(),
                sparse.extents());
    }

    private static Kind type(char flag, PathBytes name) throws TarFormatException {
        return switch (flag) {
            // v7 had no flag for directories, only the slash.
            case '0', '\0' ->
                    name.length() > 0 && name.bytes()[name.length() - 1] == '/'
                            ? Kind.DIRECTORY
                            : Kind.FILE;
            case '7', 'S' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMLINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5', 'D' -> Kind.DIRECTORY;
            case '6' -> Kind.FIFO;
            default ->
                    throw new TarFormatException(
                            "unsupported tar entry type "
                                    + (flag > ' ' && flag < 0x7F ? "'" + flag + "'" : (int) flag)
                                    + " of "
                                    + name);
        };
    }

    private PathBytes headerName(int at) throws TarFormatException {
        byte[] buffer = in.buffer();
        byte[] name = TarBlock.text(buffer, at + TarBlock.NAME, TarBlock.NAME_LENGTH);
        int magic = at + TarBlock.MAGIC;
        boolean posix =
                buffer[magic] == 'u'
                        && buffer[magic + 1] == 's'
                        && buffer[magic + 2] == 't'
                        && buffer[magic + 3] == 'a'
                        && buffer[magic + 4] == 'r'
                        && buffer[magic + 5] == 0;
        if (!posix) {
            return path(name); // GNU keeps other things in the prefix's place, v7 nothing
        }
        int star = at + TarBlock.STAR_MAGIC;
        boolean isStar = buffer[star] == 't' && buffer[star + 1] == 'a' && buffer[star + 2] == 'r';
        byte[] prefix =
                TarBlock.text(
                        buffer,
                        at + TarBlock.PREFIX,
                        isStar ? TarBlock.STAR_PREFIX_LENGTH : TarBlock.PREFIX_LENGTH);
        if (prefix.length == 0) {
            return path(name);
        }
        byte[] joined = new byte[prefix.length + 1 + name.length];
        System.arraycopy(prefix, 0, joined, 0, prefix.length);
        joined[prefix.length] = '/';
        System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
        return path(joined);
    }

    private byte[] extension(int at) throws IOException {
        long size = TarBlock.number(in.buffer(), at + TarBlock.SIZE_FIELD, 12);
        if (size < 0 || size > MAX_EXTENSION) {
            throw new TarFormatException(
                    "extended tar header of " + size + " bytes is larger than " + MAX_EXTENSION);
        }
        in.consume();
        stored = size;
        byte[] data = new byte[(int) size];
        int got = 0;
        while (got < data.length) {
            got += read(data, got, data.length - got);
        }
        in.skip(padding(size));
        return data;
    }

    private void skipMember(int at) throws IOException {
        long size = TarBlock.number(in.buffer(), at + TarBlock.SIZE_FIELD, 12);
        in.consume();
        in.skip(Math.max(0, size));
        in.skip(padding(Math.max(0, size)));
    }

    /// The offset in the buffer of the next header block, or -1 at the archive's end.
    private int header() throws IOException {
        int at = in.block();
        if (at < 0) {
            if (end == End.ANYWHERE) {
                return -1;
            }
            throw TarInput.cutShort();
        }
        if (TarBlock.isZero(in.buffer(), at)) {
            in.consume();
            return -1;
        }
        if (!TarBlock.checksumHolds(in.buffer(), at)) {
            throw new TarFormatException("invalid tar header: checksum does not match");
        }
        return at;
    }

    private static long padding(long size) {
        return -size & (TarBlock.SIZE - 1);
    }

    private static byte[] untilNul(byte[] data) {
        return TarBlock.text(data, 0, data.length);
    }

    static PathBytes path(byte[] bytes) throws TarFormatException {
        try {
            return PathBytes.of(bytes);
        } catch (InvalidParameter e) {
            throw new TarFormatException("name in tar archive contains a NUL byte");
        }
    }

    static Instant instant(long seconds, long nanos) throws TarFormatException {
        try {
            return Instant.ofEpochSecond(seconds, nanos);
        } catch (DateTimeException e) {
            throw new TarFormatException("time in tar archive is out of range");
        }
    }

    /// Data with holes.
    private final class Data extends InputStream {
        private final TarEntry entry;
        private final long number;
        private long at;
        private int extent;

        private Data(TarEntry entry) {
            this.entry = entry;
            this.number = entryNumber;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (entryNumber != number) {
                throw new IllegalStateException("the archive was read on");
            }
            if (length == 0) {
                return 0;
            }
            if (entry.extents().isEmpty()) {
                return TarReader.this.read(target, offset, length);
            }
            if (at == entry.size()) {
                return -1;
            }
            while (extent < entry.extents().size() && at >= end(entry.extents().get(extent))) {
                extent++;
            }
            boolean last = extent == entry.extents().size();
            long dataAt = last ? entry.size() : entry.extents().get(extent).offset();
            if (at < dataAt) {
                int hole = (int) Math.min(length, dataAt - at);
                java.util.Arrays.fill(target, offset, offset + hole, (byte) 0);
                at += hole;
                return hole;
            }
            long rest = end(entry.extents().get(extent)) - at;
            int got = TarReader.this.read(target, offset, (int) Math.min(length, rest));
            at += got;
            return got;
        }

        private static long end(Extent extent) {
            return extent.offset() + extent.length();
        }
    }
}
