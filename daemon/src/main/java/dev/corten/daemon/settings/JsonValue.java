package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A value of the configuration file, and the line on which it begins.
sealed interface JsonValue {
    int line();

    /// Go's word for the kind of a value that is of the wrong one.
    String kind();

    /// As messages show it (Go's `%v`).
    String shown();

    record Text(String text, int line) implements JsonValue {
        @Override
        public String kind() {
            return "string";
        }

        @Override
        public String shown() {
            return text;
        }
    }

    /// @param literal as written
    record Numeral(String literal, int line) implements JsonValue {
        @Override
        public String kind() {
            return "number";
        }

        @Override
        public String shown() {
            return literal;
        }
    }

    record Truth(boolean value, int line) implements JsonValue {
        @Override
        public String kind() {
            return "bool";
        }

        @Override
        public String shown() {
            return Boolean.toString(value);
        }
    }

    record Null(int line) implements JsonValue {
        @Override
        public String kind() {
            return "null";
        }

        @Override
        public String shown() {
            return "<nil>";
        }
    }

    record Array(List<JsonValue> elements, int line) implements JsonValue {
        public Array {
            elements = List.copyOf(elements);
        }

        @Override
        public String kind() {
            return "array";
        }

        @Override
        public String shown() {
            var shown = new ArrayList<String>();
            elements.forEach(element -> shown.add(element.shown()));
            return "[" + String.join(" ", shown) + "]";
        }
    }

    /// @param members in the order of the text; the last of equal names counts
    record Members(Map<String, JsonValue> members, int line) implements JsonValue {
        public Members {
            members = new LinkedHashMap<>(members);
        }

        @Override
        public String kind() {
            return "object";
        }

        @Override
        public String shown() {
            var shown = new ArrayList<String>();
            new TreeMap<>(members).forEach((name, value) -> shown.add(name + ":" + value.shown()));
            return "map[" + String.join(" ", shown) + "]";
        }
    }
}
