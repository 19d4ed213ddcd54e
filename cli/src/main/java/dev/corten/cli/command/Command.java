package dev.corten.cli.command;

import dev.corten.cli.flags.FlagTable;
import java.io.IOException;
import java.util.List;

/// One command: its options, how many arguments it takes, and what it does.
public interface Command {
    /// The options; a new table for each call.
    FlagTable flags();

    /// Whether options may follow the first argument. Where they belong to a command inside the
    /// container they may not.
    default boolean interspersed() {
        return true;
    }

    /// What help says in place of the one line of the list; empty for that. Where it says `docker`,
    /// help says the program's name.
    default String about() {
        return "";
    }

    Arity arity();

    /// What is said to somebody who gave it another number of arguments; empty for nothing more than
    /// the usual.
    default String hint(String program, List<String> arguments) {
        return "";
    }

    /// Whether failures are shown as `run` and `create` show them: with the program's name, a hint,
    /// and exit code 125.
    default boolean startsContainers() {
        return false;
    }

    /// @return the exit code
    int run(Invocation invocation) throws IOException;
}
