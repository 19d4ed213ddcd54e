package dev.corten.cli.build.progress;

import java.util.ArrayList;
import java.util.List;

/// The last lines of what a program writes, as a small terminal would show them: what overwrites
/// itself is seen in its last form. Colours and what else it asks a terminal for are left out.
final class TerminalLines {
    private static final int ROWS = 6;
    private static final int TAB = 8;
    private static final char ESCAPE = '\033';
    private static final int PARAMETERS_MAX = 32;

    private final List<StringBuilder> rows = new ArrayList<>();
    private int row;
    private int column;
    private int width;

    /// What has come of an escape sequence; empty outside of one.
    private final StringBuilder sequence = new StringBuilder();

    TerminalLines(int width) {
        this.width = Math.max(1, width);
        rows.add(new StringBuilder());
    }

    void resize(int newWidth) {
        width = Math.max(1, newWidth);
    }

    /// Those with anything in them, from the top.
    List<String> lines() {
        var lines = new ArrayList<String>();
        for (StringBuilder each : rows) {
            String line = each.toString().stripTrailing();
            if (!line.isEmpty()) {
                lines.add(line.length() > width ? line.substring(0, width) : line);
            }
        }
        return lines;
    }

    void write(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!sequence.isEmpty()) {
                inSequence(c);
            } else {
                letter(c);
            }
        }
    }

    private void letter(char c) {
        switch (c) {
            case ESCAPE -> sequence.append(c);
            case '\n' -> {
                column = 0;
                down();
            }
            case '\r' -> column = 0;
            case '\b' -> column = Math.max(0, column - 1);
            case '\t' -> column = Math.min(width - 1, (column / TAB + 1) * TAB);
            default -> {
                if (c >= ' ' && c != 0x7F && (c < 0x80 || c > 0x9F)) {
                    put(c);
                }
            }
        }
    }

    private void put(char c) {
        if (column >= width) {
            column = 0;
            down();
        }
        StringBuilder line = rows.get(row);
        while (line.length() < column) {
            line.append(' ');
        }
        if (column < line.length()) {
            line.setCharAt(column, c);
        } else {
            line.append(c);
        }
        column++;
    }

    private void down() {
        row++;
        if (row == rows.size()) {
            rows.add(new StringBuilder());
        }
        if (rows.size() > ROWS) {
            rows.removeFirst();
            row--;
        }
    }

    private void inSequence(char c) {
        sequence.append(c);
        char kind = sequence.charAt(1);
        boolean control = kind == '[';
        if (kind == ']') {
            // A title, up to its end mark.
            if (c == '\007' || (c == '\\' && sequence.charAt(sequence.length() - 2) == ESCAPE)) {
                sequence.setLength(0);
            }
        } else if (!control) {
            if (c >= '0' || sequence.length() > 2) {
                sequence.setLength(0);
            }
        } else if (sequence.length() > 2 && c >= '@' && c <= '~') {
            String parameters = sequence.substring(2, sequence.length() - 1);
            sequence.setLength(0);
            obey(c, parameters);
            return;
        }
        if (sequence.length() > PARAMETERS_MAX && kind != ']') {
            sequence.setLength(0);
        } else if (sequence.length() > 4096) {
            sequence.setLength(0);
        }
    }

    private void obey(char command, String parameters) {
        int count = Math.max(1, number(parameters, 1));
        switch (command) {
            case 'A' -> row = Math.max(0, row - count);
            case 'B' -> row = Math.min(rows.size() - 1, row + count);
            case 'C' -> column = Math.min(width - 1, column + count);
            case 'D' -> column = Math.max(0, column - count);
            case 'G' -> column = Math.min(width, count) - 1;
            case 'H', 'f' -> {
                row = Math.min(rows.size(), count) - 1;
                int semicolon = parameters.indexOf(';');
                int wanted = semicolon < 0 ? 1 : number(parameters.substring(semicolon + 1), 1);
                column = Math.clamp(wanted, 1, width) - 1;
            }
            case 'J' -> {
                if (number(parameters, 0) == 2) {
                    rows.forEach(line -> line.setLength(0));
                } else {
                    eraseLine(0);
                    for (int i = row + 1; i < rows.size(); i++) {
                        rows.get(i).setLength(0);
                    }
                }
            }
            case 'K' -> eraseLine(number(parameters, 0));
            default -> {} // colours, and what has no meaning here
        }
    }

    private void eraseLine(int how) {
        StringBuilder line = rows.get(row);
        if (how == 2) {
            line.setLength(0);
        } else if (how == 1) {
            for (int i = 0; i < Math.min(column + 1, line.length()); i++) {
                line.setCharAt(i, ' ');
            }
        } else if (column < line.length()) {
            line.setLength(column);
        }
    }

    private static int number(String text, int fallback) {
        int value = 0;
        int i = 0;
        while (i < text.length() && i < 4 && Character.isDigit(text.charAt(i))) {
            value = value * 10 + text.charAt(i++) - '0';
        }
        return i == 0 ? fallback : value;
    }
}
