package dev.corten.runtime.bundle;

import java.util.List;

/// Programs that somebody wants to run at points in the life of a container.
///
/// @param createContainer run in the container's namespaces, before its root is changed
/// @param startContainer run in the container, with paths of its own
public record Hooks(
        List<Hook> prestart,
        List<Hook> createRuntime,
        List<Hook> createContainer,
        List<Hook> startContainer,
        List<Hook> poststart,
        List<Hook> poststop) {
    public static final Hooks NONE =
            new Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public Hooks {
        prestart = List.copyOf(prestart);
        createRuntime = List.copyOf(createRuntime);
        createContainer = List.copyOf(createContainer);
        startContainer = List.copyOf(startContainer);
        poststart = List.copyOf(poststart);
        poststop = List.copyOf(poststop);
    }

    /// @param args with the program's name; empty: its path only
    /// @param timeoutSeconds 0: none
    public record Hook(String path, List<String> args, List<String> env, int timeoutSeconds) {
        public Hook {
            args = List.copyOf(args);
            env = List.copyOf(env);
        }
    }
}
