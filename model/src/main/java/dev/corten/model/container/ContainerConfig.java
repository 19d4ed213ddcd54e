package dev.corten.model.container;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The part of a container's description that goes with the image (the API's `Config`).
///
/// @param exposedPorts elements are `80/tcp`
/// @param stdinOnce the container's stdin ends with the first attached client
/// @param env `KEY=value`, text as [dev.corten.model.RawText]
/// @param argsEscaped Windows only
/// @param image as the user named it
/// @param volumes paths in the container
/// @param stopSignal `""` means SIGTERM
/// @param stopTimeout seconds; null means 10, negative for ever
public record ContainerConfig(
        String hostname,
        String domainname,
        String user,
        boolean attachStdin,
        boolean attachStdout,
        boolean attachStderr,
        @Nullable SortedSet<String> exposedPorts,
        boolean tty,
        boolean openStdin,
        boolean stdinOnce,
        @Nullable List<String> env,
        @Nullable List<String> cmd,
        @Nullable HealthConfig healthcheck,
        boolean argsEscaped,
        String image,
        @Nullable SortedSet<String> volumes,
        String workingDir,
        @Nullable List<String> entrypoint,
        boolean networkDisabled,
        String macAddress,
        @Nullable List<String> onBuild,
        @Nullable Map<String, String> labels,
        String stopSignal,
        @Nullable Integer stopTimeout,
        @Nullable List<String> shell) {
    /// What the API assumes for what a request leaves out.
    public static final ContainerConfig DEFAULT = new Editor().done();

    /// A copy that can be changed.
    public Editor edit() {
        var editor = new Editor();
        editor.hostname = hostname;
        editor.domainname = domainname;
        editor.user = user;
        editor.attachStdin = attachStdin;
        editor.attachStdout = attachStdout;
        editor.attachStderr = attachStderr;
        editor.exposedPorts = exposedPorts;
        editor.tty = tty;
        editor.openStdin = openStdin;
        editor.stdinOnce = stdinOnce;
        editor.env = env;
        editor.cmd = cmd;
        editor.healthcheck = healthcheck;
        editor.argsEscaped = argsEscaped;
        editor.image = image;
        editor.volumes = volumes;
        editor.workingDir = workingDir;
        editor.entrypoint = entrypoint;
        editor.networkDisabled = networkDisabled;
        editor.macAddress = macAddress;
        editor.onBuild = onBuild;
        editor.labels = labels;
        editor.stopSignal = stopSignal;
        editor.stopTimeout = stopTimeout;
        editor.shell = shell;
        return editor;
    }

    /// The members of a [ContainerConfig] under construction.
    public static final class Editor {
        public String hostname = "";
        public String domainname = "";
        public String user = "";
        public boolean attachStdin = false;
        public boolean attachStdout = false;
        public boolean attachStderr = false;
        public @Nullable SortedSet<String> exposedPorts;
        public boolean tty = false;
        public boolean openStdin = false;
        public boolean stdinOnce = false;
        public @Nullable List<String> env;
        public @Nullable List<String> cmd;
        public @Nullable HealthConfig healthcheck;
        public boolean argsEscaped = false;
        public String image = "";
        public @Nullable SortedSet<String> volumes;
        public String workingDir = "";
        public @Nullable List<String> entrypoint;
        public boolean networkDisabled = false;
        public String macAddress = "";
        public @Nullable List<String> onBuild;
        public @Nullable Map<String, String> labels;
        public String stopSignal = "";
        public @Nullable Integer stopTimeout;
        public @Nullable List<String> shell;

        public ContainerConfig done() {
            return new ContainerConfig(
                    hostname,
                    domainname,
                    user,
                    attachStdin,
                    attachStdout,
                    attachStderr,
                    exposedPorts,
                    tty,
                    openStdin,
                    stdinOnce,
                    env,
                    cmd,
                    healthcheck,
                    argsEscaped,
                    image,
                    volumes,
                    workingDir,
                    entrypoint,
                    networkDisabled,
                    macAddress,
                    onBuild,
                    labels,
                    stopSignal,
                    stopTimeout,
                    shell);
        }
    }
}
