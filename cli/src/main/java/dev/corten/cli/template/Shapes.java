package dev.corten.cli.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The types of what `inspect`, `info`, `version` and `events` hand to templates, from the table
/// `shapes.txt`:
///
/// ```
/// container.State
///  Status string
///  Health *container.Health
/// container.InspectResponse
///  ID:Id string
///  ExecIDs []string
/// ```
///
/// A line without a space before it begins a structure; the others are its fields in their order,
/// with the name in JSON after a colon where that is another; with nothing after the colon it is
/// embedded: its fields are the outer one's as well, in JSON too. Types are `string`, `bool`, `int`,
/// `float`, `time`, `duration`, `any`, a structure of the table, and with `*`, `[]` or `map[]`
/// before it a pointer to, a list of, or a map of texts to what follows.
public final class Shapes {
    private final Map<String, Shape> structs = new HashMap<>();

    private Shapes(String table) {
        for (int start = 0; start < table.length(); start = lineEnd(table, start) + 1) {
            if (table.charAt(start) != ' ') {
                String name = table.substring(start, lineEnd(table, start));
                structs.put(name, Shape.struct(name));
            }
        }
        Shape current = Shape.ANY;
        for (int start = 0; start < table.length(); start = lineEnd(table, start) + 1) {
            String line = table.substring(start, lineEnd(table, start));
            if (line.charAt(0) == ' ') {
                addField(current, line.substring(1));
            } else {
                current = find(line);
            }
        }
    }

    private static int lineEnd(String table, int start) {
        return table.indexOf('\n', start);
    }

    private void addField(Shape struct, String line) {
        int space = line.indexOf(' ');
        String names = line.substring(0, space);
        int colon = names.indexOf(':');
        String name = colon < 0 ? names : names.substring(0, colon);
        struct.add(name, names.substring(colon + 1), type(line.substring(space + 1)));
    }

    private Shape type(String text) {
        if (text.startsWith("*")) {
            return type(text.substring(1)).pointer();
        }
        if (text.startsWith("[]")) {
            return Shape.list(type(text.substring(2)));
        }
        if (text.startsWith("map[]")) {
            return Shape.map(type(text.substring(5)));
        }
        return switch (text) {
            case "any" -> Shape.ANY;
            case "bool" -> Shape.BOOL;
            case "int" -> Shape.INT;
            case "float" -> Shape.FLOAT;
            case "string" -> Shape.STRING;
            case "time" -> Shape.TIME;
            case "duration" -> Shape.DURATION;
            default -> find(text);
        };
    }

    private Shape find(String name) {
        Shape shape = structs.get(name);
        if (shape == null) {
            throw new IllegalStateException("no type " + name + " in shapes.txt");
        }
        return shape;
    }

    /// The structure of that name.
    public static Shape get(String name) {
        try (var in = Shapes.class.getResourceAsStream("shapes.txt")) {
            if (in == null) {
                throw new IllegalStateException("no shapes.txt");
            }
            return new Shapes(new String(in.readAllBytes(), StandardCharsets.UTF_8)).find(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
