package dev.corten.kernel.mount;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// A line of `/proc/<pid>/mountinfo`, see proc_pid_mountinfo(5).
///
/// @param root the mounted directory inside its file system
/// @param optional the propagation: `shared:1`, `master:2`, `propagate_from:3`, `unbindable`
public record MountInfo(
        int id,
        int parentId,
        int deviceMajor,
        int deviceMinor,
        PathBytes root,
        PathBytes mountPoint,
        String options,
        List<String> optional,
        String type,
        String source,
        String superOptions) {
    /// Mount tables of busy hosts have thousands of lines; more than this is a failure.
    private static final int SIZE_MAX = 64 << 20;

    public MountInfo {
        optional = List.copyOf(optional);
    }

    /// The mounts of this process.
    public static List<MountInfo> self() throws IOException {
        return parse(FileData.readFile(Fd.CWD, "/proc/self/mountinfo", SIZE_MAX));
    }

    /// The mounts that another process sees.
    public static List<MountInfo> of(int pid) throws IOException {
        return parse(FileData.readFile(Fd.CWD, "/proc/" + pid + "/mountinfo", SIZE_MAX));
    }

    public boolean isShared() {
        return optional.stream().anyMatch(o -> o.startsWith("shared:"));
    }

    public boolean isSlave() {
        return optional.stream().anyMatch(o -> o.startsWith("master:"));
    }

    /// Whether a comma-separated list, as of options, has this word.
    public static boolean has(String options, String word) {
        int start = 0;
        while (start <= options.length()) {
            int comma = options.indexOf(',', start);
            int end = comma < 0 ? options.length() : comma;
            if (end - start == word.length() && options.startsWith(word, start)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    /// The mount that a path lies in: the one with the longest mount point above it, the last one
    /// where several are stacked.
    public static MountInfo containing(List<MountInfo> mounts, PathBytes absolutePath) {
        MountInfo found = null;
        for (MountInfo mount : mounts) {
            if (isBelow(absolutePath, mount.mountPoint())
                    && (found == null
                            || mount.mountPoint().length() >= found.mountPoint().length())) {
                found = mount;
            }
        }
        if (found == null) {
            throw new IllegalArgumentException("no mount contains " + absolutePath);
        }
        return found;
    }

    private static boolean isBelow(PathBytes path, PathBytes directory) {
        if (directory.is("/")) {
            return path.isAbsolute();
        }
        byte[] p = path.bytes();
        byte[] d = directory.bytes();
        return p.length >= d.length
                && java.util.Arrays.equals(p, 0, d.length, d, 0, d.length)
                && (p.length == d.length || p[d.length] == '/');
    }

    /// Parses a whole file.
    ///
    /// @throws IOException if a line is not as the manual says
    public static List<MountInfo> parse(byte[] table) throws IOException {
        var mounts = new ArrayList<MountInfo>();
        int start = 0;
        for (int i = 0; i < table.length; i++) {
            if (table[i] == '\n') {
                mounts.add(line(table, start, i));
                start = i + 1;
            }
        }
        return mounts;
    }

    private static MountInfo line(byte[] table, int start, int end) throws IOException {
        List<byte[]> fields = fields(table, start, end);
        int dash = 6;
        while (dash < fields.size() && !text(fields.get(dash)).equals("-")) {
            dash++;
        }
        String device = fields.size() > 2 ? text(fields.get(2)) : "";
        int colon = device.indexOf(':');
        if (dash + 3 >= fields.size() || colon < 0) {
            throw new IOException(
                    "unexpected line in mountinfo: "
                            + RawText.decode(java.util.Arrays.copyOfRange(table, start, end)));
        }
        var optional = new ArrayList<String>();
        for (byte[] field : fields.subList(6, dash)) {
            optional.add(text(field));
        }
        try {
            return new MountInfo(
                    Integer.parseInt(text(fields.get(0))),
                    Integer.parseInt(text(fields.get(1))),
                    Integer.parseInt(device.substring(0, colon)),
                    Integer.parseInt(device.substring(colon + 1)),
                    PathBytes.of(fields.get(3)),
                    PathBytes.of(fields.get(4)),
                    text(fields.get(5)),
                    optional,
                    text(fields.get(dash + 1)),
                    text(fields.get(dash + 2)),
                    text(fields.get(dash + 3)));
        } catch (NumberFormatException e) {
            throw new IOException("unexpected number in mountinfo: " + e.getMessage(), e);
        }
    }

    private static String text(byte[] field) {
        return RawText.decode(field);
    }

    /// The fields between single spaces, with `\040` and the like decoded. A source may be empty.
    private static List<byte[]> fields(byte[] table, int start, int end) {
        var fields = new ArrayList<byte[]>(12);
        var field = new ByteArrayOutputStream(32);
        for (int i = start; i < end; i++) {
            byte b = table[i];
            if (b == ' ') {
                fields.add(field.toByteArray());
                field.reset();
            } else if (b == '\\' && i + 3 < end && isOctal(table, i + 1)) {
                field.write(
                        (table[i + 1] - '0') << 6
                                | (table[i + 2] - '0') << 3
                                | (table[i + 3] - '0'));
                i += 3;
            } else {
                field.write(b);
            }
        }
        fields.add(field.toByteArray());
        return fields;
    }

    private static boolean isOctal(byte[] b, int at) {
        return b[at] >= '0'
                && b[at] <= '3'
                && b[at + 1] >= '0'
                && b[at + 1] <= '7'
                && b[at + 2] >= '0'
                && b[at + 2] <= '7';
    }
}
