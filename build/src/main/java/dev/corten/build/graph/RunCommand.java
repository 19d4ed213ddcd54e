package dev.corten.build.graph;

import dev.corten.build.dockerfile.CommandLine;
import dev.corten.build.dockerfile.Heredoc;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.step.RunOperation;
import dev.corten.model.RawText;
import java.util.List;
import java.util.Optional;

/// What a `RUN` comes to.
///
/// @param script a file that has to be there
/// @param summary of a here-document, for people; `""` for none
record RunCommand(List<String> arguments, Optional<RunOperation.Script> script, String summary) {
    /// Where a here-document is that is a program of its own.
    private static final String SCRIPTS = "/dev/pipes/";

    /// @param shell of the stage
    static RunCommand of(Instruction.Run run, List<String> shell) {
        CommandLine command = run.command();
        List<Heredoc> documents = run.statement().heredocs();
        if (documents.isEmpty() || !command.shell()) {
            return new RunCommand(command.arguments(shell), Optional.empty(), "");
        }
        String line = command.words().getFirst();
        if (!isDocument(line)) {
            // The shell knows what to do with it.
            var whole = new StringBuilder(line);
            for (Heredoc document : documents) {
                whole.append('\n').append(document.content()).append(document.name());
            }
            return new RunCommand(
                    new CommandLine(List.of(whole.toString()), true).arguments(shell),
                    Optional.empty(),
                    "");
        }
        String content = documents.getFirst().fileContent();
        String summary = summary(content);
        if (!content.startsWith("#!")) {
            return new RunCommand(
                    new CommandLine(List.of(content), true).arguments(shell),
                    Optional.empty(),
                    summary);
        }
        String path = SCRIPTS + documents.getFirst().name();
        return new RunCommand(
                new CommandLine(List.of(path), true).arguments(shell),
                Optional.of(new RunOperation.Script(path, RawText.encode(content))),
                summary);
    }

    private static boolean isDocument(String line) {
        return line.strip().matches("\\d*<<-?[\"']?[^\\s<>\"']+[\"']?");
    }

    private static String summary(String content) {
        String[] lines = content.strip().split("\r?\n", -1);
        return lines[0] + (lines.length > 1 ? "..." : "");
    }
}
