package dev.corten.build.step;

import dev.corten.build.work.StepExit;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.util.List;

/// A command of a step that failed by itself.
public final class CommandFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> arguments;
    private final transient StepExit exit;
    private final transient ContainerId sandbox;

    CommandFailure(List<String> arguments, StepExit exit, ContainerId sandbox) {
        super(
                message(
                        arguments,
                        exit.outOfMemory()
                                ? "cannot allocate memory"
                                : "exit code: " + exit.code()));
        this.arguments = arguments;
        this.exit = exit;
        this.sandbox = sandbox;
    }

    /// BuildKit's words.
    static String message(List<String> arguments, String why) {
        return "process \""
                + String.join(" ", arguments)
                + "\" did not complete successfully: "
                + why;
    }

    public List<String> arguments() {
        return arguments;
    }

    /// In which it ran; [FailedSteps] may have more of it.
    public ContainerId sandbox() {
        return sandbox;
    }

    public StepExit exit() {
        return exit;
    }
}
