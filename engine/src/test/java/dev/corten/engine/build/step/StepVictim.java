package dev.corten.engine.build.step;

import java.nio.file.Path;

/// A daemon that is killed while it runs a step.
final class StepVictim {
    private StepVictim() {}

    /// @param arguments the directory, the control group, the command
    public static void main(String[] arguments) throws Exception {
        try (var machine = new StepMachine(Path.of(arguments[0]), arguments[1])) {
            var root = machine.new Root();
            System.out.println(root.id);
            machine.steps.run(
                    machine.new Step(root).command("/bin/sh", "-c", arguments[2]),
                    (_, bytes) -> {
                        System.out.write(bytes, 0, bytes.length);
                        System.out.flush();
                    });
        }
    }
}
