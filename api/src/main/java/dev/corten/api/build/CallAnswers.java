package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.build.check.Warning;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.Checked;
import java.util.Base64;
import java.util.List;

/// What is said of a Dockerfile instead of building it, in the JSON of `buildx build --call`.
final class CallAnswers {
    private CallAnswers() {}

    static String check(BuildRequest request, Checked checked) {
        return Json.object(
                        o -> {
                            if (!checked.warnings().isEmpty()) {
                                o.objects("warnings", checked.warnings(), CallAnswers::warning);
                            }
                            checked.failure()
                                    .ifPresent(e -> o.object("buildError", f -> error(f, e)));
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

    private static void error(Json o, BuildFailure failure) {
        o.text("message", failure.message());
        if (failure.where().firstLine() > 0) {
            location(o, failure.where().firstLine(), failure.where().lastLine());
        }
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
                .textIfAny("description", from.comment())
                .flagIfTrue("default", last)
                .textIfAny("base", from.base());
        from.platform().ifPresent(platform -> o.text("platform", platform));
        location(o, from.statement().firstLine(), from.statement().lastLine());
    }

    static void location(Json o, int first, int last) {
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

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
