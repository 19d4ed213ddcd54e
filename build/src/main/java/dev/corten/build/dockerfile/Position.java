package dev.corten.build.dockerfile;

/// A place in a Dockerfile.
///
/// @param line the first is 1
/// @param column in characters; the first is 1
public record Position(int line, int column) implements Comparable<Position> {
    @Override
    public int compareTo(Position other) {
        return line != other.line
                ? Integer.compare(line, other.line)
                : Integer.compare(column, other.column);
    }

    @Override
    public String toString() {
        return line + ":" + column;
    }
}
