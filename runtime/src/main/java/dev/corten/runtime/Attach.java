package dev.corten.runtime;

import dev.corten.kernel.Fd;
import java.util.EnumSet;
import java.util.Set;

/// A client's own socket, handed to the monitor.
///
/// @param socket stays the caller's, who closes it after the call: the monitor has a duplicate
/// @param prefix input that was read ahead from the socket
/// @param detachKeys at most 15 bytes; empty: none
public record Attach(Fd socket, byte[] prefix, Set<Flag> flags, byte[] detachKeys) {
    /// The longest prefix that fits a message.
    public static final int MAX_PREFIX = 60 * 1024;

    private static final int MAX_KEYS = 15;

    public Attach {
        prefix = prefix.clone();
        detachKeys = detachKeys.clone();
        flags = flags.isEmpty() ? EnumSet.noneOf(Flag.class) : EnumSet.copyOf(flags);
        if (prefix.length > MAX_PREFIX) {
            throw new IllegalArgumentException("prefix of " + prefix.length + " bytes");
        }
        if (detachKeys.length > MAX_KEYS) {
            throw new IllegalArgumentException(detachKeys.length + " detach keys");
        }
    }

    /// Bits of the protocol.
    public enum Flag {
        STDIN(1),
        STDOUT(2),
        STDERR(4),
        /// Frames with 8-byte headers instead of the raw stream.
        MULTIPLEXED(8),
        /// Output is queued until [Attachment#release].
        HOLD(16),
        /// The end of this client's input closes the process's.
        CLOSE_STDIN(32);

        private final int bit;

        Flag(int bit) {
            this.bit = bit;
        }

        int bit() {
            return bit;
        }
    }

    int bits() {
        int bits = 0;
        for (Flag flag : flags) {
            bits |= flag.bit();
        }
        return bits;
    }
}
