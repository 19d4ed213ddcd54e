import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes `target/corten`, the tree that is installed. Maven runs this in the package phase, when
/// all modules lie in `target/modules`; it does nothing when nothing has changed since the last
/// time.
///
/// ```
/// bin/corten, cortend, …           launchers, from tree/
/// lib/runtime                      the JVM with all modules linked into it
/// lib/corten.jvm, …                its options for each program, from tree/
/// lib/release.jvm                  which commit it was built of
/// lib/corten.aot, …                what the JVM learned in a training run, see [Training]
/// lib/corten-shim, lib/docker-init, lib/hello-world the static C programs, made by make
/// lib/corten-client.jar            the client for other programs, see [ClientJar]
/// lib/native                       native libraries out of jars, so that none is unpacked to /tmp
/// ```
///
/// A source file that `java` starts directly: it runs before anything of ours is installed.
final class Assemble {
    /// Modules that are linked besides the closure of the programs: flight recordings of a running
    /// daemon, and what Netty asks for by reflection.
    private static final List<String> EXTRA_MODULES = List.of("jdk.jfr", "jdk.unsupported");

    private final Path packaging;
    private final Path target;
    private final Path tree;

    private Assemble(Path packaging) {
        this.packaging = packaging;
        this.target = packaging.resolve("target");
        this.tree = target.resolve("corten");
    }

    public static void main(String[] args) throws Exception {
        try {
            new Assemble(Path.of(args[0]).toRealPath()).run();
        } catch (Refusal e) {
            say(e.getMessage());
            System.exit(1);
        }
    }

    private void run() throws IOException, InterruptedException {
        Path hello = make("hello-world").resolve("build/hello");
        Path shim = make("shim").resolve("build/corten-shim");
        Path init = make("init").resolve("build/docker-init");
        String inputs = digestOf(hello, shim, init);
        Path made = tree.resolve("lib/.inputs");
        if (Files.exists(made) && Files.readString(made).equals(inputs)) {
            release();
            return;
        }
        long start = System.nanoTime();
        delete(tree);
        copyTree(packaging.resolve("tree"), tree);
        release();
        List<Path> modules = modules();
        unpackNatives(modules, Files.createDirectories(tree.resolve("lib/native")));
        link(modules);
        ClientJar.make(modules, tree.resolve("lib/corten-client.jar"));
        install(hello, "hello-world");
        install(shim, "corten-shim");
        install(init, "docker-init");
        long linked = System.nanoTime();
        new Training(tree.resolve("lib")).run();
        Files.writeString(made, inputs);
        say(
                "made %s: linked in %.1f s, trained in %.1f s"
                        .formatted(
                                target.getParent().getParent().relativize(tree),
                                (linked - start) / 1e9,
                                (System.nanoTime() - linked) / 1e9));
    }

    /// What this is a build of, as far as git knows.
    private void release() throws IOException, InterruptedException {
        var git =
                new ProcessBuilder(
                        "git",
                        "log",
                        "-1",
                        "--format=%h %cd",
                        "--date=format-local:%Y-%m-%dT%H:%M:%S.000000000+00:00");
        git.directory(packaging.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        git.environment().put("TZ", "UTC");
        String[] words = {"", ""};
        try {
            Process process = git.start();
            String line = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            if (process.waitFor() == 0) {
                words = line.split(" ", 2);
            }
        } catch (IOException e) {
            say("without the name of the commit: " + e.getMessage());
        }
        Files.writeString(
                tree.resolve("lib/release.jvm"),
                "-Dcorten.commit=%s\n-Dcorten.time=%s\n".formatted(words[0], words[1]));
    }

    private Path make(String part) throws IOException, InterruptedException {
        Path folder = packaging.resolve("../native").resolve(part).normalize();
        if (!Files.exists(folder.resolve("Makefile"))) {
            throw new Refusal("native/" + part + " has no Makefile");
        }
        Process make =
                new ProcessBuilder("make", "-s", "-C", folder.toString()).inheritIO().start();
        if (make.waitFor() != 0) {
            throw new Refusal("make -C native/" + part + " failed");
        }
        return folder;
    }

    /// One line that differs whenever the tree would.
    private String digestOf(Path... natives) throws IOException {
        var files = new TreeSet<Path>(List.of(natives));
        files.add(Path.of(System.getProperty("java.home"), "release"));
        files.add(packaging.resolve("Assemble.java"));
        files.add(packaging.resolve("ClientJar.java"));
        for (String folder : List.of("target/modules", "tree")) {
            try (Stream<Path> below = Files.walk(packaging.resolve(folder))) {
                below.filter(Files::isRegularFile).forEach(files::add);
            }
        }
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                sha256.update(file.toString().getBytes(UTF_8));
                sha256.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private List<Path> modules() throws IOException {
        try (Stream<Path> jars = Files.list(target.resolve("modules"))) {
            return jars.filter(jar -> jar.toString().endsWith(".jar")).sorted().toList();
        }
    }

    /// `System.loadLibrary` and the libraries' own loaders find them by `java.library.path`, which
    /// the launchers set.
    private static void unpackNatives(List<Path> jars, Path folder) throws IOException {
        Set<String> architecture =
                switch (System.getProperty("os.arch")) {
                    case "amd64" -> Set.of("x86_64", "amd64");
                    case "aarch64" -> Set.of("aarch64", "aarch_64");
                    case String other -> throw new Refusal("no support for " + other);
                };
        for (Path path : jars) {
            try (var jar = new JarFile(path.toFile())) {
                for (var entry : jar.stream().toList()) {
                    String name = entry.getName();
                    boolean ours =
                            name.endsWith(".so")
                                    && architecture.stream().anyMatch(name::contains)
                                    && (name.startsWith("linux/")
                                            || name.startsWith("META-INF/native/"));
                    if (ours) {
                        Path file = folder.resolve(name.substring(name.lastIndexOf('/') + 1));
                        try (var in = jar.getInputStream(entry)) {
                            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                        }
                    }
                }
            }
        }
    }

    private void link(List<Path> jars) throws IOException {
        ModuleFinder finder = ModuleFinder.of(jars.toArray(Path[]::new));
        var linked = new ArrayList<String>();
        for (ModuleReference module : finder.findAll()) {
            ModuleDescriptor descriptor = module.descriptor();
            if (descriptor.isAutomatic()) {
                throw new Refusal(
                        module.location().orElseThrow()
                                + " has no module descriptor, so it cannot be linked into the"
                                + " runtime: choose a library that has one");
            }
            if (!descriptor.packages().isEmpty() || !descriptor.requires().isEmpty()) {
                linked.add(module.location().orElseThrow().getPath());
            }
        }
        ToolProvider jlink =
                ToolProvider.findFirst("jlink")
                        .orElseThrow(() -> new Refusal("this JDK has no jlink: install a JDK 25"));
        var output = new StringWriter();
        int status =
                jlink.run(
                        new PrintWriter(output, true),
                        new PrintWriter(output, true),
                        "--module-path",
                        String.join(":", linked),
                        "--output",
                        tree.resolve("lib/runtime").toString(),
                        "--add-modules",
                        "dev.corten.cli,dev.corten.daemon,dev.corten.registry,"
                                + String.join(",", EXTRA_MODULES),
                        "--ignore-signing-information",
                        // Native parts for all systems; ours lie in lib/native.
                        "--exclude-resources",
                        "**/libzstd-jni-*",
                        "--no-header-files",
                        "--no-man-pages",
                        "--vm=server");
        if (status != 0) {
            throw new Refusal("jlink failed:\n" + output);
        }
        // Processes are called what they are in ps, top and the kernel's messages.
        Path bin = tree.resolve("lib/runtime/bin");
        for (String name : List.of("corten", "cortend", "corten-runtime", "corten-registry")) {
            Files.copy(bin.resolve("java"), bin.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private void install(Path program, String name) throws IOException {
        Path file = tree.resolve("lib").resolve(name);
        Files.copy(program, file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> below = Files.walk(from)) {
            for (Path source : below.toList()) {
                Path copy = to.resolve(from.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(source, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    static void delete(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path folder, IOException failure)
                            throws IOException {
                        Files.delete(folder);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    static void say(String text) {
        System.err.println("packaging: " + text);
    }

    /// Ends the build with a sentence instead of a stack.
    static final class Refusal extends RuntimeException {
        Refusal(String message) {
            super(message);
        }
    }
}

/// Runs both programs once and keeps what the JVM learned. The daemon runs on a private data root
/// and, as root, starts real containers; the command line runs against it. A cache fits only this
/// runtime, these modules and these options, which is why it is made here and not shipped.
final class Training {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CONTAINERS = 20;
    private static final int PULLS = 5;
    private static final String CLI = "dev.corten.cli/dev.corten.cli.Main";
    private static final String REHEARSAL = "dev.corten.cli/dev.corten.cli.Rehearsal";
    private static final int BUILDS = 4;
    private static final int BLOCK = 512;
    private static final String RUNTIME = "dev.corten.runtime/dev.corten.runtime.command.Main";
    private static final String DAEMON = "dev.corten.daemon/dev.corten.daemon.Main";
    private static final String REGISTRY = "dev.corten.registry/dev.corten.registry.server.Main";

    private final Path lib;
    private final Path work;
    private final Path socket;

    Training(Path lib) throws IOException {
        this.lib = lib;
        this.work = Files.createTempDirectory("corten-train");
        this.socket = work.resolve("d.sock");
    }

    void run() throws IOException, InterruptedException {
        try {
            leaveContainers();
            Process daemon = daemon(recording("cortend"));
            try {
                exercise(daemon);
                removeContainers();
            } finally {
                end(daemon);
            }
            create("cortend", DAEMON);
            create("corten", CLI);
            start("corten-runtime", recording("corten-runtime"), RUNTIME, runtimeCommand())
                    .waitFor();
            create("corten-runtime", RUNTIME);
            rehearseRegistry();
            create("corten-registry", REGISTRY);
            check("corten", CLI, "--version");
            check("cortend", DAEMON, "--version");
            check("corten-runtime", RUNTIME, "--version");
            check("corten-registry", REGISTRY, "--version");
        } finally {
            Assemble.delete(work);
        }
    }

    private Process daemon(List<String> options) throws IOException {
        return start(
                "cortend",
                options,
                DAEMON,
                "-H",
                "unix://" + socket,
                "--data-root",
                work.resolve("data").toString(),
                "--exec-root",
                work.resolve("exec").toString(),
                "--pidfile",
                work.resolve("pid").toString());
    }

    private static void end(Process daemon) throws InterruptedException {
        daemon.destroy();
        if (!daemon.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            daemon.destroyForcibly().waitFor();
        }
    }

    /// A daemon that is killed leaves containers to the one that learns, which is how daemons start
    /// on every machine but a new one.
    private void leaveContainers() throws IOException, InterruptedException {
        Process daemon = daemon(List.of());
        boolean killed = false;
        try {
            awaitPing(daemon);
            call("POST", "/images/create?fromImage=hello-world&tag=latest", "");
            for (int n = 0; n < CONTAINERS; n++) {
                String id = create(hello(n % 2 == 0 ? "none" : "bridge"));
                if (n % 4 == 0) {
                    call("POST", "/containers/" + id + "/start", "");
                    call("POST", "/containers/" + id + "/wait", "");
                }
            }
            for (String network : List.of("none", "bridge")) {
                call("POST", "/containers/" + create(sleeper(network)) + "/start", "");
            }
            daemon.destroyForcibly().waitFor();
            killed = true;
        } catch (Unanswered e) {
            Assemble.say("trained without containers of an earlier daemon: " + e.getMessage());
        } finally {
            if (!killed) {
                end(daemon);
            }
        }
    }

    private void removeContainers() throws IOException {
        String all = call("GET", "/containers/json?all=1", "");
        Matcher ids = Pattern.compile("\"Id\":\"([0-9a-f]{64})\"").matcher(all);
        while (ids.find()) {
            call("DELETE", "/containers/" + ids.group(1) + "?force=1&v=1", "");
        }
    }

    private void exercise(Process daemon) throws IOException, InterruptedException {
        awaitPing(daemon);
        boolean containers = false;
        try {
            call("GET", "/version", "");
            call("GET", "/info", "");
            call("POST", "/images/create?fromImage=hello-world&tag=latest", "");
            for (int n = 0; n < CONTAINERS; n++) {
                container(n % 2 == 0 ? "none" : "bridge");
            }
            containers = true;
        } catch (Unanswered e) {
            Assemble.say("trained without a container: " + e.getMessage());
        }
        pulls();
        if (containers) {
            builds();
        }
        var commands = new ArrayList<>(List.of("version", "ps -a", "images"));
        if (containers) {
            commands.addAll(
                    List.of(
                            "run --rm hello-world",
                            "run -d --name trained --network none hello-world",
                            "logs trained",
                            "inspect trained",
                            "ps -a",
                            "rm -f trained"));
            String context = context();
            commands.addAll(
                    List.of(
                            "build --progress plain -t built " + context,
                            "build -q -t built " + context,
                            "rmi built",
                            "builder prune -af"));
        }
        rehearse(commands);
    }

    private void pulls() throws IOException {
        try (var registry = new TinyRegistry()) {
            String name = registry.repository() + ":1";
            for (int n = 0; n < PULLS; n++) {
                call("POST", "/images/create?fromImage=" + name, "");
                call("GET", "/images/" + name + "/json", "");
                call("DELETE", "/images/" + name, "");
            }
        } catch (Unanswered e) {
            throw new Assemble.Refusal("cortend does not pull in training: " + e.getMessage());
        }
    }

    private static final String DOCKERFILE =
            """
            FROM hello-world AS one
            ARG A=1
            ENV B=$A
            COPY f /f
            RUN ["/hello"]
            FROM scratch
            COPY --from=one /f /g/
            WORKDIR /g
            CMD ["/f"]
            """;

    /// A directory to build from.
    private String context() throws IOException {
        Path context = Files.createDirectories(work.resolve("context"));
        Files.writeString(context.resolve("f"), "content");
        Files.writeString(context.resolve("Dockerfile"), DOCKERFILE);
        Files.writeString(context.resolve(".dockerignore"), "none\n");
        return context.toString();
    }

    /// Where no command can be run, most of the way is trained.
    private void builds() throws IOException {
        String context =
                member("f", "content") + member("Dockerfile", DOCKERFILE) + "\0".repeat(2 * BLOCK);
        try {
            for (int n = 0; n < BUILDS; n++) {
                call("POST", "/build?t=built&forcerm=1&nocache=" + n % 2, context);
                call("GET", "/images/built/history", "");
            }
            call("GET", "/system/df", "");
            call("DELETE", "/images/built", "");
            call("POST", "/build/prune?all=1", "");
        } catch (Unanswered e) {
            Assemble.say("trained without a whole build: " + e.getMessage());
        }
    }

    /// A file of a tar, its text in ASCII.
    private static String member(String name, String text) {
        String head =
                name
                        + "\0".repeat(100 - name.length())
                        + "0000644\0"
                        + "0000000\0".repeat(2)
                        + String.format("%011o\0", text.length())
                        + "00000000000\0";
        String kind = "0" + "\0".repeat(100) + "ustar\00000" + "\0".repeat(BLOCK - 265);
        int sum = (head + "        " + kind).chars().sum();
        int rest = (BLOCK - text.length() % BLOCK) % BLOCK;
        return head + String.format("%06o\0 ", sum) + kind + text + "\0".repeat(rest);
    }

    private void rehearse(List<String> commands) throws IOException, InterruptedException {
        var arguments = new ArrayList<String>();
        for (String command : commands) {
            arguments.addAll(List.of("-H", "unix://" + socket));
            arguments.addAll(List.of(command.split(" ")));
            arguments.add(";");
        }
        Process cli =
                start("corten", recording("corten"), REHEARSAL, arguments.toArray(String[]::new));
        if (!cli.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            cli.destroyForcibly().waitFor();
            throw new Assemble.Refusal("corten does not end in training: " + log("corten"));
        }
        if (cli.exitValue() != 0) {
            throw new Assemble.Refusal("corten failed in training: " + log("corten"));
        }
    }

    private static String hello(String network) {
        return "{\"Image\":\"hello-world\",\"HostConfig\":{\"NetworkMode\":\"" + network + "\"}}";
    }

    /// It has the programs of the host.
    private static String sleeper(String network) {
        String binds =
                Stream.of("/bin", "/lib", "/lib64", "/usr")
                        .filter(path -> Files.exists(Path.of(path)))
                        .map(path -> "\"" + path + ":" + path + ":ro\"")
                        .collect(Collectors.joining(","));
        return "{\"Image\":\"hello-world\",\"Cmd\":[\"/bin/sleep\",\"1000\"],"
                + "\"Volumes\":{\"/data\":{}},\"HostConfig\":{\"NetworkMode\":\""
                + network
                + "\",\"Binds\":["
                + binds
                + "]}}";
    }

    private String create(String body) throws IOException {
        String created = call("POST", "/containers/create", body);
        return created.replaceFirst("(?s).*\"Id\":\"([0-9a-f]{64})\".*", "$1");
    }

    private void container(String network) throws IOException {
        String id = create(hello(network));
        call("POST", "/containers/" + id + "/start", "");
        call("POST", "/containers/" + id + "/wait", "");
        call("GET", "/containers/" + id + "/json", "");
        call("GET", "/containers/json?all=1", "");
        call("GET", "/containers/" + id + "/logs?stdout=1&stderr=1", "");
        call("POST", "/commit?container=" + id + "&repo=trained", "");
        call("DELETE", "/images/trained", "");
        call("DELETE", "/containers/" + id + "?force=1", "");
    }

    /// A container of the smallest program; where none can be made, most of the way is trained.
    private String[] runtimeCommand() throws IOException {
        Path bundle = Files.createDirectories(work.resolve("bundle"));
        Path program = Files.createDirectories(bundle.resolve("rootfs")).resolve("hello");
        Files.copy(lib.resolve("hello-world"), program, StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(
                bundle.resolve("config.json"),
                """
                {"ociVersion":"1.2.0","process":{"user":{"uid":0,"gid":0},"args":["/hello"],
                "env":["PATH=/"],"cwd":"/","capabilities":{"bounding":["CAP_KILL"]}},
                "root":{"path":"rootfs"},"hostname":"trained","mounts":[
                {"destination":"/proc","type":"proc","source":"proc"},
                {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["mode=755"]}],
                "linux":{"cgroupsPath":"/corten-trained","namespaces":[{"type":"mount"},
                {"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"}]}}
                """);
        String root = work.resolve("containers").toString();
        return new String[] {"--root", root, "run", "--bundle", bundle.toString(), "trained"};
    }

    /// A small image is pushed and pulled.
    private void rehearseRegistry() throws IOException, InterruptedException {
        Path settings = work.resolve("registry.yml");
        Path address = work.resolve("registry.sock");
        Files.writeString(
                settings,
                """
                version: 0.1
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http: {net: unix, addr: %s}
                """
                        .formatted(work.resolve("registry"), address));
        Process registry =
                start(
                        "corten-registry",
                        recording("corten-registry"),
                        REGISTRY,
                        "serve",
                        settings.toString());
        try {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!Files.exists(address)) {
                if (registry.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                    throw new Assemble.Refusal(
                            "corten-registry does not start in training: "
                                    + log("corten-registry"));
                }
            }
            String blob = "sha256:" + sha256("{}");
            String manifest =
                    """
                    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"a/b","size":2,
                    "digest":"%s"},"layers":[]}
                    """
                            .formatted("application/vnd.oci.image.manifest.v1+json", blob);
            for (int n = 0; n < CONTAINERS; n++) {
                String name = "/v2/trained/n" + n;
                call(address, "GET", "/v2/", "");
                String started = call(address, "POST", name + "/blobs/uploads/", "");
                Matcher location =
                        Pattern.compile("(?i)Location: \\S*?(/v2/\\S+)").matcher(started);
                if (!location.find()) {
                    throw new Assemble.Refusal("corten-registry begins no upload: " + started);
                }
                call(address, "PATCH", location.group(1), "{}");
                call(address, "PUT", location.group(1) + "?digest=" + blob, "");
                call(address, "PUT", name + "/manifests/latest", manifest);
                call(address, "GET", name + "/manifests/latest", "");
                call(address, "GET", name + "/blobs/" + blob, "");
                call(address, "GET", name + "/tags/list", "");
            }
            call(address, "GET", "/v2/_catalog", "");
        } catch (Unanswered e) {
            throw new Assemble.Refusal("corten-registry fails in training: " + e.getMessage());
        } finally {
            end(registry);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private void awaitPing(Process daemon) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                call("GET", "/_ping", "");
                return;
            } catch (IOException | Unanswered e) {
                // Not there yet: nothing announces the socket, so ask again.
                if (daemon.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
                    throw new Assemble.Refusal(
                            "cortend does not start in training: " + log("cortend"));
                }
            }
        }
    }

    /// The body of the daemon's answer.
    private String call(String method, String path, String body) throws IOException {
        String text = call(socket, method, path, body);
        return text.substring(text.indexOf("\r\n\r\n") + 4);
    }

    /// The answer, head and body.
    private static String call(Path socket, String method, String path, String body)
            throws IOException {
        byte[] content = body.getBytes(UTF_8);
        String head =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: d\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + content.length
                        + "\r\n\r\n";
        var answer = new ByteArrayOutputStream();
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(
                    new ByteBuffer[] {
                        ByteBuffer.wrap(head.getBytes(ISO_8859_1)), ByteBuffer.wrap(content)
                    });
            var buffer = ByteBuffer.allocate(1 << 16);
            while (channel.read(buffer.clear()) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
            }
        }
        String text = answer.toString(UTF_8);
        if (!text.matches("(?s)HTTP/1\\.1 [23].*")) {
            throw new Unanswered(method + " " + path + ": " + text.strip());
        }
        return text;
    }

    private List<String> recording(String name) {
        return List.of(
                "-XX:AOTMode=record", "-XX:AOTConfiguration=" + work.resolve(name + ".conf"));
    }

    private Process start(String name, List<String> options, String main, String... arguments)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(lib.resolve("runtime/bin").resolve(name).toString());
        command.addAll(options);
        command.add("@" + lib.resolve(name + ".jvm"));
        // As in the launchers.
        command.add("-Djava.library.path=" + lib.resolve("native"));
        command.add("-Dcorten.lib=" + lib);
        command.addAll(List.of("-m", main));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(work.resolve(name + ".log").toFile());
        builder.environment()
                .keySet()
                .removeAll(Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /// A cache holds a little machine code, the adapters between interpreted and compiled methods,
    /// and JDK 25 does not check that the processor it starts on has the instructions (JDK-8381975):
    /// made with AVX-512, it ends with SIGILL on a processor without. So it is made for the least
    /// one. Adapters only move arguments: they are as fast with SSE2.
    private void create(String name, String main) throws IOException, InterruptedException {
        var options =
                new ArrayList<>(
                        List.of(
                                "-XX:AOTMode=create",
                                "-XX:AOTConfiguration=" + work.resolve(name + ".conf"),
                                "-XX:AOTCache=" + lib.resolve(name + ".aot")));
        if (System.getProperty("os.arch").equals("amd64")) {
            options.addAll(List.of("-XX:UseAVX=0", "-XX:UseSSE=2"));
        }
        if (start(name, options, main).waitFor() != 0) {
            throw new Assemble.Refusal("no AOT cache for " + name + ": " + log(name));
        }
    }

    /// With `AOTMode=on` a cache that does not fit is an error; users run with `auto`.
    private void check(String name, String main, String argument)
            throws IOException, InterruptedException {
        var options = List.of("-XX:AOTMode=on", "-XX:AOTCache=" + lib.resolve(name + ".aot"));
        if (start(name, options, main, argument).waitFor() != 0) {
            throw new Assemble.Refusal(
                    name + " " + argument + " fails with its AOT cache: " + log(name));
        }
    }

    private String log(String name) {
        try {
            return Files.readString(work.resolve(name + ".log"), ISO_8859_1).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An answer that is not a success.
    private static final class Unanswered extends RuntimeException {
        Unanswered(String message) {
            super(message);
        }
    }
}
