package dev.corten.build.front;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Heredoc;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.ShellWords;
import dev.corten.build.dockerfile.Sources;
import dev.corten.build.dockerfile.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Replaces the variables in an instruction, in those that Docker documents. Commands are not
/// touched: the shell that runs them reads the same variables from its environment.
final class Expander {
    private final Statement statement;
    private final ShellWords words;
    private final Set<String> unset = new LinkedHashSet<>();

    private Expander(Statement statement, char escape, Variables variables) {
        this.statement = statement;
        this.words = new ShellWords(escape, variables::get);
    }

    /// @param instruction with its values in the place of variables, and without quotes
    /// @param unset variables in it that have no value
    record Expanded(Instruction instruction, Set<String> unset) {}

    static Expanded expand(Instruction instruction, char escape, Variables variables)
            throws DockerfileException {
        var expander = new Expander(instruction.statement(), escape, variables);
        return new Expanded(expander.expand(instruction), Set.copyOf(expander.unset));
    }

    private Instruction expand(Instruction instruction) throws DockerfileException {
        return switch (instruction) {
            case Instruction.Env env ->
                    new Instruction.Env(statement, assignments(env.assignments()), env.old());
            case Instruction.Label label ->
                    new Instruction.Label(statement, assignments(label.assignments()), label.old());
            case Instruction.Copy copy ->
                    new Instruction.Copy(
                            statement,
                            sources(copy.sources()),
                            copy.from(),
                            text(copy.chown()),
                            text(copy.chmod()),
                            copy.link(),
                            copy.parents(),
                            texts(copy.exclude()));
            case Instruction.Add add ->
                    new Instruction.Add(
                            statement,
                            sources(add.sources()),
                            text(add.chown()),
                            text(add.chmod()),
                            add.link(),
                            text(add.checksum()),
                            add.keepGitDir(),
                            add.unpack(),
                            texts(add.exclude()));
            case Instruction.Expose expose ->
                    new Instruction.Expose(statement, split(expose.ports()));
            case Instruction.Volume volume ->
                    new Instruction.Volume(statement, texts(volume.paths()));
            case Instruction.User user -> new Instruction.User(statement, text(user.user()));
            case Instruction.Workdir workdir ->
                    new Instruction.Workdir(statement, text(workdir.path()));
            case Instruction.StopSignal stop ->
                    new Instruction.StopSignal(statement, text(stop.signal()));
            case Instruction.From _,
                    Instruction.Arg _,
                    Instruction.Maintainer _,
                    Instruction.Run _,
                    Instruction.Cmd _,
                    Instruction.Entrypoint _,
                    Instruction.OnBuild _,
                    Instruction.Healthcheck _,
                    Instruction.Shell _ ->
                    instruction;
        };
    }

    private List<Assignment> assignments(List<Assignment> written) throws DockerfileException {
        var expanded = new ArrayList<Assignment>();
        for (Assignment assignment : written) {
            String value = assignment.value();
            expanded.add(
                    new Assignment(
                            text(assignment.name()),
                            value == null ? null : text(value),
                            assignment.comment()));
        }
        return List.copyOf(expanded);
    }

    private Sources sources(Sources sources) throws DockerfileException {
        var documents = new ArrayList<Heredoc>();
        for (Heredoc heredoc : sources.documents()) {
            documents.add(heredoc.expand() ? expanded(heredoc) : heredoc);
        }
        return new Sources(texts(sources.paths()), documents, text(sources.destination()));
    }

    private Heredoc expanded(Heredoc heredoc) throws DockerfileException {
        try {
            ShellWords.Expanded expanded = words.withoutQuotes().word(heredoc.content());
            unset.addAll(expanded.unset());
            return new Heredoc(
                    heredoc.name(),
                    true,
                    heredoc.stripTabs(),
                    heredoc.descriptor(),
                    expanded.text());
        } catch (ShellWords.Malformed e) {
            throw statement.cannot(e.complaint());
        }
    }

    private List<String> texts(List<String> written) throws DockerfileException {
        var expanded = new ArrayList<String>();
        for (String text : written) {
            expanded.add(text(text));
        }
        return List.copyOf(expanded);
    }

    private String text(String written) throws DockerfileException {
        return word(written).text();
    }

    private List<String> split(List<String> written) throws DockerfileException {
        var expanded = new ArrayList<String>();
        for (String text : written) {
            expanded.addAll(word(text).words());
        }
        return List.copyOf(expanded);
    }

    private ShellWords.Expanded word(String written) throws DockerfileException {
        try {
            ShellWords.Expanded expanded = words.word(written);
            unset.addAll(expanded.unset());
            return expanded;
        } catch (ShellWords.Malformed e) {
            throw statement.cannot(e.complaint());
        }
    }
}
