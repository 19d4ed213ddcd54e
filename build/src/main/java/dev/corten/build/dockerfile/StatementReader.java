package dev.corten.build.dockerfile;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads statements from a text: lines with their continuations, comments left out, here-documents
/// taken along, directives at the top.
final class StatementReader {
    private static final Pattern DIRECTIVE =
            Pattern.compile("#\\s*([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");
    private static final Set<String> DIRECTIVES = Set.of("syntax", "escape", "check");
    private static final Set<String> WITH_HEREDOCS = Set.of("ADD", "COPY", "RUN");
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final List<String> lines;
    private final List<Directive> directives = new ArrayList<>();
    private final List<Statement> statements = new ArrayList<>();
    private char escape = '\\';

    /// Index of the next line to be read.
    private int next;

    /// @param text with any ends of lines
    StatementReader(String text) {
        String plain =
                !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        var parts = new ArrayList<>(List.of(plain.split("\n", -1)));
        if (parts.getLast().isEmpty()) {
            parts.removeLast();
        }
        this.lines = List.copyOf(parts);
    }

    /// Reads all of it.
    List<Statement> read() throws DockerfileException {
        readDirectives();
        var comments = new ArrayList<String>();
        while (next < lines.size()) {
            String line = line(next);
            if (isComment(line)) {
                next++;
                String comment = line.strip().substring(1).strip();
                if (comment.isEmpty()) {
                    comments.clear();
                } else {
                    comments.add(comment);
                }
            } else if (line.isBlank()) {
                next++;
            } else {
                statements.add(statement(comments));
                comments.clear();
            }
        }
        if (statements.isEmpty()) {
            throw DockerfileException.unreadable(
                    new Position(Math.max(1, lines.size()), 1), 0, "file with no instructions");
        }
        return List.copyOf(statements);
    }

    List<Directive> directives() {
        return List.copyOf(directives);
    }

    char escape() {
        return escape;
    }

    private String line(int index) {
        String line = lines.get(index);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    private static boolean isComment(String line) {
        return line.stripLeading().startsWith("#");
    }

    /// Only what comes before anything else counts, another comment included.
    private void readDirectives() throws DockerfileException {
        var seen = new HashSet<String>();
        for (; next < lines.size(); next++) {
            Matcher matcher = DIRECTIVE.matcher(line(next).stripLeading());
            if (!matcher.matches()) {
                return;
            }
            String name = matcher.group(1).toLowerCase(Locale.ROOT);
            String value = matcher.group(2);
            if (!DIRECTIVES.contains(name)) {
                return;
            }
            var at = new Position(next + 1, 1);
            if (!seen.add(name)) {
                throw DockerfileException.unreadable(
                        at, 0, "only one " + name + " parser directive can be used");
            }
            if (name.equals("escape")) {
                if (!value.equals("`") && !value.equals("\\")) {
                    throw DockerfileException.unreadable(
                            at, 0, "invalid escape token '" + value + "' does not match ` or \\");
                }
                escape = value.charAt(0);
            }
            directives.add(new Directive(name, value, next + 1));
        }
    }

    private Statement statement(List<String> comments) throws DockerfileException {
        int first = next;
        var joined = new SourceText.Builder();
        String line = line(next++);
        int indent = line.length() - line.stripLeading().length();
        boolean goesOn = append(joined, line, indent, first);
        boolean emptyContinuation = false;
        while (goesOn && next < lines.size()) {
            int index = next++;
            String more = line(index);
            if (isComment(more)) {
                continue;
            }
            if (more.isBlank()) {
                emptyContinuation = true;
                continue;
            }
            goesOn = append(joined, more, 0, index);
        }
        SourceText source = joined.done();
        var cursor = new FlagReader(source, next, escape);
        FlagReader.Line parts = cursor.split(0);
        var statement =
                new Statement(
                        source,
                        parts.keyword(),
                        parts.flags(),
                        parts.arguments(),
                        parts.argumentsAt(),
                        List.of(),
                        comments,
                        first + 1,
                        next,
                        emptyContinuation);
        return withHeredocs(statement, cursor);
    }

    /// @return whether the line goes on in the next one
    private boolean append(SourceText.Builder joined, String line, int from, int index) {
        String content = line.substring(from);
        int end = content.length();
        while (end > 0 && (content.charAt(end - 1) == ' ' || content.charAt(end - 1) == '\t')) {
            end--;
        }
        boolean goesOn = end > 0 && content.charAt(end - 1) == escape && !escaped(content, end - 1);
        joined.add(
                goesOn ? content.substring(0, end - 1) : content,
                new Position(index + 1, from + 1));
        return goesOn;
    }

    /// Two of them are one character, not a continuation.
    private boolean escaped(String content, int at) {
        return at > 0 && content.charAt(at - 1) == escape;
    }

    private Statement withHeredocs(Statement statement, FlagReader cursor)
            throws DockerfileException {
        String name = statement.name();
        String arguments = statement.arguments();
        if (name.equals("ONBUILD")) {
            FlagReader.Line inner = cursor.split(statement.argumentsAt());
            name = inner.keyword().toUpperCase(Locale.ROOT);
            arguments = inner.arguments();
        }
        if (!WITH_HEREDOCS.contains(name) || JsonForm.read(arguments).isPresent()) {
            return statement;
        }
        var heredocs = new ArrayList<Heredoc>();
        for (HeredocMark mark : HeredocMark.all(arguments)) {
            heredocs.add(content(mark, statement));
        }
        return new Statement(
                statement.source(),
                statement.keyword(),
                statement.flags(),
                statement.arguments(),
                statement.argumentsAt(),
                heredocs,
                statement.comments(),
                statement.firstLine(),
                next,
                statement.emptyContinuation());
    }

    private Heredoc content(HeredocMark mark, Statement statement) throws DockerfileException {
        var content = new StringBuilder();
        while (next < lines.size()) {
            String line = lines.get(next++);
            String end = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (mark.stripTabs()) {
                end = withoutTabs(end);
            }
            if (end.equals(mark.name())) {
                return new Heredoc(
                        mark.name(),
                        mark.expand(),
                        mark.stripTabs(),
                        mark.descriptor(),
                        content.toString());
            }
            content.append(line).append('\n');
        }
        throw DockerfileException.unreadable(statement.position(), next, "unterminated heredoc");
    }

    private static String withoutTabs(String line) {
        int tabs = 0;
        while (tabs < line.length() && line.charAt(tabs) == '\t') {
            tabs++;
        }
        return line.substring(tabs);
    }
}
