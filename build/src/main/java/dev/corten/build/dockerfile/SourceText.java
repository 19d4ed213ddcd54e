package dev.corten.build.dockerfile;

import java.util.Arrays;

/// A line of text that was joined from pieces of a file, and knows where each piece stood.
final class SourceText {
    private final String text;
    private final int[] starts;
    private final Position[] positions;

    private SourceText(String text, int[] starts, Position[] positions) {
        this.text = text;
        this.starts = starts;
        this.positions = positions;
    }

    static final class Builder {
        private final StringBuilder text = new StringBuilder();
        private int[] starts = new int[4];
        private Position[] positions = new Position[4];
        private int pieces;

        /// @param position of its first character
        void add(String piece, Position position) {
            if (pieces == starts.length) {
                starts = Arrays.copyOf(starts, pieces * 2);
                positions = Arrays.copyOf(positions, pieces * 2);
            }
            starts[pieces] = text.length();
            positions[pieces++] = position;
            text.append(piece);
        }

        SourceText done() {
            return new SourceText(
                    text.toString(),
                    Arrays.copyOf(starts, pieces),
                    Arrays.copyOf(positions, pieces));
        }
    }

    String text() {
        return text;
    }

    /// Where a character stands in the file.
    Position at(int offset) {
        int found = Arrays.binarySearch(starts, offset);
        // Of empty pieces at the same offset any one will do.
        int piece = Math.max(found >= 0 ? found : -found - 2, 0);
        Position start = positions[piece];
        return new Position(start.line(), start.column() + offset - starts[piece]);
    }
}
