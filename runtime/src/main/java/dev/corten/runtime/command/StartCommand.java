package dev.corten.runtime.command;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.process.Pidfd;
import dev.corten.runtime.UnwatchedProcesses;
import dev.corten.runtime.bundle.Hooks;
import java.io.IOException;
import java.nio.file.Files;

/// `start`: lets a created container's process execute its program.
final class StartCommand {
    private final Place place;

    StartCommand(Place place) {
        this.place = place;
    }

    void run(Flags flags) throws IOException, Failure {
        start(place.load(flags.id("start")));
    }

    void start(ContainerRecord container) throws IOException, Failure {
        switch (container.status(place)) {
            case STOPPED -> throw new Failure("cannot start a container that has stopped");
            case RUNNING, PAUSED -> throw new Failure("cannot start an already running container");
            case CREATED -> open(container);
        }
    }

    private void open(ContainerRecord container) throws IOException, Failure {
        Hooks hooks = StoredBundle.of(place, container).hooks();
        try (Pidfd init = container.runningProcess()) {
            var processes =
                    new UnwatchedProcesses(
                            place.shim(), place.directory(container.id()), CgroupTree.detect());
            new HookRunner("startContainer", container.state("created"))
                    .runInside(
                            hooks.startContainer(),
                            processes,
                            init,
                            place.directory(container.id()).resolve("hook.json"));
        }
        String gate = place.gate(container.id()).toString();
        try (Fd fifo = FileCalls.open(gate, FileCalls.O_WRONLY | FileCalls.O_NONBLOCK)) {
            FileData.writeFully(fifo, new byte[] {1});
        } catch (Errno e) {
            if (e.is(Errno.ENXIO)) {
                throw new Failure("cannot start a container that has stopped", e);
            }
            throw e;
        }
        Files.deleteIfExists(place.gate(container.id()));
        new HookRunner("poststart", container.state("running")).run(hooks.poststart());
    }
}
