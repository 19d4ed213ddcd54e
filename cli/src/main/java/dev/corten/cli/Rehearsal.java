package dev.corten.cli;

import dev.corten.cli.console.Environment;
import dev.corten.cli.console.SystemConsole;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs several commands in one process, for the training run in which the build's JVM learns what
/// the command line loads: a JVM takes one process for that, and users run more than one command.
///
/// The commands are separated by arguments that are `;`. The exit code is the first that is not 0.
final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        int status = 0;
        List<String> left = new ArrayList<>(Arrays.asList(args));
        while (!left.isEmpty()) {
            int end = left.indexOf(";");
            List<String> command = left.subList(0, end < 0 ? left.size() : end);
            int code = Main.run(List.copyOf(command), new SystemConsole(), Environment.ofProcess());
            if (status == 0) {
                status = code;
            }
            command.clear();
            if (!left.isEmpty()) {
                left.removeFirst();
            }
        }
        Runtime.getRuntime().halt(status);
    }
}
