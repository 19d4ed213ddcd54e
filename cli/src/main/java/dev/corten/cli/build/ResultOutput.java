package dev.corten.cli.build;

import dev.corten.cli.console.Console;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Where the result of a build goes: an option `--output`, or what is short for it.
///
/// @param attributes for the daemon, without the place here
/// @param destination a directory, a file, `-` for standard output; empty if nothing comes back
record ResultOutput(Attributes attributes, String destination) {
    static final String STANDARD_OUTPUT = "-";

    /// All that were asked for.
    ///
    /// @throws Failure in the words of buildx
    static List<ResultOutput> of(Flags flags, Console console) {
        var outputs = new ArrayList<ResultOutput>();
        for (String text : flags.list("output")) {
            outputs.add(parse(text, console));
        }
        if (flags.isSet("push")) {
            outputs.add(new ResultOutput(registry(new LinkedHashMap<>()), ""));
        }
        if (flags.isSet("load") && outputs.stream().noneMatch(ResultOutput::isLoaded)) {
            outputs.add(new ResultOutput(new Attributes("docker", new LinkedHashMap<>()), ""));
        }
        return outputs;
    }

    private static Attributes registry(LinkedHashMap<String, String> values) {
        values.put("push", "true");
        return new Attributes("image", values);
    }

    private static ResultOutput parse(String text, Console console) {
        List<String> fields = Fields.of(text);
        if (fields.size() == 1 && !fields.getFirst().startsWith("type=")) {
            String destination = fields.getFirst();
            boolean archive = destination.equals(STANDARD_OUTPUT);
            Attributes bare = new Attributes(archive ? "tar" : "local", new LinkedHashMap<>());
            return checked(new ResultOutput(bare, destination), console);
        }
        Attributes given = Attributes.parse(fields);
        if (given.type().isEmpty()) {
            throw new Failure("ERROR: type is required for output");
        }
        var values = new LinkedHashMap<>(given.values());
        String destination = values.getOrDefault("dest", "");
        if (!given.type().equals("docker")) {
            values.remove("dest"); // there it says whether the image comes back at all
        }
        Attributes attributes =
                given.type().equals("registry")
                        ? registry(values)
                        : new Attributes(given.type(), values);
        boolean archive = given.type().equals("tar") || given.type().equals("oci");
        if (destination.isEmpty() && archive) {
            destination = STANDARD_OUTPUT;
        }
        return checked(new ResultOutput(attributes, destination), console);
    }

    private static ResultOutput checked(ResultOutput output, Console console) {
        String type = output.attributes.type();
        switch (type) {
            case "local" -> {
                if (output.destination.isEmpty()) {
                    throw BuildFailures.of("dest is required for local exporter");
                }
                if (output.destination.equals(STANDARD_OUTPUT)) {
                    throw BuildFailures.of("dest cannot be stdout for local exporter");
                }
            }
            case "tar", "oci", "docker" -> {
                if (output.destination.equals(STANDARD_OUTPUT) && console.isOutTerminal()) {
                    throw BuildFailures.of(
                            "dest file is required for "
                                    + type
                                    + " exporter. refusing to write to console");
                }
            }
            case "image", "cacheonly" -> {}
            default ->
                    throw BuildFailures.of(
                            "failed to solve: exporter \"" + type + "\" could not be found");
        }
        return output;
    }

    /// Whether it becomes files here.
    boolean isDirectory() {
        return attributes.type().equals("local");
    }

    private boolean isLoaded() {
        return attributes.type().equals("docker") && destination.isEmpty();
    }

    boolean isPushed() {
        return attributes.get("push").equals("true");
    }
}
