package dev.corten.build.step;

import dev.corten.build.work.Session;
import dev.corten.model.Digest;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.Ulimit;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Runs a command.
///
/// @param base whether the first input is what it runs on; else it begins with nothing
/// @param environment what is part of the key, `NAME=value` each
/// @param hidden what it sees too, and what is not: proxies
/// @param hostname see [dev.corten.build.work.StepCommand]
/// @param script a here-document that is the program itself
/// @param clamp times of files that are later are set to this one
/// @param client who gives secrets and agents
/// @param keepsFailed whether what a command leaves that fails is kept for [FailedSteps]
/// @param keepsEmpty whether a layer without anything in it is one
/// @param fresh whether results of earlier builds do not count
public record RunOperation(
        boolean base,
        List<String> arguments,
        List<String> environment,
        List<String> hidden,
        String user,
        String directory,
        String hostname,
        HostConfig host,
        List<RunInput> mounts,
        Optional<Script> script,
        Optional<Instant> clamp,
        Session client,
        boolean keepsFailed,
        boolean keepsEmpty,
        boolean fresh)
        implements BuildOperation {
    /// A file that is there while the step runs.
    public record Script(String target, byte[] content) {}

    public RunOperation {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        hidden = List.copyOf(hidden);
        mounts = List.copyOf(mounts);
    }

    @Override
    public Digest definition() {
        var definition =
                new Definition("run")
                        .flag(base)
                        .flag(keepsEmpty)
                        .texts(arguments)
                        .texts(environment)
                        .text(user)
                        .text(directory)
                        .text(hostname)
                        .text(host.networkMode())
                        .flag(host.privileged())
                        .texts(Optional.ofNullable(host.extraHosts()).orElse(List.of()))
                        .number(host.shmSize())
                        .texts(limits(host))
                        .number(mounts.size());
        mounts.forEach(mount -> mount.describe(definition));
        script.ifPresent(file -> definition.text(file.target()).bytes(file.content()));
        clamp.ifPresent(time -> definition.text(time.toString()));
        return definition.done();
    }

    private static List<String> limits(HostConfig host) {
        return Optional.ofNullable(host.ulimits()).orElse(List.of()).stream()
                .map(Ulimit::toString)
                .sorted()
                .toList();
    }

    @Override
    public boolean readsPartOf(int input) {
        return mounts.stream().anyMatch(mount -> mount.selects(input));
    }

    @Override
    public boolean alwaysRuns() {
        return fresh;
    }

    /// Another build may have other secrets, and may go on when this one's client has left.
    @Override
    public boolean isShared() {
        return !keepsFailed
                && mounts.stream()
                        .noneMatch(mount ->
                                mount instanceof RunInput.Secret
                                        || mount instanceof RunInput.Agent);
    }
}
