package dev.corten.model;

import java.util.Collection;

/// "Did you mean": the known word that is nearest to what was typed.
public final class Suggestions {
    private Suggestions() {}

    /// The nearest of [known], or empty if none is near: one edit for every three letters.
    public static String nearest(String typed, Collection<String> known) {
        return nearest(typed, known, Math.max(1, typed.length() / 3));
    }

    /// The nearest of [known], or empty if none is near.
    ///
    /// @param most edits
    public static String nearest(String typed, Collection<String> known, int most) {
        String best = "";
        int bestDistance = most + 1;
        for (String word : known) {
            int distance = distance(typed, word);
            boolean completes = typed.length() > 2 && word.startsWith(typed);
            if (completes) {
                distance = Math.min(distance, 1);
            }
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return best;
    }

    /// Edits between two words; swapping neighbours is one.
    static int distance(String a, String b) {
        var d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1);
                least = Math.min(least, d[i - 1][j - 1] + change);
                boolean swapped =
                        i > 1
                                && j > 1
                                && a.charAt(i - 1) == b.charAt(j - 2)
                                && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    least = Math.min(least, d[i - 2][j - 2] + 1);
                }
                d[i][j] = least;
            }
        }
        return d[a.length()][b.length()];
    }
}
