package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Every route with random methods, queries and bodies: an answer comes to each request, one of 500
/// has its cause in the log, and nothing is left. `-Dseed=N -Dfuzz.seconds=N` repeats or lengthens it.
@ExtendWith(PrivateEngine.class)
class ApiFuzzTest {
    private static final int CLIENTS = 4;
    private static final long SECONDS = Long.getLong("fuzz.seconds", 10);

    /// More descriptors and threads than this may not be left: what the JVM loads late is in it.
    private static final int SPARE = 30;

    private static final List<String> ROUTES = resource("routes");
    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "BREW");
    private static final List<String> VERSIONS =
            List.of("", "", "/v1.51", "/v1.44", "/v1.41", "/v1.24", "/v1.10", "/v9.99", "/vx");
    private static final List<String> PARAMETERS =
            List.of(
                    "all",
                    "limit",
                    "size",
                    "filters",
                    "stream",
                    "stdout",
                    "stdin",
                    "stderr",
                    "logs",
                    "follow",
                    "since",
                    "until",
                    "tail",
                    "timestamps",
                    "details",
                    "t",
                    "signal",
                    "force",
                    "v",
                    "link",
                    "name",
                    "platform",
                    "h",
                    "w",
                    "condition",
                    "fromSrc",
                    "fromImage",
                    "repo",
                    "tag",
                    "one-shot",
                    "ps_args",
                    "detachKeys",
                    "noprune",
                    "quiet",
                    "changes",
                    "type",
                    "digests",
                    "shared-size",
                    "path",
                    "message");
    private static final List<String> VALUES =
            List.of(
                    "",
                    "0",
                    "1",
                    "true",
                    "false",
                    "-1",
                    "all",
                    "c1",
                    "c2",
                    "busybox",
                    "99999999999999",
                    "{\"status\":[\"running\"]}",
                    "{\"x\":1}",
                    "{",
                    "SIGHUP",
                    "9",
                    "KILL",
                    "\0",
                    "한글",
                    "next-exit",
                    "removed",
                    "1700000000.5",
                    "ctrl-a",
                    "aux",
                    "linux/amd64",
                    "../..",
                    "%",
                    "fuzzed",
                    "container",
                    "a b");
    private static final List<String> KEYS =
            List.of(
                    "Image",
                    "Cmd",
                    "Env",
                    "Entrypoint",
                    "User",
                    "WorkingDir",
                    "Hostname",
                    "Labels",
                    "Tty",
                    "OpenStdin",
                    "StopSignal",
                    "StopTimeout",
                    "ExposedPorts",
                    "Volumes",
                    "HostConfig",
                    "NetworkingConfig",
                    "EndpointsConfig",
                    "Memory",
                    "NanoCpus",
                    "PidsLimit",
                    "CpusetCpus",
                    "CapAdd",
                    "CapDrop",
                    "NetworkMode",
                    "PidMode",
                    "IpcMode",
                    "PortBindings",
                    "RestartPolicy",
                    "Name",
                    "MaximumRetryCount",
                    "Dns",
                    "ExtraHosts",
                    "Tmpfs",
                    "Sysctls",
                    "Ulimits",
                    "Devices",
                    "LogConfig",
                    "Type",
                    "Config",
                    "ReadonlyRootfs",
                    "SecurityOpt",
                    "ShmSize",
                    "Init",
                    "AutoRemove",
                    "Mounts",
                    "Target",
                    "Source",
                    "Detach",
                    "AttachStdout",
                    "Privileged",
                    "Healthcheck",
                    "Test",
                    "Driver",
                    "DriverOpts",
                    "Container");
    private static final List<String> TEXTS =
            List.of(
                    "busybox",
                    "true",
                    "sh",
                    "80/tcp",
                    "80",
                    "",
                    "c1",
                    "container:c1",
                    "host",
                    "none",
                    "bridge",
                    "NET_ADMIN",
                    "ALL",
                    "always",
                    "on-failure",
                    "/tmp/x",
                    "relative",
                    "0-1",
                    "999",
                    "json-file",
                    "local",
                    "none",
                    "A=b",
                    "=b",
                    "tmpfs",
                    "volume",
                    "\\u0000",
                    "\\ud800",
                    "한글",
                    "KILL",
                    "1000:1000",
                    "nouser",
                    "8.8.8.8",
                    "name:1.2.3.4",
                    "fuzzvolume",
                    "net.ipv4.ip_forward");

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<Integer, Integer> statuses = new HashMap<>();

    @Test
    void everyRequestIsAnsweredAndNothingIsLeft(Engine engine, Client docker) throws Exception {
        Supplier<Map<String, Integer>> use = () -> use(engine.pid());
        prepare(docker);
        Map<String, Integer> before = use.get();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        var random = new Random(seed);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++) {
            var own = new Random(random.nextLong());
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                while (System.nanoTime() < end && troubles.isEmpty()) {
                                    request(engine, own);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(troubles).as("seed " + seed).isEmpty();
        String log = engine.logText();
        assertThat(failures)
                .as("seed %d: each answer of 500 is in the log", seed)
                .allMatch(log::contains);
        assertThat(statuses.keySet()).as("answers").contains(200, 201, 204, 400, 404);
        engine.removeContainers();
        Eventually.get("order", () -> Disorder.of(engine), Set<String>::isEmpty);
        Eventually.get(
                "what it has open, before: " + before,
                use::get,
                now ->
                        now.get("descriptors") <= before.get("descriptors") + SPARE
                                && now.get("threads") <= before.get("threads") + SPARE);
        engine.api().call("DELETE", "/images/busybox?force=1");
        Image.busybox().load(engine);
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "well")).isEqualTo("well");
    }

    /// Two containers that most requests are about; they end as soon as they are asked to.
    private static void prepare(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "--stop-signal", "KILL", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "c2", "--stop-signal", "KILL", "busybox", "sleep", "1000");
        docker.ok("tag", "busybox", "fuzzed");
    }

    private void request(Engine engine, Random random) {
        String[] route = pick(ROUTES, random).split(" ");
        String method = random.nextInt(10) == 0 ? pick(METHODS, random) : route[0];
        String path = pick(VERSIONS, random) + path(route[1], method, random);
        byte[] body = method.equals("GET") || method.equals("HEAD") ? new byte[0] : body(random);
        String type = random.nextInt(20) == 0 ? "text/plain" : "application/json";
        String what = method + " " + path + " " + new String(body, UTF_8);
        try (var connection = engine.api().connect()) {
            byte[] head = Api.head(method, path, body.length, type, "close").getBytes(UTF_8);
            if (random.nextInt(30) == 0) {
                connection.send(new String(head, UTF_8).substring(0, random.nextInt(head.length)));
                return;
            }
            connection.send(head);
            if (random.nextInt(30) == 0) {
                connection.send(new String(body, UTF_8).substring(0, body.length / 2));
                return;
            }
            connection.send(body);
            if (streams(path)) {
                return;
            }
            var answer = Api.Answer.parse(connection.received().awaitEnd());
            synchronized (statuses) {
                statuses.merge(answer.status(), 1, Integer::sum);
            }
            if (answer.status() == 500) {
                failures.add(method + " " + path.replaceAll("[?].*", "") + " failed");
            }
        } catch (AssertionError | RuntimeException e) {
            // A connection that the server may close: it has said why, or the request was no HTTP.
            if (!(e instanceof UncheckedIOException)) {
                troubles.add(what + ": " + e);
            }
        }
    }

    /// Answers that end when something else ends; who asked leaves at once.
    private static boolean streams(String path) {
        return path.startsWith("/exec/")
                || Stream.of("/attach", "/events", "/wait", "/stats", "/logs", "/stop", "/restart")
                        .anyMatch(path::contains);
    }

    private static String path(String pattern, String method, Random random) {
        String name =
                switch (random.nextInt(6)) {
                    case 0 -> "c2";
                    case 1 ->
                            pick(
                                    List.of("nope", "%ff", "%00", "..", "a%2fb", "x".repeat(3000)),
                                    random);
                    // The image is needed; what may be removed has a name of its own.
                    case 2 -> pattern.startsWith("/images") ? "fuzzed" : "bridge";
                    default ->
                            pattern.startsWith("/images")
                                    ? method.equals("DELETE") ? "fuzzed" : "busybox"
                                    : "c1";
                };
        var path =
                new StringBuilder(
                        pattern.replaceAll(
                                "\\{[^}]*}", java.util.regex.Matcher.quoteReplacement(name)));
        char separator = '?';
        for (int n = random.nextInt(4); n > 0; n--) {
            path.append(separator)
                    .append(pick(PARAMETERS, random))
                    .append('=')
                    .append(URLEncoder.encode(pick(VALUES, random), UTF_8));
            separator = '&';
        }
        return path.toString();
    }

    private static byte[] body(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> new byte[0];
            case 1 -> {
                byte[] noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                yield noise;
            }
            case 2 -> "[".repeat(random.nextInt(3000)).getBytes(UTF_8);
            case 3 ->
                    ("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"0\"],"
                                    + object(random, 3).substring(1))
                            .getBytes(UTF_8);
            default -> object(random, 3).getBytes(UTF_8);
        };
    }

    private static String object(Random random, int depth) {
        var members = new ArrayList<String>();
        for (int n = random.nextInt(5); n >= 0; n--) {
            members.add("\"" + pick(KEYS, random) + "\":" + value(random, depth));
        }
        return "{" + String.join(",", members) + "}";
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> "null";
            case 1 -> Boolean.toString(random.nextBoolean());
            case 2 ->
                    pick(
                            List.of(
                                    "0",
                                    "1",
                                    "-1",
                                    "7000000",
                                    "1.5",
                                    "1e99",
                                    "99999999999999999999"),
                            random);
            case 3, 4 -> "\"" + pick(TEXTS, random) + "\"";
            case 5 -> "[" + value(random, depth - 1) + "]";
            default -> object(random, depth - 1);
        };
    }

    private static <T> T pick(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static Map<String, Integer> use(long pid) {
        return Map.of(
                "descriptors",
                count(Path.of("/proc/" + pid + "/fd")),
                "threads",
                count(Path.of("/proc/" + pid + "/task")));
    }

    private static int count(Path directory) {
        try (Stream<Path> names = Files.list(directory)) {
            return (int) names.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> resource(String name) {
        try (var in = ApiFuzzTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
