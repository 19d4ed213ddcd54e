package dev.corten.engine.container;

import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.exec.ExecTarget;
import dev.corten.engine.exec.ExecTargets;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What execs need of the containers.
final class ExecAccess implements ExecTargets {
    private final ContainerTable table;
    private final Launcher launcher;

    ExecAccess(ContainerTable table, Launcher launcher) {
        this.table = table;
        this.launcher = launcher;
    }

    @Override
    public ExecTarget target(String reference) {
        Container container = table.get(reference);
        switch (container.status()) {
            case ContainerStatus.Running r when r.paused() ->
                    throw new Conflict(
                            "Container "
                                    + reference
                                    + " is paused, unpause the container before exec");
            case ContainerStatus.Running _ -> {}
            default -> throw Container.notRunning(container);
        }
        Monitor monitor = container.monitor().orElseThrow(() -> Container.notRunning(container));
        return new Target(container, monitor);
    }

    private final class Target implements ExecTarget {
        private final Container container;
        private final Monitor monitor;

        Target(Container container, Monitor monitor) {
            this.container = container;
            this.monitor = monitor;
        }

        @Override
        public ContainerId id() {
            return container.id;
        }

        @Override
        public Monitor monitor() {
            return monitor;
        }

        @Override
        public Map<String, String> eventAttributes() {
            return LifeCycle.eventAttributes(container);
        }

        @Override
        public void check(String user) throws IOException {
            table.links().environment(container);
            if (!user.isEmpty()) {
                launcher.account(container, monitor, user, List.of());
            }
        }

        @Override
        public void warm() {
            launcher.warm();
        }

        @Override
        public ExecRequest request(ExecConfig config, boolean openStdin, Optional<Attach> client)
                throws IOException {
            List<String> told = table.links().environment(container);
            return launcher.execRequest(container, monitor, config, told, openStdin, client);
        }
    }
}
