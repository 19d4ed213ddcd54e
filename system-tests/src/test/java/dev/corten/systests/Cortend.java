package dev.corten.systests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The daemon's program, for what it says before it serves anything.
final class Cortend {
    private Cortend() {}

    /// Runs it until it ends by itself. Against the stub it is a program that says nothing.
    static Finished run(Map<String, String> environment, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Limits.againstStub() ? "true" : Engine.program("cortend").toString());
        command.addAll(List.of(arguments));
        try (var running = Running.start(command, environment)) {
            running.closeInput();
            return running.await();
        }
    }

    static Finished run(String... arguments) {
        return run(Map.of(), arguments);
    }
}
