package dev.corten.build.dockerfile;

/// A Dockerfile that cannot be understood. Whoever asked for the build turns it into the answer of
/// its protocol.
public final class DockerfileException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;
    private final int lastLine;
    private final String complaint;

    private DockerfileException(String message, Position position, int lastLine, String complaint) {
        super(message);
        this.line = position.line();
        this.column = position.column();
        this.lastLine = Math.max(lastLine, line);
        this.complaint = complaint;
    }

    /// Text that cannot be taken apart into instructions.
    ///
    /// @param position where it is wrong
    /// @param lastLine of the statement; 0 is that of the position
    /// @param complaint what is wrong, without the place
    static DockerfileException unreadable(Position position, int lastLine, String complaint) {
        return new DockerfileException(
                "failed to parse Dockerfile: " + complaint, position, lastLine, complaint);
    }

    /// An instruction that is wrong.
    static DockerfileException instruction(Position position, int lastLine, String complaint) {
        return new DockerfileException(
                "dockerfile parse error on line " + position.line() + ": " + complaint,
                position,
                lastLine,
                complaint);
    }

    /// Instructions that stand in the wrong order, or that cannot be done.
    static DockerfileException order(Position position, int lastLine, String complaint) {
        return new DockerfileException(complaint, position, lastLine, complaint);
    }

    /// An instruction that is right, and cannot be done.
    static DockerfileException impossible(
            Position position, int lastLine, String complaint, Throwable cause) {
        var impossible = new DockerfileException(complaint, position, lastLine, complaint);
        impossible.initCause(cause);
        return impossible;
    }

    public Position position() {
        return new Position(line, column);
    }

    /// The last line of the statement that is wrong.
    public int lastLine() {
        return lastLine;
    }

    /// What is wrong, without the place.
    public String complaint() {
        return complaint;
    }
}
