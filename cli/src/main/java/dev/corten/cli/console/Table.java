package dev.corten.cli.console;

import java.util.ArrayList;
import java.util.List;

/// Columns as Go's tabwriter aligns them for Docker: at least 10 wide, three spaces between, the
/// last one not padded.
public final class Table {
    private static final int WIDTH_MIN = 10;
    private static final int PADDING = 3;

    private final int widthMin;
    private final int padding;
    private final List<String[]> rows = new ArrayList<>();

    public Table() {
        this(WIDTH_MIN);
    }

    public Table(int widthMin) {
        this(widthMin, PADDING);
    }

    /// @param padding spaces between columns, at least
    public Table(int widthMin, int padding) {
        this.widthMin = widthMin;
        this.padding = padding;
    }

    public void row(String... cells) {
        rows.add(cells);
    }

    /// Lines whose cells are separated by tabs.
    public void lines(String text) {
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            line(text.substring(start, end));
            start = end + 1;
        }
        line(text.substring(start));
    }

    private void line(String line) {
        var cells = new ArrayList<String>();
        int start = 0;
        for (int tab = line.indexOf('\t'); tab >= 0; tab = line.indexOf('\t', start)) {
            cells.add(line.substring(start, tab));
            start = tab + 1;
        }
        cells.add(line.substring(start));
        rows.add(cells.toArray(new String[0]));
    }

    public void print(Output out) {
        int columns = 0;
        for (String[] row : rows) {
            columns = Math.max(columns, row.length - 1);
        }
        var widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < row.length - 1; i++) {
                widths[i] = Math.max(widths[i], Math.max(width(row[i]) + padding, widthMin));
            }
        }
        for (String[] row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]);
                if (i < row.length - 1) {
                    line.repeat(' ', widths[i] - width(row[i]));
                }
            }
            out.line(line.toString());
        }
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
