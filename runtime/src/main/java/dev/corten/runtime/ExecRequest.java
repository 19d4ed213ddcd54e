package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Another process in a running container.
///
/// @param process credentials and capabilities as they shall be
/// @param seccomp the filter of the container, none for a privileged exec
/// @param openStdin whether input is a pipe; else `/dev/null`
/// @param client attached before the process runs
/// @param toolbox a detached mount of tools, which this process and its children alone see, at
///     [ExecPlan#TOOLBOX]; closed with the request
public record ExecRequest(
        ProcessSpec process,
        Optional<Seccomp> seccomp,
        boolean openStdin,
        Optional<Attach> client,
        Optional<Fd> toolbox)
        implements AutoCloseable {
    private static final String PATH = "PATH=";

    public ExecRequest(
            ProcessSpec process,
            Optional<Seccomp> seccomp,
            boolean openStdin,
            Optional<Attach> client) {
        this(process, seccomp, openStdin, client, Optional.empty());
    }

    /// The same with tools, which are found before the container's own.
    ///
    /// @param tools becomes this request's
    public ExecRequest with(Fd tools) {
        String path = "%1$s/bin:%1$s/usr/bin:%1$s/sbin:%1$s/usr/sbin".formatted(ExecPlan.TOOLBOX);
        var environment = new ArrayList<String>();
        for (String variable : process.env()) {
            if (variable.startsWith(PATH)) {
                path += ":" + variable.substring(PATH.length());
            } else {
                environment.add(variable);
            }
        }
        environment.addFirst(PATH + path);
        var equipped =
                new ProcessSpec(
                        process.terminal(),
                        process.consoleSize(),
                        process.user(),
                        process.args(),
                        List.copyOf(environment),
                        process.cwd(),
                        process.capabilities(),
                        process.rlimits(),
                        process.noNewPrivileges(),
                        process.oomScoreAdj());
        return new ExecRequest(equipped, seccomp, openStdin, client, Optional.of(tools));
    }

    @Override
    public void close() {
        toolbox.ifPresent(Fd::close);
    }
}
