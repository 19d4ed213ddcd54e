package dev.corten.systests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Compares what is on the machine with what the engine says that it has.
final class Disorder {
    private Disorder() {}

    /// What there is without a container that it belongs to, and the reverse.
    static Set<String> of(Engine engine) throws IOException {
        Map<String, Boolean> bridged = new HashMap<>();
        var ids = new HashSet<String>();
        for (JsonNode container : engine.api().get("/containers/json?all=1").json()) {
            String id = container.path("Id").asString();
            ids.add(id);
            if (container.path("State").asString().equals("running")) {
                bridged.put(
                        id,
                        container
                                .path("HostConfig")
                                .path("NetworkMode")
                                .asString()
                                .equals("bridge"));
            }
        }
        Set<String> running = bridged.keySet();
        var wrong = new TreeSet<String>();
        Path data = engine.dataRoot();
        Path exec = engine.root().resolve("exec");
        compare(wrong, "directories", names(data.resolve("containers")), ids);
        compare(wrong, "snapshots", snapshots(data.resolve("overlay2")), ids);
        compare(wrong, "exit directories", names(exec.resolve("containers")), running);
        var sockets = new HashSet<String>();
        running.forEach(id -> sockets.add(id.substring(0, 24)));
        compare(wrong, "sockets", names(exec.resolve("s")), sockets);
        compare(wrong, "trash", names(data.resolve("overlay2/.trash")), Set.of());
        wrong.addAll(engine.belongings().besides(running));
        long ports = bridged.values().stream().filter(b -> b).count();
        long elements = engine.belongings().publishedPorts();
        if (elements != ports) {
            wrong.add(elements + " published ports instead of " + ports);
        }
        return wrong;
    }

    private static void compare(
            Set<String> wrong, String what, Set<String> found, Set<String> wanted) {
        if (!found.equals(wanted)) {
            wrong.add(what + " " + found + " instead of " + wanted);
        }
    }

    private static Set<String> names(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return Set.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return new HashSet<>(found.map(p -> p.getFileName().toString()).toList());
        }
    }

    /// Those of containers: an image's layers have no `chain`.
    private static Set<String> snapshots(Path directory) throws IOException {
        var found = new HashSet<String>();
        for (String name : names(directory)) {
            if (Files.exists(directory.resolve(name).resolve("chain"))) {
                found.add(name);
            }
        }
        return found;
    }
}
