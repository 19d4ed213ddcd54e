package dev.corten.archive;

import dev.corten.archive.TarEntry.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/// Writes a canonical tar archive: the same entries give the same bytes, always.
///
/// A header is plain ustar where everything fits it, else preceded by one PAX header that holds
/// exactly the fields that do not fit, in the order of their names. No user or group names, no
/// access times. Files are written without their holes' economy: a sparse file as all its bytes.
public final class TarWriter {
    /// What the size of everything in an archive is a multiple of.
    public static final int BLOCK = TarBlock.SIZE;

    private static final long MAX_OCTAL_7 = 07777777L;
    private static final long MAX_OCTAL_11 = 077777777777L;

    private final OutputStream out;
    private final byte[] copyBuffer = new byte[64 << 10];

    /// @param out stays open; give it a buffer if single writes are slow
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /// An entry without data.
    public void add(TarEntry entry) throws IOException {
        if (entry.kind() == Kind.FILE && entry.size() > 0) {
            throw new IllegalArgumentException("no data for " + entry.name());
        }
        header(entry);
    }

    public void add(TarEntry entry, byte[] data) throws IOException {
        add(entry, new java.io.ByteArrayInputStream(data));
    }

    /// A regular file; reads exactly its size from [data], which stays open.
    ///
    /// @throws IOException if there is less
    public void add(TarEntry entry, InputStream data) throws IOException {
        header(entry);
        long left = entry.size();
        while (left > 0) {
            int got = data.read(copyBuffer, 0, (int) Math.min(left, copyBuffer.length));
            if (got < 0) {
                throw new IOException(entry.name() + " is shorter than its header says");
            }
            out.write(copyBuffer, 0, got);
            left -= got;
        }
        out.write(TarBlock.ZEROS, 0, (int) (-entry.size() & (TarBlock.SIZE - 1)));
    }

    /// The header of an entry alone: the caller writes its data to the stream, and zeros up to the
    /// next [multiple][#BLOCK].
    public void begin(TarEntry entry) throws IOException {
        header(entry);
    }

    /// Writes the end mark and flushes.
    public void finish() throws IOException {
        out.write(TarBlock.ZEROS);
        out.write(TarBlock.ZEROS);
        out.flush();
    }

    private void header(TarEntry entry) throws IOException {
        byte[] block = new byte[TarBlock.SIZE];
        var pax = new ByteArrayOutputStream();
        // PAX records in the order of their keys: SCHILY.…, gid, linkpath, mtime, path, size, uid.
        for (var xattr : entry.xattrs().entrySet()) {
            PaxRecords.append(
                    pax,
                    concat(
                            PaxRecords.XATTR.getBytes(StandardCharsets.US_ASCII),
                            xattr.getKey().bytes()),
                    xattr.getValue());
        }
        number(block, TarBlock.GID, 8, entry.gid(), MAX_OCTAL_7, "gid", pax);
        if (!entry.linkTarget().isEmpty()) {
            byte[] link = entry.linkTarget().bytes();
            if (link.length > TarBlock.NAME_LENGTH) {
                record(pax, "linkpath", link);
            }
            copy(link, block, TarBlock.LINK, TarBlock.NAME_LENGTH);
        }
        mtime(block, entry.mtime(), pax);
        name(block, entry.name().bytes(), pax);
        long size = entry.kind() == Kind.FILE ? entry.size() : 0;
        number(block, TarBlock.SIZE_FIELD, 12, size, MAX_OCTAL_11, "size", pax);
        number(block, TarBlock.UID, 8, entry.uid(), MAX_OCTAL_7, "uid", pax);
        octal(block, TarBlock.MODE, 8, entry.mode());
        octal(block, TarBlock.DEVICE_MAJOR, 8, entry.deviceMajor());
        octal(block, TarBlock.DEVICE_MINOR, 8, entry.deviceMinor());
        if (pax.size() > 0) {
            byte[] records = pax.toByteArray();
            byte[] extended = new byte[TarBlock.SIZE];
            copy(ascii("PaxHeaders/entry"), extended, TarBlock.NAME, TarBlock.NAME_LENGTH);
            octal(extended, TarBlock.MODE, 8, 0644);
            octal(extended, TarBlock.UID, 8, 0);
            octal(extended, TarBlock.GID, 8, 0);
            octal(extended, TarBlock.SIZE_FIELD, 12, records.length);
            octal(extended, TarBlock.MTIME, 12, 0);
            seal(extended, 'x');
            out.write(extended);
            out.write(records);
            out.write(TarBlock.ZEROS, 0, -records.length & (TarBlock.SIZE - 1));
        }
        seal(block, flag(entry.kind()));
        out.write(block);
    }

    private static char flag(Kind type) {
        return switch (type) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private static void mtime(byte[] block, Instant mtime, ByteArrayOutputStream pax) {
        long seconds = mtime.getEpochSecond();
        int nanos = mtime.getNano();
        boolean fits = seconds >= 0 && seconds <= MAX_OCTAL_11;
        octal(block, TarBlock.MTIME, 12, fits ? seconds : 0);
        if (!fits || nanos != 0) {
            var exact =
                    java.math.BigDecimal.valueOf(seconds)
                            .add(java.math.BigDecimal.valueOf(nanos, 9));
            record(pax, "mtime", ascii(exact.stripTrailingZeros().toPlainString()));
        }
    }

    private static void name(byte[] block, byte[] name, ByteArrayOutputStream pax) {
        if (name.length <= TarBlock.NAME_LENGTH) {
            copy(name, block, TarBlock.NAME, TarBlock.NAME_LENGTH);
            return;
        }
        for (int slash = Math.max(1, name.length - TarBlock.NAME_LENGTH - 1);
                slash < name.length - 1 && slash <= TarBlock.PREFIX_LENGTH;
                slash++) {
            if (name[slash] == '/') {
                copy(Arrays.copyOf(name, slash), block, TarBlock.PREFIX, TarBlock.PREFIX_LENGTH);
                copy(
                        Arrays.copyOfRange(name, slash + 1, name.length),
                        block,
                        TarBlock.NAME,
                        TarBlock.NAME_LENGTH);
                return;
            }
        }
        record(pax, "path", name);
        copy(name, block, TarBlock.NAME, TarBlock.NAME_LENGTH);
    }

    private static void number(
            byte[] block,
            int at,
            int length,
            long value,
            long max,
            String key,
            ByteArrayOutputStream pax) {
        if (value < 0) {
            throw new IllegalArgumentException("negative " + key + ": " + value);
        }
        octal(block, at, length, value <= max ? value : 0);
        if (value > max) {
            record(pax, key, ascii(Long.toString(value)));
        }
    }

    /// Digits with leading zeros and a final NUL.
    private static void octal(byte[] block, int at, int length, long value) {
        long rest = value;
        for (int i = at + length - 2; i >= at; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }

    private static void seal(byte[] block, char flag) {
        block[TarBlock.TYPE] = (byte) flag;
        copy(ascii("ustar\00000"), block, TarBlock.MAGIC, 8);
        Arrays.fill(block, TarBlock.CHECKSUM, TarBlock.CHECKSUM + 8, (byte) ' ');
        long sum = 0;
        for (byte b : block) {
            sum += b & 0xFF;
        }
        octal(block, TarBlock.CHECKSUM, 7, sum);
        block[TarBlock.CHECKSUM + 6] = 0;
    }

    private static void record(ByteArrayOutputStream pax, String key, byte[] value) {
        PaxRecords.append(pax, ascii(key), value);
    }

    private static void copy(byte[] from, byte[] block, int at, int length) {
        System.arraycopy(from, 0, block, at, Math.min(from.length, length));
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
