package dev.corten.build.dockerfile;

import java.util.List;
import java.util.Locale;

/// An instruction as it is written.
///
/// @param keyword as written
/// @param arguments what follows the flags, without spaces around it
/// @param argumentsAt the offset of the arguments in the text
/// @param comments the lines of comment right above it, without `#`
/// @param firstLine of the file, from 1
/// @param lastLine with its here-documents
/// @param emptyContinuation whether lines without anything were within it
public record Statement(
        SourceText source,
        String keyword,
        List<Flag> flags,
        String arguments,
        int argumentsAt,
        List<Heredoc> heredocs,
        List<String> comments,
        int firstLine,
        int lastLine,
        boolean emptyContinuation) {
    public Statement {
        flags = List.copyOf(flags);
        heredocs = List.copyOf(heredocs);
        comments = List.copyOf(comments);
    }

    /// In upper case.
    public String name() {
        return keyword.toUpperCase(Locale.ROOT);
    }

    /// The whole line as it was joined, here-documents left out.
    public String text() {
        return source.text();
    }

    public Position position() {
        return source.at(0);
    }

    /// A complaint about this statement.
    public DockerfileException wrong(String complaint) {
        return DockerfileException.instruction(position(), lastLine, complaint);
    }

    /// What is wrong can only be seen when the instruction is to be done: the message has no place.
    public DockerfileException cannot(String complaint) {
        return DockerfileException.order(position(), lastLine, complaint);
    }

    /// What this statement asks for cannot be had.
    public DockerfileException impossible(String complaint, Throwable cause) {
        return DockerfileException.impossible(position(), lastLine, complaint, cause);
    }

    DockerfileException unreadable(String complaint) {
        return DockerfileException.unreadable(position(), lastLine, complaint);
    }

    DockerfileException wrong(Flag flag, String complaint) {
        return DockerfileException.instruction(flag.position(), lastLine, complaint);
    }

    /// A statement within this one, as `ONBUILD` has it.
    Statement within(String keyword, List<Flag> flags, String arguments, int argumentsAt) {
        return new Statement(
                source,
                keyword,
                flags,
                arguments,
                argumentsAt,
                heredocs,
                List.of(),
                firstLine,
                lastLine,
                false);
    }
}
