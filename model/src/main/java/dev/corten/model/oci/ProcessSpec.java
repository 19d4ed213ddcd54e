package dev.corten.model.oci;

import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.util.List;
import java.util.OptionalInt;

/// What is executed, and as whom.
///
/// @param terminal whether standard streams are a pseudo-terminal
/// @param args the argument vector; the first is looked up in PATH if it has no slash
/// @param env `KEY=value` each, in order; text as in `RawText`
/// @param cwd absolute; made if it is missing
/// @param oomScoreAdj written to `/proc/self/oom_score_adj`; absent: inherited
/// @param apparmorProfile that it gets with its program; `""`: what it inherits
public record ProcessSpec(
        boolean terminal,
        ConsoleSize consoleSize,
        User user,
        List<String> args,
        List<String> env,
        PathBytes cwd,
        Capabilities capabilities,
        List<Rlimit> rlimits,
        boolean noNewPrivileges,
        OptionalInt oomScoreAdj,
        String apparmorProfile) {
    /// Without a profile of its own.
    public ProcessSpec(
            boolean terminal,
            ConsoleSize consoleSize,
            User user,
            List<String> args,
            List<String> env,
            PathBytes cwd,
            Capabilities capabilities,
            List<Rlimit> rlimits,
            boolean noNewPrivileges,
            OptionalInt oomScoreAdj) {
        this(
                terminal,
                consoleSize,
                user,
                args,
                env,
                cwd,
                capabilities,
                rlimits,
                noNewPrivileges,
                oomScoreAdj,
                "");
    }

    public ProcessSpec {
        args = List.copyOf(args);
        env = List.copyOf(env);
        rlimits = List.copyOf(rlimits);
        if (args.isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        for (String word : args) {
            requireNoNul(word);
        }
        for (String word : env) {
            requireNoNul(word);
        }
        if (!cwd.isAbsolute()) {
            throw new InvalidParameter(
                    "the working directory '"
                            + cwd
                            + "' is invalid, it needs to be an absolute path");
        }
    }

    private static void requireNoNul(String word) {
        if (word.indexOf('\0') >= 0) {
            throw new InvalidParameter("argument or environment contains a NUL character");
        }
    }
}
