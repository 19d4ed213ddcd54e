package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import java.util.ArrayList;
import java.util.List;

/// The fields of an option's value: separated by commas, quoted as in CSV.
public final class Fields {
    private Fields() {}

    /// @throws Refusal in the words of Go's CSV reader
    public static List<String> of(String line) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted) {
                if (c != '"') {
                    field.append(c);
                } else if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    field.append('"');
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && field.isEmpty()) {
                quoted = true;
            } else if (c == ',') {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        if (quoted) {
            throw new Refusal("parse error: extraneous or missing \" in quoted-field");
        }
        fields.add(field.toString());
        return fields;
    }
}
