package dev.corten.cli.build.context;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.cli.build.session.Channel;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A directory of this machine, as a build sees it: without what is ignored.
public final class LocalFiles {
    private static final byte[] NO_ATTRIBUTES = {0, 0};

    /// It goes when a file changes its owner, as all do on this way.
    private static final String CAPABILITY = "security.capability";

    private static final int LINK_MAX = 40;

    /// So many bytes of a list are worth sending before the rest is known.
    private static final int SENT_AT_ONCE = 64 << 10;

    private final String path;
    private final IgnoreRules rules;
    private volatile PackedEntries listed = new PackedEntries();

    /// @param path of the directory
    public LocalFiles(String path, IgnoreRules rules) {
        this.path = path;
        this.rules = rules;
    }

    /// Sends what there is.
    ///
    /// @param paths below which files are wanted; none: all
    public void list(List<String> paths, Channel channel) throws IOException {
        var selection = new Selection(paths);
        try (Fd root = FileCalls.openDirectory(path);
                var ahead = new LookAhead(LocalFiles::look)) {
            long device = FileCalls.stat(root).device();
            @Nullable Channel early = selection.isEverything() ? channel : null;
            Walk walk = new Walk(selection, early, device, ahead);
            walk.directory(root, "", List.of());
            for (int i = 0; walk.again && i < LINK_MAX; i++) {
                walk = new Walk(selection, null, device, ahead);
                walk.directory(root, "", List.of());
            }
            listed = walk.entries;
            walk.send(channel, 0);
        } catch (Errno e) {
            throw refused(e, path);
        }
    }

    /// Sends the bytes of the files that are asked for.
    public void files(Channel channel) throws IOException {
        try (Fd root = FileCalls.openDirectory(path);
                var files = new FileSender(root, listed, channel)) {
            files.serve();
        }
    }

    private static IOException refused(Errno e, String name) {
        return new IOException(
                "error from sender: open " + name + ": " + Errno.describe(e.number()), e);
    }

    /// One way through the directory.
    private final class Walk {
        final PackedEntries entries = new PackedEntries();
        private final Selection selection;
        private final @Nullable Channel at;
        private final LookAhead ahead;
        private int chunk;
        private int sent;

        /// Whether a link was found that leads to something not looked at.
        boolean again;

        /// Directories that are listed only if something in them is.
        private final List<Pending> pending = new ArrayList<>();

        private record Pending(byte[] path, Stat stat, byte[] attributes) {}

        /// Where files with several names were met first. Inodes of one file system only.
        private final InodeTable names = new InodeTable();

        private final long device;

        /// @param at where entries are sent to as they are found; null: at the end
        Walk(Selection selection, @Nullable Channel at, long device, LookAhead ahead) {
            this.device = device;
            this.selection = selection;
            this.at = at;
            this.ahead = ahead;
        }

        void directory(Fd directory, String prefix, List<String> above) throws IOException {
            List<DirectoryEntry> names = Directories.list(directory);
            names.sort((a, b) -> a.name().compareTo(b.name()));
            byte[] before = RawText.encode(prefix);
            try (LookAhead.Ahead looks = ahead.begin(directory, names)) {
                for (int i = 0; i < names.size(); i++) {
                    DirectoryEntry name = names.get(i);
                    if (name.type() != DirectoryEntry.SOCKET) {
                        String text = RawText.decode(name.name().bytes());
                        entry(directory, name.name(), looks, i, before, prefix, text, above);
                    }
                }
            }
        }

        private void entry(
                Fd directory,
                PathBytes name,
                LookAhead.Ahead looks,
                int index,
                byte[] before,
                String prefix,
                String text,
                List<String> above)
                throws IOException {
            String shown = prefix + text;
            List<String> place = selection.isEverything() ? List.of() : with(above, text);
            Selection.Place wanted = selection.of(place);
            if (wanted == Selection.Place.NOWHERE) {
                return;
            }
            boolean ignored = !rules.isEmpty() && rules.ignores(shown);
            if (ignored && rules.ignoresAllIn(shown)) {
                return;
            }
            Look look = looks.look(index);
            Stat stat = look.stat();
            if (stat == null) {
                return;
            }
            if (stat.isDirectory()) {
                inDirectory(
                        directory,
                        name,
                        new Pending(join(before, name), stat, look.attributes()),
                        shown,
                        place,
                        ignored || wanted == Selection.Place.ABOVE);
                return;
            }
            if (ignored || stat.isSocket()) {
                return;
            }
            byte[] link = null;
            if (stat.isSymlink()) {
                Optional<PathBytes> target = target(directory, name);
                if (target.isEmpty()) {
                    return;
                }
                link = target.get().bytes();
                again |= selection.follow(place, RawText.decode(link));
            } else if (wanted == Selection.Place.ABOVE) {
                return;
            }
            flush();
            if (stat.isRegular() && stat.links() > 1 && stat.device() == device) {
                int first = names.putIfAbsent(stat.inode(), entries.count());
                link = first < 0 ? null : entries.path(first).bytes();
            }
            entries.add(join(before, name), stat, link, look.attributes());
            sendSome();
        }

        /// @return empty if it is none any more
        private Optional<PathBytes> target(Fd directory, PathBytes name) throws Errno {
            try {
                return Optional.of(FileCalls.readlink(directory, name));
            } catch (Errno e) {
                if (e.isAny(Errno.ENOENT, Errno.EINVAL)) {
                    return Optional.empty();
                }
                throw e;
            }
        }

        private void inDirectory(
                Fd directory,
                PathBytes name,
                Pending listed,
                String shown,
                List<String> place,
                boolean onlyIfNeeded)
                throws IOException {
            pending.add(listed);
            int depth = pending.size();
            if (!onlyIfNeeded) {
                flush();
            }
            try (Fd child = FileCalls.openDirectory(directory, name)) {
                directory(child, shown + "/", place);
            } catch (Errno e) {
                if (e.isAny(Errno.EACCES, Errno.EMFILE)) {
                    throw refused(e, LocalFiles.this.path + "/" + shown);
                }
                if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                    throw e;
                }
                // It was replaced meanwhile.
            }
            if (pending.size() >= depth) {
                pending.removeLast();
            }
        }

        private void flush() throws IOException {
            for (Pending each : pending) {
                entries.add(each.path(), each.stat(), null, each.attributes());
            }
            pending.clear();
            sendSome();
        }

        private void sendSome() throws IOException {
            if (at != null) {
                send(at, SENT_AT_ONCE);
            }
        }

        /// Sends what is not sent yet.
        ///
        /// @param min if it is at least so much
        void send(Channel channel, int min) throws IOException {
            while (chunk < entries.chunks()) {
                int length = entries.length(chunk);
                boolean last = chunk == entries.chunks() - 1;
                if (last && length - sent < min) {
                    return;
                }
                channel.write(entries.chunk(chunk), sent, length - sent);
                sent = length;
                if (last) {
                    return;
                }
                chunk++;
                sent = 0;
            }
        }
    }

    private static List<String> with(List<String> above, String name) {
        var path = new ArrayList<String>(above.size() + 1);
        path.addAll(above);
        path.add(name);
        return path;
    }

    private static byte[] join(byte[] before, PathBytes name) {
        byte[] last = name.bytes();
        var path = new byte[before.length + last.length];
        System.arraycopy(before, 0, path, 0, before.length);
        System.arraycopy(last, 0, path, before.length, last.length);
        return path;
    }

    private static Look look(Fd directory, DirectoryEntry entry) throws Errno {
        Stat stat = FileCalls.findStat(directory, entry.name()).orElse(null);
        return new Look(
                stat, stat == null ? NO_ATTRIBUTES : attributes(directory, entry.name(), stat));
    }

    private static byte[] attributes(Fd directory, PathBytes name, Stat stat) throws Errno {
        if (stat.isSymlink()) {
            return NO_ATTRIBUTES;
        }
        List<String> names;
        try {
            names = Xattrs.list(directory, name);
        } catch (Errno e) {
            return NO_ATTRIBUTES; // as for who may not read them, or where it is gone
        }
        if (names.isEmpty()) {
            return NO_ATTRIBUTES;
        }
        var bytes = new ByteArrayOutputStream();
        int count = 0;
        for (String each : names) {
            byte[] value = each.equals(CAPABILITY) ? null : value(directory, name, each);
            if (value != null) {
                byte[] key = RawText.encode(each);
                number(bytes, key.length, 2);
                bytes.writeBytes(key);
                number(bytes, value.length, 4);
                bytes.writeBytes(value);
                count++;
            }
        }
        var all = new ByteArrayOutputStream();
        number(all, count, 2);
        all.writeBytes(bytes.toByteArray());
        return all.toByteArray();
    }

    private static byte @Nullable [] value(Fd directory, PathBytes name, String attribute) {
        try {
            return Xattrs.get(directory, name, attribute).orElse(null);
        } catch (Errno e) {
            return null; // as above
        }
    }

    private static void number(ByteArrayOutputStream to, int value, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            to.write(value >> i * 8);
        }
    }
}
