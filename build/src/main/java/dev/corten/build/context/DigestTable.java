package dev.corten.build.context;

import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// Digests of files by their paths, in little memory: as many as fit are remembered. Filled by one
/// thread, read by many.
final class DigestTable {
    /// Half a hash of the path is enough to tell paths apart that somebody has made up to collide.
    private static final int KEY = 16;

    private static final int SLOT = KEY + 32;
    private static final int MAX_SLOTS = 1 << 18;

    private byte[] slots = new byte[SLOT << 8];
    private int used;

    void put(PathBytes path, byte[] digest) {
        byte[] key = key(path);
        int at = find(key);
        if (isFree(at)) {
            if (used >= MAX_SLOTS / 4 * 3) {
                return;
            }
            used++;
        }
        System.arraycopy(key, 0, slots, at, KEY);
        System.arraycopy(digest, 0, slots, at + KEY, 32);
        if (used > slots.length / SLOT / 4 * 3) {
            grow();
        }
    }

    Optional<Digest> get(PathBytes path) {
        int at = find(key(path));
        return isFree(at)
                ? Optional.empty()
                : Optional.of(new Digest(HexFormat.of().formatHex(slots, at + KEY, at + SLOT)));
    }

    void clear() {
        slots = new byte[SLOT << 8];
        used = 0;
    }

    private static byte[] key(PathBytes path) {
        byte[] key = Arrays.copyOf(Digest.newHash().digest(path.bytes()), KEY);
        key[0] |= 1; // a free slot begins with 0
        return key;
    }

    private boolean isFree(int at) {
        return slots[at] == 0;
    }

    private int find(byte[] key) {
        int count = slots.length / SLOT;
        int hash = (key[1] & 0xFF) | (key[2] & 0xFF) << 8 | (key[3] & 0xFF) << 16;
        int slot = hash & count - 1;
        while (!isFree(slot * SLOT)
                && !Arrays.equals(slots, slot * SLOT, slot * SLOT + KEY, key, 0, KEY)) {
            slot = slot + 1 & count - 1;
        }
        return slot * SLOT;
    }

    private void grow() {
        byte[] before = slots;
        slots = new byte[before.length * 2];
        for (int at = 0; at < before.length; at += SLOT) {
            if (before[at] != 0) {
                int to = find(Arrays.copyOfRange(before, at, at + KEY));
                System.arraycopy(before, at, slots, to, SLOT);
            }
        }
    }
}
