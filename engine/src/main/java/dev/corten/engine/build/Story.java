package dev.corten.engine.build;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a step was when it was done last: enough to say afterwards what is another thing now.
///
/// @param key of whose step it is
/// @param name of the step
/// @param files what differs if a file of a context does, by path
record Story(
        String key,
        String name,
        Digest definition,
        List<Input> inputs,
        SortedMap<String, String> files) {
    private static final int NAMED = 3;

    /// @param digest of its content, or of what the step reads of it
    record Input(Digest digest, String name) {}

    /// The same, to be found by what it is, whoever builds it.
    Story byDefinition() {
        return new Story(byDefinition(definition), name, definition, inputs, files);
    }

    static String byDefinition(Digest definition) {
        return "definition " + definition;
    }

    byte[] write() {
        var text = new StringBuilder();
        text.append("key ").append(line(key)).append("\nname ").append(line(name));
        text.append("\ndefinition ").append(definition).append('\n');
        inputs.forEach(input ->
                text.append("input ")
                        .append(input.digest())
                        .append(' ')
                        .append(line(input.name()))
                        .append('\n'));
        files.forEach((path, state) ->
                text.append("file ")
                        .append(line(state).replace(' ', '_'))
                        .append(' ')
                        .append(line(path))
                        .append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String line(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }

    /// @return empty if it is not what was written, or of another step
    static Optional<Story> read(byte[] bytes, String key) {
        String name = "";
        Optional<Digest> definition = Optional.empty();
        var inputs = new ArrayList<Input>();
        var files = new TreeMap<String, String>();
        try {
            for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
                String[] words = line.split(" ", 2);
                String rest = words.length > 1 ? words[1] : "";
                String[] pair = rest.split(" ", 2);
                String second = pair.length > 1 ? pair[1] : "";
                switch (words[0]) {
                    case "key" -> {
                        if (!rest.equals(line(key))) {
                            return Optional.empty();
                        }
                    }
                    case "name" -> name = rest;
                    case "definition" -> definition = Optional.of(Digest.parse(rest));
                    case "input" -> inputs.add(new Input(Digest.parse(pair[0]), second));
                    case "file" -> files.put(second, pair[0]);
                    default -> {}
                }
            }
        } catch (InvalidParameter e) {
            return Optional.empty();
        }
        String found = name;
        return definition.map(digest -> new Story(key, found, digest, inputs, files));
    }

    /// Why a step is not what it was.
    ///
    /// @param before the last time
    String since(Story before) {
        if (!definition.equals(before.definition)) {
            String was = instruction(before.name);
            return instruction(line(name)).equals(was)
                    ? "what it depends on beside files changed: variables, arguments or options"
                    : "the instruction changed; it was: " + was;
        }
        for (int i = 0; i < inputs.size(); i++) {
            if (i >= before.inputs.size()
                    || !inputs.get(i).digest().equals(before.inputs.get(i).digest())) {
                return changed(before, inputs.get(i).name());
            }
        }
        return "its result is not in the cache any more";
    }

    private String changed(Story before, String input) {
        List<String> differences = differences(before.files, files);
        if (differences.isEmpty() || !input.contains("load")) {
            return "what it begins with changed: " + input;
        }
        int more = differences.size() - NAMED;
        return "files changed: "
                + String.join(", ", differences.subList(0, Math.min(NAMED, differences.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static List<String> differences(Map<String, String> before, Map<String, String> now) {
        var names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        var differences = new ArrayList<String>();
        for (String name : names) {
            String old = before.get(name);
            String fresh = now.get(name);
            if (old == null) {
                differences.add(name + " (new)");
            } else if (fresh == null) {
                differences.add(name + " (gone)");
            } else if (!old.equals(fresh)) {
                differences.add(name);
            }
        }
        return differences;
    }

    /// Without the place in its stage.
    private static String instruction(String name) {
        int end = name.indexOf("] ");
        return end < 0 ? name : name.substring(end + 2);
    }
}
