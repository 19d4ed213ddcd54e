package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.build.check.Warning;
import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.RunMount;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.dockerfile.Statement;
import dev.corten.build.front.StageOrder;
import dev.corten.engine.build.BuildRequest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is said of a Dockerfile instead of building it, in the JSON of `buildx build --call`.
final class CallAnswers {
    private CallAnswers() {}

    static String check(BuildRequest request, List<Warning> warnings) {
        return Json.object(
                        o -> {
                            if (!warnings.isEmpty()) {
                                o.objects("warnings", warnings, CallAnswers::warning);
                            }
                            o.objects(
                                    "sources",
                                    List.of(request),
                                    (source, r) ->
                                            source.text("filename", r.dockerfileName())
                                                    .text("data", base64(r.dockerfile()))
                                                    .text("language", "Dockerfile"));
                        })
                .toString();
    }

    private static void warning(Json o, Warning warning) {
        o.text("ruleName", warning.rule().label())
                .text("url", warning.rule().url())
                .text("detail", warning.message());
        location(o, warning.firstLine(), warning.lastLine());
    }

    static String targets(Dockerfile file, byte[] bytes) {
        Stage last = file.stages().getLast();
        return Json.object(o ->
                        o.objects(
                                        "targets",
                                        file.stages(),
                                        (target, stage) ->
                                                target(
                                                        target,
                                                        stage,
                                                        stage.index() == last.index()))
                                .texts("sources", List.of(base64(bytes))))
                .toString();
    }

    private static void target(Json o, Stage stage, boolean last) {
        Instruction.From from = stage.from();
        o.textIfAny("name", from.name().orElse(""))
                .flagIfTrue("default", last)
                .textIfAny("base", from.base());
        from.platform().ifPresent(platform -> o.text("platform", platform));
        location(o, from.statement().firstLine(), from.statement().lastLine());
    }

    /// An argument, a secret or an agent of an outline.
    private record Named(
            String name, @Nullable String value, boolean required, Statement statement) {}

    static String outline(Dockerfile file, byte[] bytes, String target, Map<String, String> given)
            throws DockerfileException {
        Stage stage = StageOrder.of(file, target).target();
        var arguments = new ArrayList<Named>();
        var secrets = new ArrayList<Named>();
        var agents = new ArrayList<Named>();
        for (Instruction.Arg global : file.globals()) {
            arguments(global, given, arguments);
        }
        for (Instruction instruction : stage.instructions()) {
            switch (instruction) {
                case Instruction.Arg argument -> arguments(argument, given, arguments);
                case Instruction.Run run -> mounts(run, secrets, agents);
                default -> {}
            }
        }
        return Json.object(
                        o -> {
                            o.textIfAny("name", stage.from().name().orElse(""));
                            named(o, "args", arguments);
                            named(o, "secrets", secrets);
                            named(o, "ssh", agents);
                            o.texts("sources", List.of(base64(bytes)));
                        })
                .toString();
    }

    private static void arguments(
            Instruction.Arg instruction, Map<String, String> given, List<Named> arguments) {
        for (Assignment assignment : instruction.assignments()) {
            String value = given.getOrDefault(assignment.name(), "");
            String written = assignment.value();
            arguments.add(
                    new Named(
                            assignment.name(),
                            value.isEmpty() ? Optional.ofNullable(written).orElse("") : value,
                            false,
                            instruction.statement()));
        }
    }

    private static void mounts(Instruction.Run run, List<Named> secrets, List<Named> agents)
            throws DockerfileException {
        for (RunMount.Written written : run.mounts()) {
            RunMount mount = written.read(value -> value);
            switch (mount.type()) {
                case SECRET ->
                        secrets.add(
                                new Named(name(mount), null, mount.required(), run.statement()));
                case SSH ->
                        agents.add(
                                new Named(
                                        mount.id().isEmpty() ? "default" : mount.id(),
                                        null,
                                        mount.required(),
                                        run.statement()));
                default -> {}
            }
        }
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
                    n.text("name", each.name());
                    if (each.value() != null) {
                        n.textIfAny("value", each.value());
                    }
                    n.flagIfTrue("required", each.required());
                    location(n, each.statement().firstLine(), each.statement().lastLine());
                });
    }

    private static void location(Json o, int first, int last) {
        o.object(
                "location",
                location ->
                        location.objects(
                                "ranges",
                                List.of(first),
                                (range, line) ->
                                        range.object("start", start -> start.number("line", line))
                                                .object("end", end -> end.number("line", last))));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
