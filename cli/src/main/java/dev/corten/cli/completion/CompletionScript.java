package dev.corten.cli.completion;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// `completion bash` and so on: prints the script that teaches a shell to ask `__complete`.
public final class CompletionScript implements Command {
    /// The command that the scripts call, and its variant that prints bare words.
    public static final String COMPLETE = "__complete";

    static final String COMPLETE_WITHOUT_DESCRIPTIONS = "__completeNoDesc";

    private final String shell;

    public CompletionScript(String shell) {
        this.shell = shell;
    }

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "no-descriptions",
                        FlagType.BOOL,
                        "disable completion descriptions");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String script;
        try (var in = CompletionScript.class.getResourceAsStream(shell)) {
            if (in == null) {
                throw new IllegalStateException("no script for " + shell);
            }
            script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (invocation.flags().isSet("no-descriptions")) {
            script = script.replace(" __complete ", " " + COMPLETE_WITHOUT_DESCRIPTIONS + " ");
        }
        invocation.out().print(script.replace("PROGRAM", invocation.program())).flush();
        return 0;
    }
}
