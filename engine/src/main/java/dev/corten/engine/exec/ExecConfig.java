package dev.corten.engine.exec;

import java.util.List;
import java.util.Optional;

/// What a client asks for with `exec create`.
///
/// @param user `""` for the container's
/// @param workingDir `""` for the container's
/// @param detachKeys `""` for the default
/// @param toolbox tools that it brings along, as [Toolboxes#open] takes them
public record ExecConfig(
        List<String> cmd,
        List<String> env,
        String user,
        String workingDir,
        boolean tty,
        boolean attachStdin,
        boolean attachStdout,
        boolean attachStderr,
        boolean privileged,
        String detachKeys,
        Optional<String> toolbox) {
    public ExecConfig {
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
    }
}
