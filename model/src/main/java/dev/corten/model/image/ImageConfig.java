package dev.corten.model.image;

import dev.corten.model.container.HealthConfig;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The defaults that an image gives to its containers (the `config` of an OCI image
/// configuration).
///
/// @param exposedPorts elements are `80/tcp`
/// @param env `KEY=value`, text as [dev.corten.model.RawText]
/// @param argsEscaped Windows only
/// @param volumes paths in the container
/// @param stopSignal `""` means SIGTERM
public record ImageConfig(
        String user,
        @Nullable SortedSet<String> exposedPorts,
        @Nullable List<String> env,
        @Nullable List<String> cmd,
        @Nullable HealthConfig healthcheck,
        boolean argsEscaped,
        @Nullable SortedSet<String> volumes,
        String workingDir,
        @Nullable List<String> entrypoint,
        @Nullable List<String> onBuild,
        @Nullable Map<String, String> labels,
        String stopSignal,
        @Nullable List<String> shell) {
    /// Of an image that says nothing.
    public static final ImageConfig EMPTY = new Editor().done();

    /// A copy that can be changed.
    public Editor edit() {
        var editor = new Editor();
        editor.user = user;
        editor.exposedPorts = exposedPorts;
        editor.env = env;
        editor.cmd = cmd;
        editor.healthcheck = healthcheck;
        editor.argsEscaped = argsEscaped;
        editor.volumes = volumes;
        editor.workingDir = workingDir;
        editor.entrypoint = entrypoint;
        editor.onBuild = onBuild;
        editor.labels = labels;
        editor.stopSignal = stopSignal;
        editor.shell = shell;
        return editor;
    }

    /// The members of an [ImageConfig] under construction.
    public static final class Editor {
        public String user = "";
        public @Nullable SortedSet<String> exposedPorts;
        public @Nullable List<String> env;
        public @Nullable List<String> cmd;
        public @Nullable HealthConfig healthcheck;
        public boolean argsEscaped = false;
        public @Nullable SortedSet<String> volumes;
        public String workingDir = "";
        public @Nullable List<String> entrypoint;
        public @Nullable List<String> onBuild;
        public @Nullable Map<String, String> labels;
        public String stopSignal = "";
        public @Nullable List<String> shell;

        public ImageConfig done() {
            return new ImageConfig(
                    user,
                    exposedPorts,
                    env,
                    cmd,
                    healthcheck,
                    argsEscaped,
                    volumes,
                    workingDir,
                    entrypoint,
                    onBuild,
                    labels,
                    stopSignal,
                    shell);
        }
    }
}
