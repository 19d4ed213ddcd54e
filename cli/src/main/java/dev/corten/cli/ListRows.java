package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Prints a list in the form that `--format` asks for: a table, JSON, or a template for each row.
final class ListRows {
    /// A member of rows that is not printed: the labels one by one, for `{{.Label "name"}}`.
    static final String LABEL_MAP = "\0labels";

    private final Map<String, String> headers;
    private final String usualTable;
    private final List<Json> rows = new ArrayList<>();

    /// @param headers the column titles by field
    /// @param usualTable the template of the table that is printed when nothing is asked for
    ListRows(Map<String, String> headers, String usualTable) {
        this.headers = headers;
        this.usualTable = usualTable;
    }

    void add(LinkedHashMap<String, Json> row) {
        rows.add(Json.object(row));
    }

    void print(String format, Output out) {
        if (format.equals("json") || format.equals("{{json .}}")) {
            for (Json row : rows) {
                out.line(json(row));
            }
        } else if (format.isEmpty() || format.equals("table")) {
            printTable(usualTable, out);
        } else if (format.startsWith("table")) {
            printTable(unescape(format.substring("table".length()).strip()), out);
        } else {
            Template template = Template.parse(unescape(format));
            for (Json row : rows) {
                out.line(template.apply(row));
            }
        }
    }

    private void printTable(String text, Output out) {
        var table = new Table();
        if (isPlain(text)) {
            printPlainTable(text, table);
        } else {
            Template template = Template.parse(text);
            var titles = new LinkedHashMap<String, Json>();
            for (var header : headers.entrySet()) {
                titles.put(header.getKey(), Json.string(header.getValue()));
            }
            titles.put(LABEL_MAP, Json.object(new LinkedHashMap<>()));
            table.line(template.apply(Json.object(titles)));
            for (Json row : rows) {
                table.line(template.apply(row));
            }
        }
        table.print(out);
    }

    /// Whether the template is nothing but fields between tabs. The usual tables are, and they do
    /// without the template engine's classes.
    private boolean isPlain(String text) {
        for (String field : fields(text)) {
            if (!headers.containsKey(field)) {
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
        var titles = new String[fields.size()];
        for (int i = 0; i < titles.length; i++) {
            titles[i] = headers.getOrDefault(fields.get(i), "");
        }
        table.row(titles);
        for (Json row : rows) {
            var cells = new String[titles.length];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = row.get(fields.get(i)).literal();
            }
            table.row(cells);
        }
    }

    private static String json(Json row) {
        var sorted = new TreeMap<String, Json>(row.members());
        sorted.remove(LABEL_MAP);
        var json = new JsonWriter(true).object();
        for (var member : sorted.entrySet()) {
            json.name(member.getKey()).value(member.getValue());
        }
        return json.end().toString();
    }

    /// The row without what is not printed.
    static Json visible(Json row) {
        if (!row.members().containsKey(LABEL_MAP)) {
            return row;
        }
        var members = new LinkedHashMap<>(row.members());
        members.remove(LABEL_MAP);
        return Json.object(members);
    }

    /// Shells hand `\t` and `\n` over as two letters.
    private static String unescape(String format) {
        return format.replace("\\t", "\t").replace("\\n", "\n");
    }
}
