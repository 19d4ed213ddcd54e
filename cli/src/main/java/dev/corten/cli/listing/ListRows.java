package dev.corten.cli.listing;

import dev.corten.cli.console.Output;
import dev.corten.cli.console.Table;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.template.Shape;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;

/// Prints a list in the form that `--format` asks for: a table, JSON, or a template for each row.
public final class ListRows {
    /// A member of rows that is not printed: the labels one by one, for `{{.Label "name"}}`.
    public static final String LABEL_MAP = "\0labels";

    private static final String TABLE = "table";

    private final String type;
    private final String usualTable;
    private final LinkedHashMap<String, String> titles = new LinkedHashMap<>();
    private final List<Json> rows = new ArrayList<>();
    private boolean titled = true;

    /// @param type what Docker calls a row, for messages: `container`
    /// @param usualTable the template of the table that is printed when nothing is asked for
    /// @param namesAndTitles the fields and their columns' titles in turn
    public ListRows(String type, String usualTable, String... namesAndTitles) {
        this.type = "formatter." + type + "Context";
        this.usualTable = usualTable;
        for (int i = 0; i < namesAndTitles.length; i += 2) {
            titles.put(namesAndTitles[i], namesAndTitles[i + 1]);
        }
    }

    /// Whether [format] asks for nothing but the usual table.
    public static boolean isUsual(String format) {
        return format.isEmpty() || format.equals(TABLE);
    }

    /// Labels as a cell shows them.
    public static String labels(Json labels) {
        var text = new StringBuilder();
        for (var label : new TreeMap<>(labels.members()).entrySet()) {
            text.append(text.isEmpty() ? "" : ",").append(label.getKey());
            text.append('=').append(label.getValue().text(""));
        }
        return text.toString();
    }

    /// Leaves out the line with the columns' titles.
    public void withoutTitles() {
        titled = false;
    }

    public void add(Row row) {
        rows.add(row.json());
    }

    /// @throws Failure if the format is malformed, or asks for what is not there
    public void print(String format, Output out) {
        if (format.equals("json") || format.equals("{{json .}}")) {
            for (Json row : rows) {
                out.line(json(row));
            }
        } else if (isUsual(format)) {
            printTable(usualTable, out);
        } else if (format.startsWith(TABLE)) {
            printTable(Formats.unescape(format.substring(TABLE.length())), out);
        } else {
            Shape shape = shape();
            try {
                Template template = Template.parse(Formats.unescape(format));
                for (Json row : rows) {
                    out.line(template.apply(Value.of(row, shape)));
                }
            } catch (TemplateFailure e) {
                throw failure(e);
            }
        }
    }

    private static Failure failure(TemplateFailure e) {
        return new Failure("template parsing error: " + e.message());
    }

    private Shape shape() {
        var names = new ArrayList<>(titles.keySet());
        boolean labels = names.remove("Label");
        return Shape.row(type, names, labels ? LABEL_MAP : "");
    }

    /// Whether the template is in order, on a row in which everything is empty: what is wrong with
    /// it is said also when there are no rows.
    public void check(String format) {
        if (isUsual(format) || format.equals("json")) {
            return;
        }
        Template template;
        try {
            template = Template.parse(format);
        } catch (TemplateFailure e) {
            throw new Failure("failed to parse template: " + e.message());
        }
        var row = new Row();
        titles.forEach((name, title) -> row.put(name, ""));
        row.put(LABEL_MAP, Json.object(new LinkedHashMap<>()));
        try {
            template.apply(Value.of(row.json(), shape()));
        } catch (TemplateFailure e) {
            throw new Failure("failed to execute template: " + e.message());
        }
    }

    private void printTable(String text, Output out) {
        var table = new Table();
        if (isPlain(text)) {
            printPlainTable(text, table);
        } else {
            Shape shape = shape();
            var row = new Row();
            titles.forEach(row::put);
            row.put(LABEL_MAP, Json.object(new LinkedHashMap<>()));
            try {
                Template template = Template.parse(text);
                if (titled) {
                    table.lines(template.applyToTitles(Value.of(row.json(), shape)));
                }
                for (Json each : rows) {
                    table.lines(template.apply(Value.of(each, shape)));
                }
            } catch (TemplateFailure e) {
                throw failure(e);
            }
        }
        table.print(out);
    }

    /// Whether the template is nothing but fields between tabs. The usual tables are, and they do
    /// without the template engine's classes.
    private boolean isPlain(String text) {
        for (String field : fields(text)) {
            if (!titles.containsKey(field)) {
                return false;
            }
        }
        return true;
    }

    private static List<String> fields(String text) {
        var fields = new ArrayList<String>();
        int start = 0;
        while (start <= text.length()) {
            int tab = text.indexOf('\t', start);
            int end = tab < 0 ? text.length() : tab;
            boolean braces =
                    end - start > 5
                            && text.startsWith("{{.", start)
                            && text.startsWith("}}", end - 2);
            fields.add(braces ? text.substring(start + 3, end - 2) : "");
            start = end + 1;
        }
        return fields;
    }

    private void printPlainTable(String text, Table table) {
        List<String> fields = fields(text);
        var row = new String[fields.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = titles.getOrDefault(fields.get(i), "");
        }
        if (titled) {
            table.row(row);
        }
        for (Json each : rows) {
            var cells = new String[row.length];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = each.get(fields.get(i)).literal();
            }
            table.row(cells);
        }
    }

    private static String json(Json row) {
        return new JsonWriter(true).value(sorted(row)).toString();
    }

    /// What is printed of a row as JSON.
    public static Json sorted(Json row) {
        var sorted = new LinkedHashMap<>(new TreeMap<>(row.members()));
        sorted.remove(LABEL_MAP);
        return Json.object(sorted);
    }
}
