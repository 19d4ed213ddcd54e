package dev.corten.cli.console;

import dev.corten.cli.failure.Refusal;
import java.io.IOException;
import java.io.OutputStream;

/// Watches for the keys that leave a container alone: `ctrl-p,ctrl-q` unless told otherwise.
///
/// A key that may begin the sequence is held back until the next one decides. Belongs to one
/// thread.
public final class DetachKeys {
    static final String USUAL = "ctrl-p,ctrl-q";

    private final byte[] sequence;
    private int matched;

    private DetachKeys(byte[] sequence) {
        this.sequence = sequence;
    }

    /// @param text keys separated by commas: a letter or `ctrl-` and one of `a-z@[\]^_`
    public static DetachKeys parse(String text) {
        String[] keys = (text.isEmpty() ? USUAL : text).split(",");
        var sequence = new byte[keys.length];
        for (int i = 0; i < keys.length; i++) {
            String key = keys[i];
            if (key.length() == 1) {
                sequence[i] = (byte) key.charAt(0);
                continue;
            }
            boolean control = key.startsWith("ctrl-") && key.length() == 6;
            char c = control ? key.charAt(5) : 0;
            if (c >= 'a' && c <= 'z') {
                sequence[i] = (byte) (c - 'a' + 1);
            } else if (control && "@[\\]^_".indexOf(c) >= 0) {
                sequence[i] = (byte) (c & 0x1F);
            } else {
                throw new Refusal("invalid detach keys (" + text + "): unknown key " + key);
            }
        }
        return new DetachKeys(sequence);
    }

    /// Writes what was typed to [out], except for the sequence itself.
    ///
    /// @return true when the sequence is complete
    boolean pass(byte[] typed, int count, OutputStream out) throws IOException {
        int start = 0;
        for (int i = 0; i < count; i++) {
            if (typed[i] == sequence[matched]) {
                if (matched == 0) {
                    out.write(typed, start, i - start);
                }
                matched++;
                start = i + 1;
                if (matched == sequence.length) {
                    return true;
                }
            } else if (matched > 0) {
                out.write(sequence, 0, matched);
                matched = 0;
                // The key that broke the sequence may begin it anew.
                i--;
                start = i + 1;
            }
        }
        out.write(typed, start, count - start);
        return false;
    }
}
