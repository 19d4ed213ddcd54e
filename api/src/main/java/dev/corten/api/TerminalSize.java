package dev.corten.api;

import dev.corten.model.InvalidParameter;

/// The `h` and `w` of a resize.
record TerminalSize(int rows, int columns) {
    private static final long MAX = 0xFFFF_FFFFL;
    private static final int MAX_TERMINAL = 65535;

    static TerminalSize of(Request request) {
        return new TerminalSize(
                number("height", request.text("h")), number("width", request.text("w")));
    }

    /// A terminal counts with 16 bits, the API with 32.
    private static int number(String what, String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            throw new InvalidParameter(
                    "invalid resize " + what + " \"" + text + "\": invalid syntax");
        }
        long value = text.length() > 10 ? Long.MAX_VALUE : Long.parseLong(text);
        if (value > MAX) {
            throw new InvalidParameter(
                    "invalid resize " + what + " \"" + text + "\": value out of range");
        }
        return (int) Math.min(value, MAX_TERMINAL);
    }
}
