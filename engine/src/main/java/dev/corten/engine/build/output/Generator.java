package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepMount;
import dev.corten.build.work.StepRunner;
import dev.corten.engine.pull.PullRequest;
import dev.corten.engine.pull.Pulls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.Stat;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.Store;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs the image that makes bills of materials, by BuildKit's protocol: it sees the files of the
/// result, and writes into a directory what it has to say. It is somebody's program: what it writes
/// is looked at as if it could be anything.
public final class Generator implements Scanner {
    private static final String USUAL = "docker/buildkit-syft-scanner:stable-1";
    private static final String SOURCE = "/run/src/core/sbom";
    private static final String DESTINATION = "/run/out";

    private static final int MAX_FILES = 64;
    private static final int MAX_FILE = 32 << 20;

    private final Store store;
    private final Pulls pulls;
    private final StepRunner runner;

    public Generator(Store store, Pulls pulls, StepRunner runner) {
        this.store = store;
        this.pulls = pulls;
        this.runner = runner;
    }

    @Override
    public List<Found> scan(Finished result, String generator, Listener listener)
            throws IOException, InterruptedException {
        Reference name = Reference.parse(generator.isEmpty() ? USUAL : generator).orLatest();
        Image image =
                ExportStep.of(
                        listener,
                        "resolve image config for docker-image://" + name,
                        _ -> image(name, generator.isEmpty()));
        return ExportStep.of(
                listener,
                "[" + result.platform() + "] generating sbom using " + name,
                step -> run(result, image, step));
    }

    private Image image(Reference name, boolean usual) throws IOException, InterruptedException {
        Platform platform = Platform.host();
        Optional<Image> here = store.images().find(name.toString(), platform);
        if (here.isPresent()) {
            return here.get();
        }
        try {
            pulls.pull(
                    new PullRequest(name, Optional.of(platform), RegistryCredentials.NONE),
                    _ -> {});
        } catch (CortenException e) {
            throw new NotFound(
                    "failed to resolve source metadata for "
                            + name
                            + ": "
                            + e.message()
                            + (usual
                                    ? " (another generator: --attest type=sbom,generator=IMAGE)"
                                    : ""),
                    e);
        }
        return store.images()
                .find(name.toString(), platform)
                .orElseThrow(() -> new NotFound("No such image: " + name.familiar()));
    }

    private List<Found> run(Finished result, Image image, ExportStep step)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(store.layout().temporary(), "sbom");
        try (StepLayers.Working working = store.stepLayers().begin(image.chainId());
                Fd out = FileCalls.openDirectory(directory.toString())) {
            FileCalls.chmod(out, 0755);
            run(result, image, working, out, step);
            return read(out);
        } finally {
            delete(directory);
        }
    }

    private void run(
            Finished result, Image image, StepLayers.Working working, Fd out, ExportStep step)
            throws IOException, InterruptedException {
        List<String> arguments = arguments(image);
        Path none = Files.createTempDirectory(store.layout().temporary(), "sbom-empty");
        try (Fd root = working.mount();
                Fd files =
                        result.tree().isPresent()
                                ? result.tree().get().open()
                                : FileCalls.openDirectory(none.toString());
                Fd source = Mounts.cloneTree(files, false);
                Fd destination = Mounts.cloneTree(out, false)) {
            ImageConfig config = image.config();
            var command =
                    new StepCommand(
                            ContainerId.random(),
                            root,
                            arguments,
                            environment(config),
                            config.user(),
                            config.workingDir().isEmpty() ? "/" : config.workingDir(),
                            "",
                            HostConfig.DEFAULT,
                            List.of(
                                    new StepMount.Bind(SOURCE, source, true),
                                    new StepMount.Bind(DESTINATION, destination, false)));
            step.runsIn(command.id().hex());
            StepExit exit = runner.run(command, step);
            if (exit.code() != 0) {
                throw new InvalidParameter(
                        "process \""
                                + String.join(" ", arguments)
                                + "\" did not complete successfully: exit code: "
                                + exit.code());
            }
        } finally {
            Files.deleteIfExists(none);
        }
    }

    private static List<String> arguments(Image image) {
        var arguments = new ArrayList<String>();
        add(arguments, image.config().entrypoint());
        add(arguments, image.config().cmd());
        if (arguments.isEmpty()) {
            throw new InvalidParameter("the SBOM generator has no command");
        }
        return arguments;
    }

    private static void add(List<String> all, @Nullable List<String> some) {
        if (some != null) {
            all.addAll(some);
        }
    }

    private static List<String> environment(ImageConfig config) {
        var environment = new ArrayList<String>();
        add(environment, config.env());
        environment.add("BUILDKIT_SCAN_SOURCE=" + SOURCE);
        environment.add("BUILDKIT_SCAN_DESTINATION=" + DESTINATION + "/");
        return environment;
    }

    // --- what it has written

    private static List<Found> read(Fd out) throws IOException {
        List<PathBytes> names =
                Directories.list(out).stream().map(DirectoryEntry::name).sorted().toList();
        if (names.size() > MAX_FILES) {
            throw new InvalidParameter("the SBOM generator has written too many files");
        }
        var found = new ArrayList<Found>();
        for (PathBytes name : names) {
            found.add(new Found(name.toString(), read(out, name)));
        }
        return found;
    }

    private static byte[] read(Fd out, PathBytes name) throws IOException {
        Fd file =
                FileCalls.open(
                        out,
                        name,
                        FileCalls.O_RDONLY
                                | FileCalls.O_NOFOLLOW
                                | FileCalls.O_NONBLOCK
                                | FileCalls.O_NOCTTY);
        try (InputStream in = FileData.inputStream(file)) {
            Stat stat = FileCalls.stat(file);
            if (!stat.isRegular() || stat.size() > MAX_FILE) {
                throw new InvalidParameter(
                        "what the SBOM generator has written is no file, or too large: " + name);
            }
            return in.readNBytes(MAX_FILE);
        }
    }

    private void delete(Path directory) throws IOException {
        try (Fd parent = FileCalls.openDirectory(store.layout().temporary().toString())) {
            Directories.deleteTree(parent, directory.getFileName().toString()).orThrow();
        }
    }
}
