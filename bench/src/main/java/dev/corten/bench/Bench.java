package dev.corten.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The program of `bench/run`.
final class Bench {
    private static final String OURS = "corten";
    private static final String FOREIGN = "docker-registry";
    private static final int FAILURES_ALLOWED = 2;
    private static final String HELP =
            """
            bench/run [--peer NAME=unix://SOCKET]... [options]

            Measures our daemon and the peers given, sample by sample in turn, and prints a table in
            markdown; budgets are against the first peer. Without peers it prints our own figures.

              --peer NAME=unix://SOCKET   an engine that runs, e.g. docker28=unix:///run/docker.sock
              --host unix://SOCKET        our daemon where it runs already; by default one from
                                          packaging/target/corten is started on a new data root
              --quick                     few samples and small sizes: shows that all of it works
              --only GROUP[,GROUP]        only these
              --list                      the groups and their metrics
              --cli PATH                  the docker client (default: from the PATH)
              --buildx PATH               docker-buildx, which drives the builders of peers
              --json FILE                 all samples
              --restart                   peers may be killed (SIGKILL) and started again, to measure that
              --strict                    a missed budget is a failure
            """;

    private final Options options;
    private final Path root;
    private final Path scratch;
    private final Samples samples = new Samples();
    private final Map<String, Integer> failures = new HashMap<>();

    private record Options(
            Map<String, Path> peers,
            Optional<Path> host,
            boolean quick,
            Set<String> only,
            boolean list,
            Path cli,
            Optional<Path> buildx,
            Optional<Path> json,
            boolean restart,
            boolean strict) {

        static Options parse(String[] args) {
            Map<String, Path> peers = new LinkedHashMap<>();
            Optional<Path> host = Optional.empty();
            Optional<Path> cli = Optional.empty();
            Optional<Path> buildx = Optional.empty();
            Optional<Path> json = Optional.empty();
            Set<String> only = Set.of();
            boolean quick = false;
            boolean list = false;
            boolean restart = false;
            boolean strict = false;
            Deque<String> left = new ArrayDeque<>(List.of(args));
            while (!left.isEmpty()) {
                String option = left.remove();
                switch (option) {
                    case "--quick" -> quick = true;
                    case "--list" -> list = true;
                    case "--restart" -> restart = true;
                    case "--strict" -> strict = true;
                    case "--peer" -> {
                        String[] parts = value(option, left).split("=", 2);
                        if (parts.length != 2 || parts[0].equals(OURS)) {
                            throw new Failure("--peer wants NAME=unix://SOCKET, and not " + OURS);
                        }
                        peers.put(parts[0], socket(parts[1]));
                    }
                    case "--host" -> host = Optional.of(socket(value(option, left)));
                    case "--only" -> only = Set.of(value(option, left).split(","));
                    case "--cli" -> cli = Optional.of(Path.of(value(option, left)));
                    case "--buildx" -> buildx = Optional.of(Path.of(value(option, left)));
                    case "--json" -> json = Optional.of(Path.of(value(option, left)));
                    default -> throw new Failure("unknown option " + option + ", see --help");
                }
            }
            return new Options(
                    peers,
                    host,
                    quick,
                    only,
                    list,
                    cli.orElseGet(Options::clientOnPath),
                    buildx,
                    json,
                    restart,
                    strict);
        }

        private static String value(String option, Deque<String> left) {
            if (left.isEmpty()) {
                throw new Failure(option + " needs a value");
            }
            return left.remove();
        }

        private static Path socket(String host) {
            if (!host.startsWith("unix://")) {
                throw new Failure(host + ": only unix:// sockets are measured");
            }
            return Path.of(host.substring("unix://".length()));
        }

        /// By its full name: a search along the PATH is not what is measured.
        private static Path clientOnPath() {
            for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
                Path program = Path.of(folder, "docker");
                if (Files.isExecutable(program)) {
                    return program;
                }
            }
            return Path.of("docker");
        }
    }

    private Bench(Options options, Path root) {
        this.options = options;
        this.root = root;
        this.scratch = root.resolve("bench/target");
    }

    public static void main(String[] args) throws Exception {
        if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
            System.out.print(HELP);
            return;
        }
        try {
            Path root = Path.of(System.getProperty("corten.bench.root")).toRealPath();
            System.exit(new Bench(Options.parse(args), root).run());
        } catch (Failure e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(2);
        }
    }

    private int run() throws IOException, InterruptedException {
        var archives = new Archives(scratch.resolve("images"), options.quick());
        try (var provisions =
                new Provisions(foreignRegistry(), scratch, options.quick(), archives)) {
            return run(archives, provisions);
        }
    }

    /// As `packaging/prepare` unpacks it.
    private Path foreignRegistry() {
        return root.resolve("target/docker-registry/usr/bin/docker-registry");
    }

    private int run(Archives archives, Provisions provisions)
            throws IOException, InterruptedException {
        Path tree = root.resolve("packaging/target/corten/bin");
        Optional<Path> ownCli = Optional.of(tree.resolve("corten")).filter(Files::isExecutable);
        var groups =
                new Groups(
                                options.quick(),
                                options.restart(),
                                archives.bigPath(),
                                provisions,
                                new BuildGroups(
                                        options.quick(),
                                        root.resolve("bench/builds"),
                                        scratch,
                                        ownCli,
                                        options.buildx(),
                                        OURS),
                                ownCli,
                                OURS)
                        .all().stream().filter(group -> wanted(group.name())).toList();
        var serverGroups =
                new RegistryGroups(options.quick())
                        .all().stream().filter(group -> wanted(group.name())).toList();
        if (options.list()) {
            groups.forEach(group -> list(group.name(), group.metrics()));
            serverGroups.forEach(group -> list(group.name(), group.metrics()));
            return 0;
        }
        if (groups.isEmpty() && serverGroups.isEmpty()) {
            throw new Failure("no such group: " + options.only() + ", see --list");
        }
        if (groups.isEmpty()) {
            System.out.println(Report.machine());
            return measureServers(serverGroups, tree.resolve("corten-registry"));
        }
        Path busybox = archives.busybox();
        if (groups.stream().anyMatch(group -> group.name().equals("load"))) {
            archives.big();
        }
        if (options.host().isPresent()) {
            int status = measure(groups, busybox, options.host().get());
            return Math.max(status, measureServers(serverGroups, tree.resolve("corten-registry")));
        }
        if (!Files.isExecutable(tree.resolve("cortend"))) {
            throw new Failure("no packaging/target/corten: run mvn -q package -DskipTests first");
        }
        long pid = ProcessHandle.current().pid();
        int status;
        try (var daemon =
                new OwnDaemon(
                        tree.resolve("cortend"),
                        scratch.resolve("run-" + pid),
                        Path.of("/run/corten-bench-" + pid))) {
            System.out.printf("cortend: start to first _ping %.0f ms%n", daemon.startMillis());
            status = measure(groups, busybox, daemon.socket());
        }
        return Math.max(status, measureServers(serverGroups, tree.resolve("corten-registry")));
    }

    private static void list(String group, List<Metric> metrics) {
        System.out.printf(
                "%-18s %s%n",
                group, String.join(", ", metrics.stream().map(Metric::name).toList()));
    }

    private boolean wanted(String group) {
        return options.only().isEmpty() || options.only().contains(group);
    }

    /// Registry servers, in a table of their own.
    private int measureServers(List<RegistryGroups.ServerGroup> groups, Path program)
            throws IOException, InterruptedException {
        if (groups.isEmpty()) {
            return 0;
        }
        try (var own = new LocalRegistry(OURS, program, scratch.resolve("registry-corten"));
                var foreign =
                        new LocalRegistry(
                                FOREIGN, foreignRegistry(), scratch.resolve("registry-foreign"))) {
            List<LocalRegistry> servers = List.of(own, foreign);
            for (var group : groups) {
                int runs = options.quick() ? group.quickRuns() : group.runs();
                System.err.println("bench: " + group.name() + ", " + runs + " samples");
                for (int n = 0; n < runs; n++) {
                    for (int k = 0; k < servers.size(); k++) {
                        sample(group, servers.get((n + k) % servers.size()));
                    }
                }
            }
        }
        return report(
                groups.stream().flatMap(group -> group.metrics().stream()).toList(),
                List.of(FOREIGN));
    }

    private void sample(RegistryGroups.ServerGroup group, LocalRegistry server)
            throws InterruptedException {
        String key = group.name() + " of " + server.name();
        if (failures.getOrDefault(key, 0) >= FAILURES_ALLOWED) {
            return;
        }
        try {
            group.sampler()
                    .sample(server, (metric, value) -> samples.add(server.name(), metric, value));
        } catch (Failure | IOException e) {
            failures.merge(key, 1, Integer::sum);
            System.err.println("bench: " + key + " failed: " + e.getMessage());
        }
    }

    private int measure(List<Group> groups, Path busybox, Path socket)
            throws IOException, InterruptedException {
        String label = "bench" + ProcessHandle.current().pid();
        Path config = Files.createDirectories(scratch.resolve("client-config"));
        List<Engine> engines = new ArrayList<>();
        engines.add(new Engine(OURS, socket, options.cli(), config, label));
        options.peers()
                .forEach((name, peer) ->
                        engines.add(new Engine(name, peer, options.cli(), config, label)));
        try {
            System.out.println(Report.machine());
            for (Engine engine : engines) {
                System.out.println(engine.name() + ": " + engine.version());
                if (!engine.has("busybox:latest")) {
                    engine.timed("load", "-q", "-i", busybox.toString());
                }
            }
            for (Group group : groups) {
                sample(group, engines);
            }
        } finally {
            for (Engine engine : engines) {
                try {
                    engine.close();
                } catch (IOException | Failure e) {
                    // What was measured is worth more than a tidy peer.
                    System.err.println("bench: left behind in " + engine.name() + ": " + e);
                }
            }
        }
        return report(
                groups.stream().flatMap(group -> group.metrics().stream()).toList(),
                List.copyOf(options.peers().keySet()));
    }

    private void sample(Group group, List<Engine> engines)
            throws IOException, InterruptedException {
        int runs = options.quick() ? group.quickRuns() : group.runs();
        System.err.println("bench: " + group.name() + ", " + runs + " samples");
        for (int n = 0; n < runs; n++) {
            for (int k = 0; k < engines.size(); k++) {
                // A different engine goes first each time: whatever the machine does in a rhythm
                // must not always meet the same one.
                Engine engine = engines.get((n + k) % engines.size());
                String key = group.name() + " of " + engine.name();
                if (failures.getOrDefault(key, 0) >= FAILURES_ALLOWED) {
                    continue;
                }
                try {
                    group.sampler()
                            .sample(
                                    engine,
                                    (metric, value) -> samples.add(engine.name(), metric, value));
                } catch (Failure | IOException e) {
                    failures.merge(key, 1, Integer::sum);
                    System.err.println("bench: " + key + " failed: " + e.getMessage());
                }
            }
        }
        for (Engine engine : engines) {
            try {
                engine.clean();
            } catch (IOException | Failure e) {
                if (engine.name().equals(OURS)) {
                    throw e;
                }
                // A peer that was killed may have containers that it cannot remove any more.
                System.err.println(
                        "bench: not cleaned in " + engine.name() + ": " + e.getMessage());
            }
        }
    }

    private int report(List<Metric> metrics, List<String> peers) throws IOException {
        var report = new Report(samples, OURS, peers);
        System.out.println();
        System.out.print(report.table(metrics));
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), samples.json());
        }
        long missing = metrics.stream().filter(m -> samples.of(OURS, m.name()).isEmpty()).count();
        int failed = failures.values().stream().mapToInt(Integer::intValue).sum();
        System.out.printf(
                "%n%d metrics, %d over budget, %d without a figure of ours, %d failed samples%n",
                metrics.size(), report.over(), missing, failed);
        boolean bad = missing > 0 || failed > 0 || options.strict() && report.over() > 0;
        return bad ? 1 : 0;
    }
}
