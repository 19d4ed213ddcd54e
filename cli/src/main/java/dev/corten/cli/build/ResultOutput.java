package dev.corten.cli.build;

import dev.corten.cli.console.Console;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Where the result of a build goes: an option `--output`, or what is short for it.
///
/// @param attributes for the daemon, without the place here
/// @param destination a directory, a file, `-` for standard output; empty if nothing comes back
/// @param isDirectory whether what comes back becomes files in a directory
record ResultOutput(Attributes attributes, String destination, boolean isDirectory) {
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
            outputs.add(new ResultOutput(registry(new LinkedHashMap<>()), "", false));
        }
        if (flags.isSet("load") && outputs.stream().noneMatch(ResultOutput::isLoaded)) {
            outputs.add(
                    new ResultOutput(new Attributes("docker", new LinkedHashMap<>()), "", false));
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
            return checked(new ResultOutput(bare, destination, !archive), console);
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
        boolean images = given.type().equals("oci") || given.type().equals("docker");
        boolean directory =
                given.type().equals("local") || images && isFalse(values.getOrDefault("tar", ""));
        if (images) {
            values.remove("tar"); // the daemon sends one in any case
        }
        if (directory && destination.isEmpty()) {
            throw BuildFailures.of("dest is required for " + given.type() + " exporter");
        }
        if (destination.isEmpty() && (given.type().equals("tar") || given.type().equals("oci"))) {
            destination = STANDARD_OUTPUT;
        }
        return checked(new ResultOutput(attributes, destination, directory), console);
    }

    private static boolean isFalse(String value) {
        return switch (value) {
            case "", "1", "t", "T", "true", "TRUE", "True" -> false;
            case "0", "f", "F", "false", "FALSE", "False" -> true;
            default -> throw BuildFailures.of("invalid value \"" + value + "\" for tar");
        };
    }

    private static ResultOutput checked(ResultOutput output, Console console) {
        String type = output.attributes.type();
        if (output.isDirectory && output.destination.equals(STANDARD_OUTPUT)) {
            throw BuildFailures.of("dest cannot be stdout for " + type + " exporter");
        }
        switch (type) {
            case "local" -> {
                if (output.destination.isEmpty()) {
                    throw BuildFailures.of("dest is required for local exporter");
                }
            }
            case "tar", "oci", "docker" -> {
                if (!output.isDirectory && new File(output.destination).isDirectory()) {
                    throw BuildFailures.of(
                            "destination file " + output.destination + " is a directory");
                }
                if (!output.isDirectory
                        && output.destination.equals(STANDARD_OUTPUT)
                        && console.isOutTerminal()) {
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

    private boolean isLoaded() {
        return attributes.type().equals("docker") && destination.isEmpty();
    }

    boolean isPushed() {
        return attributes.get("push").equals("true");
    }
}
