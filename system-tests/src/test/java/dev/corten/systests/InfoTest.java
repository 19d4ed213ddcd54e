package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The lines of `docker info` that are about this machine and this daemon, held against both. Those
/// that are the same everywhere are in the transcript `info`.
@ExtendWith(PrivateEngine.class)
class InfoTest {
    @Test
    @Shows({"INF-17", "INF-33", "INF-34", "INF-36", "INF-37", "INF-38", "INF-39"})
    void machineIsTold(Client docker) throws IOException {
        List<String> lines = lines(docker);
        assertThat(lines)
                .contains(
                        "Cgroup Version: "
                                + (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))
                                        ? 2
                                        : 1),
                        "Kernel Version: " + Running.run("uname", "-r").ok(),
                        "Operating System: " + prettyName(),
                        "Architecture: " + Running.run("uname", "-m").ok(),
                        "CPUs: " + Running.run("nproc").ok(),
                        "Name: " + InetAddress.getLocalHost().getHostName());
        long kibibytes =
                Files.readAllLines(Path.of("/proc/meminfo")).stream()
                        .filter(line -> line.startsWith("MemTotal:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow();
        String memory = value(lines, "Total Memory");
        assertThat(memory).matches("[0-9.]{1,5}[KMGT]iB");
        assertThat(docker.ok("info", "-f", "{{.MemTotal}}"))
                .isEqualTo(Long.toString(kibibytes * 1024));
    }

    private static String prettyName() throws IOException {
        return Files.readAllLines(Path.of("/etc/os-release")).stream()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Shows({
        "INF-09", "INF-11", "INF-19", "INF-23", "INF-24", "INF-25", "INF-26", "INF-27", "INF-28"
    })
    void partsOfTheEngineAreTold(Client docker, Engine engine) {
        List<String> lines = lines(docker);
        assertThat(lines)
                .contains("Volume: local", "Default Runtime: corten", "Init Binary: docker-init");
        assertThat(value(lines, "Server Version")).isEqualTo("28.5.2");
        assertThat(value(lines, "Runtimes").split(" ")).contains("corten", "runc");
        assertThat(lines)
                .anyMatch(line -> line.startsWith("containerd version:"))
                .anyMatch(line -> line.startsWith("runc version:"))
                .anyMatch(line -> line.startsWith("init version:"));
        String type =
                Running.run("stat", "-f", "-c", "%T", engine.root().toString())
                        .ok()
                        .replace("ext2/ext3", "extfs");
        assertThat(value(lines, "Backing Filesystem")).isEqualTo(type);
    }

    @Test
    @Shows({"INF-40", "INF-41", "INF-42", "INF-43", "INF-46", "INF-47"})
    void daemonIsTold(Client docker, Engine engine) {
        List<String> lines = lines(docker);
        assertThat(lines)
                .contains(
                        "Docker Root Dir: " + engine.dataRoot(),
                        "Debug Mode: true",
                        "::1/128",
                        "127.0.0.0/8",
                        "Live Restore Enabled: true");
        assertThat(docker.ok("info", "-f", "{{.IndexServerAddress}}"))
                .isEqualTo("https://index.docker.io/v1/");
        assertThat(docker.ok("info", "-f", "{{gt .NFd 0}} {{gt .NGoroutines 0}}"))
                .isEqualTo("true true");
        String id = value(lines, "ID");
        assertThat(id).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
        engine.terminate();
        engine.open();
        assertThat(lines(docker)).contains("ID: " + id);
    }

    @Test
    @Shows({"INF-44", "INF-48"})
    void optionsOfTheDaemonAreTold() {
        Engine engine =
                Engine.start(
                        "--label",
                        "team=red",
                        "--registry-mirror",
                        "https://mirror.example",
                        "--insecure-registry",
                        "registry.example:5000");
        try {
            assertThat(lines(engine.docker()))
                    .contains(
                            "Labels:",
                            "team=red",
                            "Registry Mirrors:",
                            "https://mirror.example/",
                            "registry.example:5000");
        } finally {
            engine.closeCleanly();
        }
    }

    @Test
    @Shows("CLI-03")
    void versionTellsOfWhichCommitItIs(Client docker, Engine engine) {
        String both = "{{.Server.GitCommit}} {{.Client.GitCommit}}";
        assertThat(engine.corten().ok("version", "--format", both)).matches("([0-9a-f]{7,}) \\1");
        String time = "\\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d 20\\d\\d";
        assertThat(docker.ok("version", "--format", "{{.Server.BuildTime}}"))
                .matches("20[-0-9]+T[:0-9]+\\.000000000\\+00:00");
        assertThat(docker.ok("version")).containsPattern("\n  Built: +" + time);
        assertThat(engine.corten().ok("version"))
                .containsPattern("\n Built: +" + time)
                .containsPattern("\n  Built: +" + time);
    }

    @Test
    @Shows({"INF-02", "INF-03", "INF-45"})
    void cortenPrintsTheSameLines(Engine engine) {
        List<String> ours = lines(engine.corten());
        assertThat(ours)
                .contains(
                        "Client: Corten", "Context:    default", "Server:", "Experimental: false");
        assertThat(server(ours)).isEqualTo(server(lines(engine.docker())));
    }

    /// Behind the client's block; what changes by itself is left out.
    private static List<String> server(List<String> lines) {
        return lines.subList(lines.indexOf("Server:"), lines.size()).stream()
                .filter(line -> !line.matches("(File Descriptors|Goroutines|System Time): .*"))
                .map(line -> line.startsWith("Runtimes: ") ? sorted(line) : line)
                .toList();
    }

    /// The docker client prints them in the order of one of Go's maps, another one each time.
    private static String sorted(String line) {
        return Stream.of(line.split(" ")).sorted().collect(Collectors.joining(" "));
    }

    private static List<String> lines(Client client) {
        return client.ok("info").lines().map(String::strip).toList();
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key + ": "))
                .map(line -> line.substring(key.length() + 2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line " + key + " in " + lines));
    }
}
