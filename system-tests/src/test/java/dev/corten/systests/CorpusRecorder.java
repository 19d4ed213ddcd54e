package dev.corten.systests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes down what Docker's builders make of the corpus. Started by `system-tests/corpus/record`.
final class CorpusRecorder {
    private CorpusRecorder() {}

    /// @param args the socket of a Docker that has no images, the program of buildx, names of cases;
    ///     `ignore` for the list of ignored files; all if there are none
    public static void main(String[] args) throws IOException {
        Path socket = Path.of(args[0]);
        List<String> names = List.of(args).subList(2, args.length);
        var api = new Api(socket);
        try (Scratch folder = Scratch.folder("corten-corpus")) {
            Map<String, String> environment =
                    Map.of(
                            "DOCKER_HOST",
                            "unix://" + socket,
                            "HOME",
                            folder.path().toString(),
                            "DOCKER_CONFIG",
                            folder.file("config").toString(),
                            "DOCKER_BUILDKIT",
                            "0");
            loadBases(api);
            if (names.isEmpty() || names.contains("ignore")) {
                var buildKit = new CorpusBuild(environment, args[1], false, api);
                recordIgnored(buildKit, folder);
            }
            for (BuildCase build : BuildCase.all()) {
                if (!names.isEmpty() && !names.contains(build.name())) {
                    continue;
                }
                for (String builder : build.recordedBy()) {
                    String program = builder.equals("buildkit") ? args[1] : "docker";
                    record(
                            build,
                            builder,
                            new CorpusBuild(environment, program, false, api),
                            folder.file(build.name() + "-" + builder));
                }
            }
        }
    }

    private static void record(BuildCase build, String builder, CorpusBuild peer, Path folder)
            throws IOException {
        System.out.println(build.name() + " " + builder);
        try {
            Files.createDirectories(build.recorded(builder).getParent());
            String tag = "corpus/" + build.name() + ":" + builder;
            Files.writeString(build.recorded(builder), peer.of(build, folder, tag));
        } catch (AssertionError e) {
            System.out.println("FAILED " + e.getMessage());
        }
    }

    private static void recordIgnored(CorpusBuild builder, Scratch folder) {
        var asked = new ArrayList<IgnoreCase>();
        for (IgnoreCase one : IgnoreCase.all()) {
            asked.add(one.asked(builder, folder.file("ignore-" + asked.size()), "corpus/ignore"));
        }
        IgnoreCase.write(asked);
    }

    private static void loadBases(Api api) {
        for (Image image : BuildBases.all()) {
            Api.Answer answer =
                    api.call("POST", "/images/load?quiet=1", image.archive(), "application/x-tar");
            if (answer.status() != 200) {
                throw new AssertionError(answer.toString());
            }
        }
    }
}
