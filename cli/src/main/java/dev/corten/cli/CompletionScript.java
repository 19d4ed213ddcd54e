package dev.corten.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// `completion bash` and so on: prints the script that teaches a shell to ask [CompleteCommand].
final class CompletionScript implements Command {
    private final String shell;

    CompletionScript(String shell) {
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
    public int minArguments() {
        return 0;
    }

    @Override
    public int maxArguments() {
        return 0;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String script;
        try (var in = CompletionScript.class.getResourceAsStream("completion/" + shell)) {
            if (in == null) {
                throw new IllegalStateException("no script for " + shell);
            }
            script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (invocation.flags().isSet("no-descriptions")) {
            script =
                    script.replace(
                            " __complete ", " " + CompleteCommand.WITHOUT_DESCRIPTIONS + " ");
        }
        invocation.out().print(script.replace("PROGRAM", invocation.program())).flush();
        return 0;
    }
}
