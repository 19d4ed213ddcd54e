package dev.corten.daemon.settings;

import java.util.Collection;
import java.util.Optional;

/// Finds what somebody may have meant.
final class Nearest {
    private Nearest() {}

    /// The name with the fewest changes, if they are few.
    static Optional<String> to(String word, Collection<String> names) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = distance(word, name);
            if (distance < least || (distance == least && name.compareTo(best) < 0)) {
                least = distance;
                best = name;
            }
        }
        int few = Math.max(Math.min(2, word.length() / 2), word.length() / 3);
        return least <= few ? Optional.of(best) : Optional.empty();
    }

    /// Letters to add, take away or change.
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(above[j - 1] + change, Math.min(above[j] + 1, row[j - 1] + 1));
            }
            above = row;
        }
        return above[b.length()];
    }
}
