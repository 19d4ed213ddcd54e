package dev.corten.engine.build.step;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.network.Endpoint;
import dev.corten.network.EndpointRequest;
import dev.corten.network.InterfaceOptions;
import dev.corten.network.Netns;
import dev.corten.network.Networks;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// The network of a step. Clients hear nothing of it.
sealed interface StepNetwork extends AutoCloseable {
    /// Which namespace to join, if not the host's; stays this object's.
    Optional<Fd> namespace();

    /// Its address on the bridge.
    Optional<InetAddress> address();

    /// Gives everything back.
    @Override
    void close();

    /// @param mode as `HostConfig` has it
    static StepNetwork open(Networks networks, String mode, ContainerId id) throws IOException {
        switch (mode) {
            case "", "default", "bridge" -> {
                var request =
                        new EndpointRequest(
                                ContainerId.random().hex(),
                                "build step " + id.shortHex(),
                                Optional.empty(),
                                InterfaceOptions.NONE,
                                List.of());
                return new Bridged(networks, networks.connect(request));
            }
            case "none" -> {
                return new Isolated(networks, networks.createIsolated());
            }
            case "host" -> {
                return new Host();
            }
            default -> {
                if (mode.startsWith("container:")) {
                    throw new NotImplemented(
                            "building in the network of a container is not supported: " + mode);
                }
                throw new NotFound("network " + mode + " not found");
            }
        }
    }

    /// On the default bridge.
    record Bridged(Networks networks, Endpoint endpoint) implements StepNetwork {
        @Override
        public Optional<Fd> namespace() {
            return Optional.of(endpoint.netns().fd());
        }

        @Override
        public Optional<InetAddress> address() {
            return Optional.of(endpoint.address());
        }

        @Override
        public void close() {
            networks.disconnect(endpoint);
        }
    }

    /// With `lo` only.
    record Isolated(Networks networks, Netns netns) implements StepNetwork {
        @Override
        public Optional<Fd> namespace() {
            return Optional.of(netns.fd());
        }

        @Override
        public Optional<InetAddress> address() {
            return Optional.empty();
        }

        @Override
        public void close() {
            networks.release(netns);
        }
    }

    /// The host's.
    record Host() implements StepNetwork {
        @Override
        public Optional<Fd> namespace() {
            return Optional.empty();
        }

        @Override
        public Optional<InetAddress> address() {
            return Optional.empty();
        }

        @Override
        public void close() {
            // nothing of it is the step's
        }
    }
}
