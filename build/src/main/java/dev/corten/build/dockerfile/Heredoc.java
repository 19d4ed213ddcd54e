package dev.corten.build.dockerfile;

/// A document within a Dockerfile: `<<EOF` and the lines down to `EOF`.
///
/// @param name as it is after quotes
/// @param expand whether variables in it are replaced when it is written to a file: no part of the
///     name was quoted
/// @param stripTabs `<<-`: tabs at the beginning of lines do not count
/// @param descriptor the number before `<<`, or -1
/// @param content lines with their ends, tabs included
public record Heredoc(
        String name, boolean expand, boolean stripTabs, int descriptor, String content) {
    /// What a file made of it holds.
    public String fileContent() {
        if (!stripTabs) {
            return content;
        }
        var stripped = new StringBuilder(content.length());
        boolean atStart = true;
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (!atStart || c != '\t') {
                stripped.append(c);
                atStart = c == '\n';
            }
        }
        return stripped.toString();
    }
}
