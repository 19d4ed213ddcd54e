package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// What this machine has. A test that needs more is skipped, with one of the reasons in the file
/// `allowed-skips`: one that is not written there is a failure.
final class Machine {
    private Machine() {}

    static void hasRoot() {
        has("the engine needs root", new com.sun.security.auth.module.UnixSystem().getUid() == 0);
    }

    static void hasProgram(String name) {
        boolean found =
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        has("there is no program " + name, found);
    }

    /// A folder with a docker command line of another version, as `packaging/prepare` unpacks it.
    static Path docker(Path repository, String version) {
        Path folder = repository.resolve("target/docker-" + version + "/usr/bin");
        has("there is no docker " + version, Files.isExecutable(folder.resolve("docker")));
        return folder;
    }

    static void hasDockerPy() {
        has(
                "there is no docker-py",
                Running.run("/usr/bin/python3", "-c", "import docker").status() == 0);
    }

    /// @param modules where `packaging/prepare` puts it
    static void hasDockerode(Path modules) {
        has("there is no dockerode", Files.isDirectory(modules.resolve("dockerode")));
    }

    /// @param program where `packaging/prepare` puts it
    static void hasDebianRegistry(Path program) {
        has("there is no docker-registry", Files.isExecutable(program));
    }

    static void hasNpmMirror(Path folder) {
        has("there are no packages of npm", Files.exists(folder.resolve("complete")));
    }

    static void hasSshServer(Path program) {
        has("there is no sshd", Files.isExecutable(program));
    }

    static void hasControlGroupsOfVersion1() {
        has("there are no control groups v1", Files.isDirectory(Path.of("/sys/fs/cgroup/memory")));
    }

    /// Not for want of a machine: a session that the engine cannot answer yet.
    static void awaits(String reason) {
        has(reason, false);
    }

    private static void has(String reason, boolean there) {
        if (!there) {
            if (!allowed().contains(reason)) {
                throw new AssertionError("not among the allowed skips: " + reason);
            }
            Assumptions.abort(reason);
        }
    }

    private static List<String> allowed() {
        try (var in = Machine.class.getResourceAsStream("allowed-skips")) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
