package dev.corten.systests;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Builds and runs a [BuildCase] with somebody's programs, and says what came of it.
///
/// @param environment of the programs; `DOCKER_HOST` above all
/// @param builder the words before `build`
/// @param fetchesSyntax whether `# syntax=` may stay; Docker's needs a registry for that
/// @param api of the engine that has the images
record CorpusBuild(
        Map<String, String> environment, String builder, boolean fetchesSyntax, Api api) {
    /// The image as it is and what it says when it runs.
    ///
    /// @param folder a new one, for the context
    String of(BuildCase build, Path folder, String tag) {
        build.write(folder);
        if (!fetchesSyntax) {
            shell(
                            folder,
                            "! grep -qs '^# syntax=' Dockerfile"
                                    + " || { sed -i '1s/^# syntax=/# syntax of /' Dockerfile;"
                                    + " touch -d "
                                    + BuildCase.TIME
                                    + " Dockerfile; }")
                    .ok();
        }
        for (String command : build.before()) {
            shell(folder, command.replaceFirst("^docker ", builder + " ")).ok();
        }
        String options = build.options().isEmpty() ? "" : build.options() + " ";
        shell(folder, builder + " build -t " + tag + " " + options + build.context()).ok();
        BuiltImage image = BuiltImage.saved(api, tag);
        var text = new StringBuilder();
        text.append(image.configText()).append('\n').append(image.layersText());
        if (!build.run().isEmpty()) {
            Finished ran = shell(folder, "docker run --rm " + build.run().replace("IMAGE", tag));
            text.append("run: ").append(ran.status()).append('\n');
            ran.out().lines().forEach(line -> text.append("| ").append(line).append('\n'));
            ran.err().lines().forEach(line -> text.append("! ").append(line).append('\n'));
        }
        return text.toString();
    }

    Finished shell(Path folder, String script) {
        var variables = new LinkedHashMap<>(environment);
        variables.putIfAbsent("PATH", System.getenv("PATH"));
        String line = "set -e; cd '" + folder + "'; " + script;
        try (var running = Running.start(List.of("bash", "-c", line), variables)) {
            running.closeInput();
            return running.await();
        }
    }
}
