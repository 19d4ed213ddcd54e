package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A context that a test writes, and the program that builds it: `docker`, with the classic API, or
/// `corten`.
final class BuildFolder implements AutoCloseable {
    private final Client client;
    private final Scratch folder;
    private String said = "";

    private BuildFolder(Client client, Scratch folder) {
        this.client = client;
        this.folder = folder;
    }

    static BuildFolder of(Engine engine, String program) {
        Client client = program.equals("docker") ? engine.docker() : engine.corten();
        return new BuildFolder(client, Scratch.folder("corten-build"));
    }

    /// For what is built as the corpus is.
    static CorpusBuild builder(Engine engine, String program) {
        Map<String, String> environment = new LinkedHashMap<>(engine.docker().environment());
        environment.put("DOCKER_BUILDKIT", "0");
        String words =
                program.equals("docker") ? "docker" : String.join(" ", engine.corten().program());
        return new CorpusBuild(environment, words, true, engine.api());
    }

    Path path(String name) {
        return folder.file(name);
    }

    BuildFolder dockerfile(String... lines) {
        return file("Dockerfile", String.join("\n", lines) + "\n");
    }

    BuildFolder file(String name, String content) {
        try {
            Files.createDirectories(path(name).getParent());
            Files.writeString(path(name), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Builds this folder; relative paths of options are below it.
    Finished build(String... options) {
        Finished finished;
        try (var running = start(options)) {
            running.closeInput();
            finished = running.await();
        }
        said = finished.out() + finished.err();
        return finished;
    }

    Finished buildWithInput(String input, String... options) {
        Finished finished;
        try (var running = start(options)) {
            running.feed(input.getBytes(UTF_8));
            finished = running.await();
        }
        said = finished.out() + finished.err();
        return finished;
    }

    Running start(String... options) {
        return startAt(".", options);
    }

    Running startAt(String context, String... options) {
        var line = new ArrayList<String>(List.of("env", "-C", folder.path().toString()));
        line.addAll(client.program());
        line.add("build");
        if (!isDocker()) {
            line.add("--progress=plain");
        }
        line.addAll(List.of(options));
        line.add(context);
        return Running.start(line, client.environment());
    }

    boolean isDocker() {
        return client.program().getFirst().equals("docker");
    }

    /// All that the last build said.
    String said() {
        return said;
    }

    /// The last build failed, and said all of this.
    void refused(String... words) {
        for (String word : words) {
            if (!said.contains(word)) {
                throw new AssertionError("not said: " + word + "\nbut: " + said);
            }
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
