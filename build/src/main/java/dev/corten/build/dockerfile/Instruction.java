package dev.corten.build.dockerfile;

import dev.corten.model.container.HealthConfig;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An instruction with its arguments told apart. Variables and quotes in them are as they are
/// written, but for commands, which nobody but the shell reads.
public sealed interface Instruction {
    Statement statement();

    /// `FROM [--platform=P] base [AS name]`.
    ///
    /// @param name in lower case
    /// @param writtenName as it is written
    /// @param as the word between, as it is written
    /// @param comment what the comment above says after the name, or `""`
    record From(
            Statement statement,
            String base,
            Optional<String> platform,
            Optional<String> name,
            String writtenName,
            String as,
            String comment)
            implements Instruction {}

    record Arg(Statement statement, List<Assignment> assignments) implements Instruction {}

    /// @param old `ENV name value`
    record Env(Statement statement, List<Assignment> assignments, boolean old)
            implements Instruction {}

    /// @param old `LABEL name value`
    record Label(Statement statement, List<Assignment> assignments, boolean old)
            implements Instruction {}

    record Maintainer(Statement statement, String name) implements Instruction {}

    /// @param mounts the values of `--mount`
    /// @param network the value of `--network`: `default`, `none` or `host`
    /// @param security the value of `--security`: `sandbox` or `insecure`
    /// @param devices the values of `--device`
    record Run(
            Statement statement,
            CommandLine command,
            List<RunMount.Written> mounts,
            String network,
            String security,
            List<String> devices)
            implements Instruction {}

    record Cmd(Statement statement, CommandLine command) implements Instruction {}

    record Entrypoint(Statement statement, CommandLine command) implements Instruction {}

    /// @param from a stage, an image or a named context
    record Copy(
            Statement statement,
            Sources sources,
            @Nullable String from,
            String chown,
            String chmod,
            boolean link,
            boolean parents,
            List<String> exclude)
            implements Instruction {}

    /// @param unpack null if nothing is said
    /// @param keepGitDir null if nothing is said
    record Add(
            Statement statement,
            Sources sources,
            String chown,
            String chmod,
            boolean link,
            String checksum,
            @Nullable Boolean keepGitDir,
            @Nullable Boolean unpack,
            List<String> exclude)
            implements Instruction {}

    record Expose(Statement statement, List<String> ports) implements Instruction {}

    record Volume(Statement statement, List<String> paths) implements Instruction {}

    record User(Statement statement, String user) implements Instruction {}

    record Workdir(Statement statement, String path) implements Instruction {}

    /// @param trigger the instruction, as an image keeps it
    /// @param instruction the same, read
    record OnBuild(Statement statement, String trigger, Instruction instruction)
            implements Instruction {}

    record StopSignal(Statement statement, String signal) implements Instruction {}

    record Healthcheck(Statement statement, HealthConfig check) implements Instruction {}

    record Shell(Statement statement, List<String> words) implements Instruction {}
}
