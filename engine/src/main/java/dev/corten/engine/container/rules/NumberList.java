package dev.corten.engine.container.rules;

import java.util.BitSet;

/// Numbers of processors or memory nodes as the kernel lists them: `0-3,8`.
final class NumberList {
    private static final int MAX = 8192;

    private NumberList() {}

    /// @throws IllegalArgumentException in Docker's words
    static BitSet parse(String text) {
        var numbers = new BitSet();
        if (text.isEmpty()) {
            return numbers;
        }
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int from = number(dash < 0 ? part : part.substring(0, dash), text);
            int to = dash < 0 ? from : number(part.substring(dash + 1), text);
            if (to < from) {
                throw new IllegalArgumentException("invalid format: " + text);
            }
            numbers.set(from, to + 1);
        }
        return numbers;
    }

    private static int number(String digits, String whole) {
        if (!digits.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("invalid format: " + whole);
        }
        long number = Long.parseLong(digits);
        if (number > MAX) {
            throw new IllegalArgumentException("value of out range, maximum is " + MAX);
        }
        return (int) number;
    }
}
