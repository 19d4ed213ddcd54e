package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.RunMount;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.dockerfile.Statement;
import dev.corten.build.front.StageOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a target can be given: arguments, secrets, agents; in the JSON of `buildx build --call`.
final class Outline {
    private final Map<String, String> given;

    /// Those before the first stage.
    private final Map<String, Assignment> globals = new HashMap<>();

    private final List<Named> arguments = new ArrayList<>();
    private final List<Named> secrets = new ArrayList<>();
    private final List<Named> agents = new ArrayList<>();

    /// An argument, a secret or an agent.
    private record Named(
            String name,
            String description,
            @Nullable String value,
            boolean required,
            Statement statement) {}

    private Outline(Map<String, String> given) {
        this.given = given;
    }

    static String of(Dockerfile file, byte[] bytes, String target, Map<String, String> given)
            throws DockerfileException {
        StageOrder order = StageOrder.of(file, target);
        var outline = new Outline(given);
        for (Instruction.Arg global : file.globals()) {
            global.assignments().forEach(each -> outline.globals.put(each.name(), each));
        }
        var stages = new ArrayList<Stage>();
        Optional<Stage> next = Optional.of(order.target());
        while (next.isPresent()) {
            stages.addFirst(next.get());
            next = order.base(next.get());
        }
        for (Instruction.Arg global : file.globals()) {
            boolean used =
                    stages.stream().anyMatch(stage -> names(stage.from(), global.assignments()));
            if (used) {
                outline.arguments(global);
            }
        }
        for (Stage stage : stages) {
            for (Instruction instruction : stage.instructions()) {
                outline.add(instruction);
            }
        }
        return Json.object(
                        o -> {
                            o.textIfAny("name", order.target().from().name().orElse(""))
                                    .textIfAny("description", order.target().from().comment());
                            named(o, "args", outline.arguments);
                            named(o, "secrets", outline.secrets);
                            named(o, "ssh", outline.agents);
                            o.texts("sources", List.of(CallAnswers.base64(bytes)));
                        })
                .toString();
    }

    /// Whether a stage begins with what an argument says.
    private static boolean names(Instruction.From from, List<Assignment> assignments) {
        String text = from.base() + " " + from.platform().orElse("");
        return assignments.stream()
                .anyMatch(
                        each -> text.matches("(?s).*\\$\\{?" + each.name() + "(?![A-Za-z0-9_]).*"));
    }

    private void add(Instruction instruction) throws DockerfileException {
        switch (instruction) {
            case Instruction.Arg argument -> arguments(argument);
            case Instruction.Run run -> mounts(run);
            default -> {}
        }
    }

    private void arguments(Instruction.Arg instruction) {
        for (Assignment assignment : instruction.assignments()) {
            String name = assignment.name();
            String written = assignment.value();
            Assignment global = globals.get(name);
            if (written == null && global != null) {
                written = global.value();
            }
            String value = given.getOrDefault(name, "");
            arguments.removeIf(other -> other.name().equals(name));
            arguments.add(
                    new Named(
                            name,
                            assignment.comment(),
                            value.isEmpty() ? Optional.ofNullable(written).orElse("") : value,
                            false,
                            instruction.statement()));
        }
    }

    private void mounts(Instruction.Run run) throws DockerfileException {
        for (RunMount.Written written : run.mounts()) {
            RunMount mount = written.read(value -> value);
            switch (mount.type()) {
                case SECRET -> secrets.add(need(name(mount), mount, run));
                case SSH ->
                        agents.add(need(mount.id().isEmpty() ? "default" : mount.id(), mount, run));
                default -> {}
            }
        }
    }

    private static Named need(String name, RunMount mount, Instruction.Run run) {
        return new Named(name, "", null, mount.required(), run.statement());
    }

    /// The path's last part, if nothing else names a secret.
    private static String name(RunMount mount) {
        String name =
                !mount.id().isEmpty()
                        ? mount.id()
                        : !mount.source().isEmpty() ? mount.source() : mount.target();
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private static void named(Json o, String key, List<Named> named) {
        if (named.isEmpty()) {
            return;
        }
        o.objects(
                key,
                named,
                (n, each) -> {
                    n.text("name", each.name()).textIfAny("description", each.description());
                    if (each.value() != null) {
                        n.textIfAny("value", each.value());
                    }
                    n.flagIfTrue("required", each.required());
                    CallAnswers.location(
                            n, each.statement().firstLine(), each.statement().lastLine());
                });
    }
}
