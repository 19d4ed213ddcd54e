package dev.corten.cli.build;

import dev.corten.cli.build.progress.Display;
import dev.corten.cli.build.progress.PlainDisplay;
import dev.corten.cli.build.progress.RawDisplay;
import dev.corten.cli.build.progress.TerminalDisplay;
import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Console;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import java.io.IOException;

/// `build`: an image from a Dockerfile.
public final class BuildCommand implements Command {
    @Override
    public FlagTable flags() {
        return BuildFlags.table();
    }

    @Override
    public String about() {
        return "Start a build";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String builder = flags.text("builder", "default");
        if (!builder.equals("default") && !builder.isEmpty()) {
            throw new Failure("ERROR: no builder \"" + builder + "\" found");
        }
        Display display = display(invocation);
        return new Build(invocation, display).run();
    }

    /// How progress is shown: by option, by variable, or as the terminal allows.
    static String mode(Invocation invocation) {
        Flags flags = invocation.flags();
        String variable = invocation.environment().get("BUILDKIT_PROGRESS");
        String mode = flags.text("progress", variable.isEmpty() ? "auto" : variable);
        if (flags.isSet("quiet")) {
            if (flags.isGiven("progress") && !mode.equals("auto") && !mode.equals("quiet")) {
                throw new Failure("ERROR: progress=" + mode + " and quiet cannot be used together");
            }
            return "quiet";
        }
        boolean terminal = invocation.console().isErrTerminal();
        return switch (mode) {
            case "none", "quiet" -> "quiet";
            case "auto", "" -> terminal ? "tty" : "plain";
            case "plain", "rawjson" -> mode;
            case "tty" -> {
                if (!terminal) {
                    throw new Failure(
                            "ERROR: failed to get console: provided file is not a console");
                }
                yield mode;
            }
            default -> throw new Failure("ERROR: invalid progress mode " + mode);
        };
    }

    static boolean hasColours(Invocation invocation) {
        return invocation.console().isErrTerminal()
                && invocation.environment().get("NO_COLOR").isEmpty();
    }

    private static Display display(Invocation invocation) {
        String program = invocation.program();
        Console console = invocation.console();
        return switch (mode(invocation)) {
            case "quiet" -> Display.QUIET;
            case "rawjson" -> new RawDisplay(invocation.err());
            case "tty" ->
                    new TerminalDisplay(
                            invocation.err(),
                            program + ":default",
                            hasColours(invocation),
                            console::size,
                            BuildCommand::now);
            default ->
                    new PlainDisplay(
                            invocation.err(),
                            "building with \"default\" instance using " + program + " driver",
                            System::nanoTime);
        };
    }

    private static long now() {
        return System.currentTimeMillis() * 1_000_000L;
    }
}
