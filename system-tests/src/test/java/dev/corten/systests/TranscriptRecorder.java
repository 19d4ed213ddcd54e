package dev.corten.systests;

import dev.corten.systests.Transcript.Answer;
import dev.corten.systests.Transcript.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes answers into transcripts. Started by `system-tests/transcripts/record`, which has the
/// arguments explained.
final class TranscriptRecorder {
    private TranscriptRecorder() {}

    /// @param args `docker SOCKET PID BRIDGE NAME...` or `ours NAME...`; no name means all
    public static void main(String[] args) throws IOException {
        var arguments = List.of(args);
        if (arguments.getFirst().equals("ours")) {
            Engine engine = Engine.startAlone();
            try {
                record(new Prompt(engine), arguments.subList(1, args.length), true);
            } finally {
                engine.closeCleanly();
            }
            return;
        }
        Path root = Files.createTempDirectory("corten-record");
        try {
            String builder = System.getenv().getOrDefault("BUILDX", "docker-buildx");
            var prompt =
                    new Prompt(Path.of(args[1]), Long.parseLong(args[2]), args[3], root, builder);
            record(prompt, arguments.subList(4, args.length), false);
        } finally {
            Running.run("rm", "-rf", "--one-file-system", root.toString()).ok();
        }
    }

    private static void record(Prompt prompt, List<String> names, boolean ours) {
        for (Transcript session : Transcript.all(TranscriptTest.SESSIONS)) {
            if (names.isEmpty() || names.contains(session.name())) {
                System.out.println(session.name());
                List<Answer> answers = prompt.run(session, (step, answer) -> true);
                filled(session, answers, ours ? Step::withOurs : Step::withDocker).write();
            }
        }
    }

    private static Transcript filled(Transcript session, List<Answer> answers, Filling filling) {
        // Behind one that does not end, the steps stay as they are.
        var steps = new ArrayList<Step>(session.steps());
        for (int i = 0; i < answers.size(); i++) {
            steps.set(i, filling.fill(steps.get(i), answers.get(i)));
        }
        return session.withSteps(steps);
    }

    private interface Filling {
        Step fill(Step step, Answer answer);
    }
}
