package dev.corten.systests;

import dev.corten.systests.Transcript.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Where the commands of a [Transcript] are typed: bash, in the network namespace of an engine that
/// serves nobody else, with an empty working directory but for `busybox.tar`.
final class Prompt {
    /// Commands of our own, as the sessions use them.
    private static final Path COMMANDS = Path.of("src/test/transcripts/bin").toAbsolutePath();

    /// Of a command that had to be killed; what would come after it shows nothing.
    private static final Answer ENDLESS = new Answer(List.of("? no end"));

    /// The password of `someone` is `secret`.
    private static final String USERS =
            "someone:$2b$05$3OxaZ9tEd82BdUj/iAgwSOBDchm.eBADXRx4o/FCjk6gedk4MvInO\n";

    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private final Path socket;
    private final long pid;
    private final String bridge;
    private final Path folder;
    private final Path archive;
    private final String image;
    private final String builder;

    Prompt(Engine engine) {
        this(
                engine.socket(),
                engine.pid(),
                engine.bridgeAddress(),
                engine.root(),
                String.join(" ", engine.corten().program()));
    }

    /// @param pid of the engine's process
    /// @param bridge address of its default bridge
    /// @param root an existing directory for this prompt
    /// @param builder the words before `build`, for the newer builder
    Prompt(Path socket, long pid, String bridge, Path root, String builder) {
        this.socket = socket;
        this.pid = pid;
        this.bridge = bridge;
        this.folder = root.resolve("session");
        this.archive = root.resolve("busybox.tar");
        this.image = Image.busybox().id();
        this.builder = builder;
        try {
            Files.write(archive, Image.busybox().archive());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The answers to all commands, in the order of the session, and nothing left of it.
    ///
    /// @param goOn whether the session goes on after this answer to this step
    List<Answer> run(Transcript session, BiPredicate<Transcript.Step, Answer> goOn) {
        Map<String, String> environment = environment(session);
        if (!session.needs().isEmpty()) {
            Machine.hasControlGroupsOfVersion1();
        }
        open();
        tidy(environment);
        try (var _ = registry(session, environment)) {
            String root = command("docker info -f '{{.DockerRootDir}}'", environment).out().strip();
            var folders = new LinkedHashMap<String, String>();
            folders.put(folder.toString(), "<folder>");
            folders.put(root.isEmpty() ? "/var/lib/docker" : root, "<root>");
            var normaliser = new Normaliser(folders, bridge);
            var answers = new ArrayList<Answer>();
            for (Transcript.Step step : session.steps()) {
                Answer answer = answer(step, normaliser, environment);
                answers.add(answer);
                if (answer.equals(ENDLESS) || !goOn.test(step, answer)) {
                    break;
                }
            }
            return answers;
        } finally {
            tidy(environment);
            close();
        }
    }

    private Answer answer(
            Transcript.Step step, Normaliser normaliser, Map<String, String> environment) {
        try (var running = start(step.command(), environment)) {
            running.closeInput();
            Finished finished = running.await();
            return Answer.of(
                    normaliser.normalised(finished.out()),
                    normaliser.normalised(finished.err()),
                    finished.status());
        } catch (AssertionError e) {
            return ENDLESS;
        }
    }

    private Map<String, String> environment(Transcript session) {
        var path = new ArrayList<String>();
        path.add(COMMANDS.toString());
        if (!session.client().isEmpty()) {
            path.add(Machine.docker(REPOSITORY, session.client()).toString());
        }
        path.add(System.getenv("PATH"));
        return Map.of(
                "PATH",
                String.join(":", path),
                "IMAGE",
                image,
                "BUILDER",
                builder,
                "SOCKET",
                socket.toString(),
                "DOCKER_HOST",
                "unix://" + socket,
                "HOME",
                folder.resolve("home").toString());
    }

    private Running start(String command, Map<String, String> environment) {
        var line =
                List.of(
                        "nsenter",
                        "--net=/proc/" + pid + "/ns/net",
                        "--wd=" + folder,
                        "bash",
                        "-c",
                        command);
        return Running.start(line, environment);
    }

    /// As the session wants one: empty, in the engine's network, for the length of the session.
    private @Nullable Running registry(Transcript session, Map<String, String> environment) {
        if (session.registry().isEmpty() || Limits.againstStub()) {
            return null;
        }
        Path program = REPOSITORY.resolve("target/docker-registry/usr/bin/docker-registry");
        Machine.hasDebianRegistry(program);
        String auth =
                session.registry().equals("password")
                        ? "auth: {htpasswd: {realm: tests, path: " + folder + "/../users}}\n"
                        : "";
        try {
            Files.writeString(folder.resolveSibling("users"), USERS);
            Files.writeString(
                    folder.resolveSibling("registry.yml"),
                    """
                    version: 0.1
                    log: {level: error, accesslog: {disabled: true}}
                    storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                    http: {addr: '127.0.0.1:5000', secret: tests}
                    %s\
                    """
                            .formatted(folder.resolveSibling("registry"), auth));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        command("rm -rf ../registry", environment).ok();
        Running registry =
                start(
                        "exec " + program + " serve ../registry.yml >../registry.log 2>&1",
                        environment);
        try {
            Eventually.holds(
                    "the registry listens",
                    () -> command("exec 3<>/dev/tcp/127.0.0.1/5000", environment).status() == 0);
            return registry;
        } catch (AssertionError e) {
            registry.close();
            throw e;
        }
    }

    private Finished command(String command, Map<String, String> environment) {
        try (var running = start(command, environment)) {
            running.closeInput();
            return running.await();
        }
    }

    private void open() {
        try {
            Files.createDirectories(folder.resolve("home"));
            Files.createLink(folder.resolve("busybox.tar"), archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void close() {
        Running.run("rm", "-rf", "--one-file-system", folder.toString()).ok();
    }

    /// Sessions begin and end with an engine in which there is the image `busybox`, and no more.
    private void tidy(Map<String, String> environment) {
        if (!Limits.againstStub()) {
            command("tidy", environment).ok();
        }
    }
}
