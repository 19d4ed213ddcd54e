package dev.corten.build.context;

import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A list while it comes, compared with the one before. Both have the same order, so that one look
/// at each is enough.
final class ListDifference {
    private final @Nullable ContextIndex before;
    private final ContextIndex.Writer next;
    private final long limit;
    private final Positions wanted = new Positions();
    private final Positions links = new Positions();
    private boolean differs;
    private long listBytes;

    /// @param before null if there is none
    /// @param next gets the list
    ListDifference(@Nullable ContextIndex before, ContextIndex.Writer next, LongSupplier limit) {
        this.before = before;
        this.next = next;
        this.limit = limit.getAsLong();
    }

    void read(InputStream in) throws IOException {
        var list = new ListReader(in);
        int old = 0;
        int oldCount = before == null ? 0 : before.count();
        long size = 0;
        for (Optional<ListEntry> found = list.next(); found.isPresent(); found = list.next()) {
            ListEntry entry = found.get();
            int i = next.add(entry);
            boolean linked = entry.isHardLink();
            size += entry.isFile() && !linked ? entry.size() : 0;
            if (size > limit) {
                throw new InvalidParameter(
                        "build context is larger than max-layer-size, " + limit + " bytes");
            }
            boolean same = false;
            // The same place first: it is the usual case, and needs no look at the path.
            if (before != null && old < oldCount && before.isSame(old, entry)) {
                same = true;
            } else if (before != null) {
                byte[] path = entry.pathBytes();
                while (old < oldCount
                        && ListEntry.compare(before.entry(old).pathBytes(), path) < 0) {
                    old++;
                    differs = true;
                }
                same = old < oldCount && before.isSame(old, entry);
            }
            if (same) {
                next.hash(i, before == null ? new byte[0] : before.hash(old));
                old++;
                continue;
            }
            differs = true;
            if (linked) {
                links.add(i);
            } else if (entry.isFile()) {
                wanted.add(i);
            }
        }
        differs |= old < oldCount;
        listBytes = list.bytes();
    }

    boolean isEmpty() {
        return !differs;
    }

    long listBytes() {
        return listBytes;
    }

    /// The files that have to be sent, by their positions in the list.
    int[] wanted() {
        return wanted.toArray();
    }

    /// New names of files that the list has too, by their positions.
    int[] links() {
        return links.toArray();
    }

    private static final class Positions {
        private int[] positions = new int[64];
        private int count;

        void add(int position) {
            if (count == positions.length) {
                positions = Arrays.copyOf(positions, count * 2);
            }
            positions[count++] = position;
        }

        int[] toArray() {
            return Arrays.copyOf(positions, count);
        }
    }
}
