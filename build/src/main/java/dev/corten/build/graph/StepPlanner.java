package dev.corten.build.graph;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Sources;
import dev.corten.build.file.Chmod;
import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.InlineFile;
import dev.corten.build.front.ConfigStep;
import dev.corten.build.front.Step;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.FileAction;
import dev.corten.build.step.FileOperation;
import dev.corten.build.step.RunInput;
import dev.corten.build.step.RunOperation;
import dev.corten.build.step.StackOperation;
import dev.corten.model.Forbidden;
import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes the vertices of one stage's steps, in order.
final class StepPlanner {
    private static final Pattern CHECKSUM = Pattern.compile("([a-z0-9+._-]+):([a-zA-Z0-9=_-]+)");

    /// Digits of the digests that a download may be checked by.
    private static final Map<String, Integer> HASHES =
            Map.of("sha256", 64, "sha384", 96, "sha512", 128);

    private final VertexNames names;
    private final Inputs inputs;
    private final PlanOptions options;
    private final Map<String, String> proxies;
    private final boolean fresh;

    StepPlanner(
            VertexNames names,
            Inputs inputs,
            PlanOptions options,
            Map<String, String> proxies,
            boolean fresh) {
        this.names = names;
        this.inputs = inputs;
        this.options = options;
        this.proxies = proxies;
        this.fresh = fresh;
    }

    /// Whether a step is one of those that are numbered.
    static boolean counts(Step step) {
        return switch (step.instruction()) {
            case Instruction.Run _, Instruction.Copy _, Instruction.Add _, Instruction.Workdir _ ->
                    true;
            default -> false;
        };
    }

    /// @param before the files before the step
    PlannedStep plan(Step step, Optional<Vertex> before)
            throws DockerfileException, IOException, InterruptedException {
        Optional<Vertex> made =
                switch (step.instruction()) {
                    case Instruction.Run run -> Optional.of(run(step, run, before));
                    case Instruction.Copy copy -> Optional.of(copy(step, copy, before));
                    case Instruction.Add add -> Optional.of(add(step, add, before));
                    case Instruction.Workdir _ -> directory(step, before);
                    default -> Optional.empty();
                };
        return new PlannedStep(step, made, made.or(() -> before), HistoryText.of(step));
    }

    // --- RUN

    private static void noDevices(Step step, Instruction.Run run) throws DockerfileException {
        for (String device : run.devices()) {
            if (!List.of(device.split(",")).contains("required=false")) {
                throw step.instruction()
                        .statement()
                        .cannot("no device is registered for " + device + ": CDI is not supported");
            }
        }
    }

    private Vertex run(Step step, Instruction.Run run, Optional<Vertex> before)
            throws DockerfileException, IOException, InterruptedException {
        noDevices(step, run);
        var all = new ArrayList<Vertex>();
        before.ifPresent(all::add);
        var planner = new MountPlanner(step, inputs, all);
        List<RunInput> mounts = planner.mounts(run.mounts());
        RunCommand command = RunCommand.of(run, ConfigStep.shell(step.config()));
        var environment = new ArrayList<String>();
        step.environment().forEach((name, value) -> environment.add(name + "=" + value));
        var hidden = new ArrayList<String>();
        proxies.forEach((name, value) -> hidden.add(name + "=" + value));
        planner.agent().ifPresent(path -> environment.add("SSH_AUTH_SOCK=" + path));
        var operation =
                new RunOperation(
                        before.isPresent(),
                        command.arguments(),
                        environment,
                        hidden,
                        step.config().user(),
                        step.config().workingDir().isEmpty() ? "/" : step.config().workingDir(),
                        options.hostname(),
                        host(run),
                        mounts,
                        command.script(),
                        options.clamp(),
                        options.client(),
                        options.keepsFailed(),
                        !options.classic(),
                        fresh);
        return new Vertex(names.of(step, command.summary()), operation, all);
    }

    private HostConfig host(Instruction.Run run) {
        var host = options.host().edit();
        switch (run.network()) {
            case "none", "host" -> host.networkMode = run.network();
            default -> {}
        }
        // Who asks the classic builder for the host's network allows it by that.
        boolean asked = options.classic() && options.host().networkMode().equals("host");
        if (host.networkMode.equals("host") && !asked) {
            require("network.host");
        }
        if (run.security().equals("insecure")) {
            require("security.insecure");
            host.privileged = true;
        }
        return host.done();
    }

    private void require(String entitlement) {
        if (!options.allowed().contains(entitlement)) {
            throw new Forbidden(entitlement + " is not allowed");
        }
    }

    // --- COPY, ADD

    private Vertex copy(Step step, Instruction.Copy copy, Optional<Vertex> before)
            throws DockerfileException, IOException, InterruptedException {
        checkMode(step, copy.chmod());
        var all = new ArrayList<Vertex>();
        boolean onTop = before.isPresent() && !copy.link();
        if (onTop) {
            all.add(before.get());
        }
        var actions = new ArrayList<FileAction>();
        Sources sources = copy.sources();
        String destination = destination(step, sources.destination());
        documents(sources, destination, copy.chown(), copy.chmod()).ifPresent(actions::add);
        if (!sources.paths().isEmpty()) {
            String from = copy.from();
            var request =
                    new CopyRequest(
                            rules(),
                            sources.paths(),
                            destination,
                            copy.chown(),
                            copy.chmod(),
                            copy.parents(),
                            copy.exclude(),
                            false,
                            from != null,
                            options.clamp(),
                            false);
            all.add(source(step, from, sources.paths()));
            actions.add(new FileAction.Copy(all.size() - 1, request));
        }
        return files(step, onTop, actions, all, copy.link() ? before : Optional.empty());
    }

    private Vertex add(Step step, Instruction.Add add, Optional<Vertex> before)
            throws DockerfileException, IOException, InterruptedException {
        checkMode(step, add.chmod());
        checkSum(step, add.checksum());
        var all = new ArrayList<Vertex>();
        boolean onTop = before.isPresent() && !add.link();
        if (onTop) {
            all.add(before.get());
        }
        var actions = new ArrayList<FileAction>();
        Sources sources = add.sources();
        String destination = destination(step, sources.destination());
        documents(sources, destination, add.chown(), add.chmod()).ifPresent(actions::add);
        var local = new ArrayList<String>();
        for (String path : sources.paths()) {
            Optional<Remote.Found> found =
                    inputs.remote(path, add.checksum(), Boolean.TRUE.equals(add.keepGitDir()));
            if (found.isEmpty()) {
                local.add(path);
                continue;
            }
            all.add(inputs.fetched(path, found.get()));
            // A download is the only file of its tree.
            var request =
                    adding(
                            add,
                            List.of(found.get().directory() ? "/" : "*"),
                            destination,
                            Boolean.TRUE.equals(add.unpack()));
            actions.add(new FileAction.Copy(all.size() - 1, request));
        }
        if (!local.isEmpty()) {
            if (!add.checksum().isEmpty()) {
                throw step.instruction()
                        .statement()
                        .cannot("checksum requires HTTP(S) or Git sources");
            }
            var request = adding(add, local, destination, !Boolean.FALSE.equals(add.unpack()));
            all.add(source(step, null, local));
            actions.add(new FileAction.Copy(all.size() - 1, request));
        }
        return files(step, onTop, actions, all, add.link() ? before : Optional.empty());
    }

    private CopyRequest adding(
            Instruction.Add add, List<String> sources, String destination, boolean unpack) {
        return new CopyRequest(
                rules(),
                sources,
                destination,
                add.chown(),
                add.chmod(),
                false,
                add.exclude(),
                unpack,
                false,
                options.clamp(),
                false);
    }

    private CopyRequest.Rules rules() {
        return options.classic() ? CopyRequest.Rules.CLASSIC : CopyRequest.Rules.BUILDKIT;
    }

    private Vertex source(Step step, @Nullable String from, List<String> paths)
            throws DockerfileException, IOException, InterruptedException {
        if (from == null) {
            return inputs.context(paths).orElseGet(() -> inputs.nothing());
        }
        try {
            return inputs.from(from, paths, step.instruction().statement())
                    .orElseGet(() -> inputs.nothing());
        } catch (InvalidParameter e) {
            if (options.classic() || isName(from)) {
                throw e;
            }
            throw step.instruction()
                    .statement()
                    .cannot("failed to parse stage name \"" + from + "\": " + e.message());
        }
    }

    private static boolean isName(String text) {
        try {
            Reference.parse(text);
            return true;
        } catch (InvalidParameter e) {
            return false;
        }
    }

    /// The classic builder sees it when it is at it.
    private void checkMode(Step step, String mode) throws DockerfileException {
        if (options.classic()) {
            return;
        }
        try {
            Chmod.parse(mode);
        } catch (InvalidParameter e) {
            throw step.instruction().statement().cannot(e.message());
        }
    }

    private static void checkSum(Step step, String checksum) throws DockerfileException {
        Matcher parts = CHECKSUM.matcher(checksum);
        String wrong = "";
        if (checksum.isEmpty()) {
            return;
        } else if (!parts.matches()) {
            wrong = "invalid checksum digest format";
        } else if (!HASHES.containsKey(parts.group(1))) {
            wrong = "unsupported digest algorithm";
        } else if (parts.group(2).length() != HASHES.get(parts.group(1))) {
            wrong = "invalid checksum digest length";
        } else if (!parts.group(2).matches("[0-9a-f]*")) {
            wrong = "invalid checksum digest format";
        }
        if (!wrong.isEmpty()) {
            throw step.instruction().statement().cannot(wrong);
        }
    }

    private Optional<FileAction> documents(
            Sources sources, String destination, String chown, String chmod) {
        if (sources.documents().isEmpty()) {
            return Optional.empty();
        }
        var request =
                new CopyRequest(
                        rules(),
                        List.of(),
                        destination,
                        chown,
                        chmod,
                        false,
                        List.of(),
                        false,
                        false,
                        options.clamp(),
                        false);
        return Optional.of(
                new FileAction.Write(
                        sources.documents().stream()
                                .map(document ->
                                        new InlineFile(
                                                document.name(),
                                                RawText.encode(document.fileContent())))
                                .toList(),
                        request));
    }

    /// @param below what a layer of its own is put on
    private Vertex files(
            Step step,
            boolean onTop,
            List<FileAction> actions,
            List<Vertex> all,
            Optional<Vertex> below) {
        String name = names.of(step, "");
        var operation =
                new FileOperation(onTop, actions, options.clamp(), !options.classic(), fresh);
        var made = new Vertex(name, operation, all);
        return below.map(base ->
                        new Vertex(
                                "[merge] " + name,
                                new StackOperation(options.clamp(), fresh),
                                List.of(base, made)))
                .orElse(made);
    }

    private static String destination(Step step, String written) {
        String path = written.isEmpty() || written.equals(".") ? "./" : written;
        String absolute = ConfigStep.directory(step.config().workingDir(), path);
        boolean slash = path.endsWith("/") || path.endsWith("/.");
        return slash && !absolute.equals("/") ? absolute + "/" : absolute;
    }

    // --- WORKDIR

    private Optional<Vertex> directory(Step step, Optional<Vertex> before) {
        String path = step.config().workingDir();
        if (path.equals("/")) {
            return Optional.empty();
        }
        // The classic builder's belong to root.
        String owner = options.classic() ? "" : step.config().user();
        var action = new FileAction.MakeDirectory(path, owner);
        var operation =
                new FileOperation(
                        before.isPresent(),
                        List.of(action),
                        options.clamp(),
                        !options.classic(),
                        fresh);
        return Optional.of(new Vertex(names.of(step, ""), operation, before.stream().toList()));
    }
}
