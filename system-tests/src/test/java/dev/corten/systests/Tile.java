package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/// A text over and over, cut at a length.
final class Tile {
    private Tile() {}

    static byte[] of(String text, int length) {
        byte[] once = text.getBytes(UTF_8);
        byte[] all = Arrays.copyOf(once, length);
        for (int i = once.length; i < length; i++) {
            all[i] = all[i - once.length];
        }
        return all;
    }
}
