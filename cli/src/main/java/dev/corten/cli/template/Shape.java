package dev.corten.cli.template;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The Go type that Docker's command line has for a value: what a template sees in a field that JSON
/// leaves out or says `null` of, under which name it finds a field, and how a structure is printed.
public final class Shape {
    enum Kind {
        /// Whatever the JSON is.
        ANY,
        BOOL,
        INT,
        FLOAT,
        STRING,
        TIME,
        DURATION,
        LIST,
        MAP,
        STRUCT,
        /// A text for each of one argument.
        METHOD
    }

    /// A field of a structure.
    ///
    /// @param json its name in JSON; empty if it is embedded, that is, its members are the outer's
    record Field(String json, Shape shape) {
        boolean isEmbedded() {
            return json.isEmpty();
        }
    }

    public static final Shape ANY = new Shape(Kind.ANY, "interface {}", false);
    static final Shape BOOL = new Shape(Kind.BOOL, "bool", false);
    static final Shape INT = new Shape(Kind.INT, "int", false);
    static final Shape FLOAT = new Shape(Kind.FLOAT, "float64", false);
    static final Shape STRING = new Shape(Kind.STRING, "string", false);
    static final Shape TIME = new Shape(Kind.TIME, "time.Time", false);
    static final Shape DURATION = new Shape(Kind.DURATION, "time.Duration", false);
    static final Shape METHOD = new Shape(Kind.METHOD, "func", false);

    private final Kind kind;
    private final String name;
    private final boolean pointer;
    private final Map<String, Field> fields;
    private Shape element = this;

    private Shape(Kind kind, String name, boolean pointer) {
        this(kind, name, pointer, new LinkedHashMap<>());
    }

    private Shape(Kind kind, String name, boolean pointer, Map<String, Field> fields) {
        this.kind = kind;
        this.name = name;
        this.pointer = pointer;
        this.fields = fields;
    }

    /// A structure without fields so far.
    static Shape struct(String name) {
        return new Shape(Kind.STRUCT, name, false);
    }

    static Shape list(Shape element) {
        var list = new Shape(Kind.LIST, "[]" + element.typeName(), false);
        list.element = element;
        return list;
    }

    static Shape map(Shape element) {
        var map = new Shape(Kind.MAP, "map[string]" + element.typeName(), false);
        map.element = element;
        return map;
    }

    /// A row of a list: what its cells are by name, and the method `Label`.
    ///
    /// @param type the name of Go's type
    /// @param labels the JSON member with what `Label` chooses from
    public static Shape row(String type, Iterable<String> cells, String labels) {
        Shape row = struct(type);
        for (String cell : cells) {
            row.fields.put(cell, new Field(cell, ANY));
        }
        if (!labels.isEmpty()) {
            row.fields.put("Label", new Field(labels, METHOD));
        }
        return row.pointer();
    }

    /// The same, by reference: it may be nil. Shares its fields, which may be added later.
    Shape pointer() {
        var reference = new Shape(kind, name, true, fields);
        reference.element = element;
        return reference;
    }

    void add(String name, String json, Shape shape) {
        fields.put(name, new Field(json, shape));
    }

    Kind kind() {
        return kind;
    }

    boolean isPointer() {
        return pointer;
    }

    Shape element() {
        return element;
    }

    Map<String, Field> fields() {
        return fields;
    }

    /// A field, also one of an embedded structure; null if there is none.
    @Nullable Field field(String name) {
        Field field = fields.get(name);
        if (field != null) {
            return field;
        }
        for (Field embedding : fields.values()) {
            Field inner = embedding.isEmbedded() ? embedding.shape.field(name) : null;
            if (inner != null) {
                return inner;
            }
        }
        return null;
    }

    String typeName() {
        return pointer ? "*" + name : name;
    }
}
