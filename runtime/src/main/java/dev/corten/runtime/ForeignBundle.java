package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.ContainerId;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Root;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.bundle.Document;
import dev.corten.runtime.bundle.SpecTree;
import dev.corten.runtime.bundle.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A container's files for another runtime: `<exec-root>/bundles/<ID>`.
///
/// `config.json` is there, and places for what is mounted on them in the mount namespace in which
/// the runtime makes the container, and nowhere else: the root, the sources of binds, the files of
/// namespaces. `runtime.json` tells a later daemon which program it is.
final class ForeignBundle {
    private static final int MAX_LOG = 1 << 20;
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    static final List<String> ENVIRONMENT = List.of("PATH=" + PATH);

    private final Path directory;
    private final ContainerId id;
    private final RuntimeProgram program;
    private final String executable;

    private ForeignBundle(
            Path directory, ContainerId id, RuntimeProgram program, String executable) {
        this.directory = directory;
        this.id = id;
        this.program = program;
        this.executable = executable;
    }

    /// Writes the files of a new run.
    ///
    /// @param bundles the directory of all
    static ForeignBundle write(Path bundles, Launch launch, RuntimeProgram program)
            throws IOException {
        Path directory = bundles.resolve(launch.id().hex());
        var bundle = new ForeignBundle(directory, launch.id(), program, find(program));
        Files.createDirectories(directory.resolve("rootfs"));
        Files.createDirectories(directory.resolve("mounts"));
        Files.createDirectories(directory.resolve("namespaces"));
        var tree = new LinkedHashMap<String, Object>();
        tree.put("name", program.name());
        tree.put("path", program.path());
        tree.put("args", program.args());
        Files.write(directory.resolve("runtime.json"), Document.write(tree));
        Spec spec = bundle.places(launch);
        Files.write(directory.resolve("config.json"), Document.write(SpecTree.of(spec)));
        return bundle;
    }

    /// The bundle of a container that an earlier daemon launched, if it is one of these.
    static Optional<ForeignBundle> find(Path bundles, ContainerId id) throws IOException {
        Path directory = bundles.resolve(id.hex());
        Path file = directory.resolve("runtime.json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Value tree = Document.parse("runtime.json", Files.readAllBytes(file));
        var program =
                new RuntimeProgram(
                        tree.get("name").text(), tree.get("path").text(), tree.get("args").texts());
        return Optional.of(new ForeignBundle(directory, id, program, find(program)));
    }

    private static String find(RuntimeProgram program) {
        if (program.path().contains("/")) {
            return program.path();
        }
        return Stream.of(PATH.split(":"))
                .map(folder -> folder + "/" + program.path())
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() ->
                        new InvalidParameter(
                                "runtime \""
                                        + program.name()
                                        + "\": executable file not found in $PATH: "
                                        + program.path()));
    }

    /// The specification with the paths of the bundle's places.
    private Spec places(Launch launch) throws IOException {
        Spec spec = launch.spec();
        var mounts = new ArrayList<Mount>();
        for (Mount mount : spec.mounts()) {
            Fd source = launch.sources().get(mount.destination());
            if (source == null) {
                mounts.add(mount);
                continue;
            }
            Path place = source(mounts.size());
            if (FileCalls.stat(source).isDirectory()) {
                Files.createDirectories(place);
            } else if (!Files.exists(place)) {
                Files.createFile(place);
            }
            mounts.add(
                    new Mount(
                            mount.destination(),
                            "bind",
                            PathBytes.of(place.toString()),
                            withBind(mount.options())));
        }
        var namespaces = new ArrayList<Namespace>();
        for (Namespace namespace : spec.linux().namespaces()) {
            if (launch.namespaces().containsKey(namespace.type())) {
                Path place = namespace(namespace.type());
                if (!Files.exists(place)) {
                    Files.createFile(place);
                }
                namespaces.add(new Namespace(namespace.type(), Optional.of(place.toString())));
            } else {
                namespaces.add(namespace);
            }
        }
        return new Spec(
                spec.process(),
                new Root(PathBytes.of(root().toString()), spec.root().readonly()),
                spec.hostname(),
                spec.domainname(),
                mounts,
                spec.linux().withNamespaces(namespaces),
                spec.annotations());
    }

    private static List<String> withBind(List<String> options) {
        if (options.contains("bind") || options.contains("rbind")) {
            return options;
        }
        var all = new ArrayList<>(options);
        all.add("rbind");
        return all;
    }

    Path root() {
        return directory.resolve("rootfs");
    }

    /// Where the source of a mount lies, by its place in the specification.
    Path source(int mount) {
        return directory.resolve("mounts").resolve(Integer.toString(mount));
    }

    Path namespace(Namespace.Type type) {
        return directory.resolve("namespaces").resolve(type.file());
    }

    Path pidFile() {
        return directory.resolve("pid");
    }

    /// A socket's path is short, and a bundle's is not.
    Path console(long tag) {
        return directory.resolveSibling("c" + Long.toHexString(tag));
    }

    Path processFile(long tag) {
        return directory.resolve("process-" + Long.toHexString(tag));
    }

    Path pidFile(long tag) {
        return directory.resolve("pid-" + Long.toHexString(tag));
    }

    void writeProcess(long tag, ProcessSpec process) throws IOException {
        Files.write(processFile(tag), Document.write(SpecTree.process(process)));
    }

    void forgetProcess(long tag) throws IOException {
        Files.deleteIfExists(processFile(tag));
        Files.deleteIfExists(pidFile(tag));
        Files.deleteIfExists(console(tag));
    }

    private Path log() {
        return directory.resolve("log.json");
    }

    /// A command of the runtime.
    List<String> command(String... words) {
        var command = new ArrayList<String>();
        command.add(executable);
        command.addAll(program.args());
        command.addAll(
                List.of(
                        "--root",
                        directory.resolveSibling("state").toString(),
                        "--log",
                        log().toString(),
                        "--log-format",
                        "json"));
        command.addAll(List.of(words));
        return command;
    }

    List<String> create(Optional<Path> console) {
        List<String> command =
                command("create", "--bundle", directory.toString(), "--pid-file", pidFile() + "");
        console.ifPresent(path -> command.addAll(List.of("--console-socket", path.toString())));
        command.add(id.hex());
        return command;
    }

    List<String> start() {
        return command("start", id.hex());
    }

    List<String> exec(long tag, Optional<Path> console) {
        List<String> command =
                command(
                        "exec",
                        "--process",
                        processFile(tag).toString(),
                        "--detach",
                        "--pid-file",
                        pidFile(tag).toString());
        console.ifPresent(path -> command.addAll(List.of("--console-socket", path.toString())));
        command.add(id.hex());
        return command;
    }

    /// Runs a command to its end. Returns what it has said if it failed.
    Optional<String> run(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        Process process = builder.start();
        process.getOutputStream().close();
        byte[] said = process.getInputStream().readAllBytes();
        try {
            int status = process.waitFor();
            return status == 0
                    ? Optional.empty()
                    : Optional.of(new String(said, StandardCharsets.UTF_8).strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    /// Has the runtime forget the container, and removes its files.
    void delete() throws IOException {
        Optional<String> failure = run(command("delete", "--force", id.hex()));
        failure.ifPresent(words ->
                System.getLogger(ForeignBundle.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                () -> id + ": " + program.name() + " delete: " + words));
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /// The last error that the runtime has logged.
    Optional<String> lastError() throws IOException {
        if (!Files.exists(log())) {
            return Optional.empty();
        }
        byte[] text = FileData.readFile(Fd.CWD, log().toString(), MAX_LOG);
        Optional<String> last = Optional.empty();
        for (Value entry : Document.parseAll("log.json", text)) {
            if (entry.get("level").text().equals("error")) {
                last = Optional.of(entry.get("msg").text());
            }
        }
        return last;
    }

    /// The program's file.
    String executable() {
        return executable;
    }
}
