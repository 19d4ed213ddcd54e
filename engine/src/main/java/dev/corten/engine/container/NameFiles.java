package dev.corten.engine.container;

import dev.corten.engine.sandbox.Sandbox;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.container.HostConfig;
import dev.corten.network.HostsFile;
import dev.corten.network.NetworkOptions;
import dev.corten.network.ResolvConf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf` of a container, anew at each start.
final class NameFiles {
    private static final Path ETC_HOSTS = Path.of("/etc/hosts");

    private final Sandboxes sandboxes;
    private final ContainerDirectory directory;

    NameFiles(Sandboxes sandboxes, ContainerDirectory directory) {
        this.sandboxes = sandboxes;
        this.directory = directory;
    }

    /// The names of the files that a container gets: none if its network is disabled.
    static List<String> of(Container container) {
        return container.config.networkDisabled()
                ? List.of()
                : List.of("resolv.conf", "hostname", "hosts");
    }

    /// @throws dev.corten.model.Internal in Docker's words if a name server is no address
    void write(Container container, Sandbox sandbox) throws IOException {
        if (of(container).isEmpty()) {
            return;
        }
        String hostname = container.config.hostname();
        directory.writeMounted(container.id, "hostname", HostsFile.hostname(hostname));
        directory.writeMounted(container.id, "hosts", hosts(container, sandbox));
        directory.writeMounted(container.id, "resolv.conf", resolvConf(container.host));
    }

    private String hosts(Container container, Sandbox sandbox) throws IOException {
        List<String> extra = orEmpty(container.host.extraHosts());
        if (isOnHost(container.host) && extra.isEmpty()) {
            return Files.exists(ETC_HOSTS) ? Files.readString(ETC_HOSTS) : "";
        }
        var entries = new ArrayList<HostsFile.Entry>();
        for (String line : extra) {
            entries.addAll(HostsFile.parseExtra(line, sandboxes.hostGateways()));
        }
        return HostsFile.hosts(
                entries,
                isOnHost(container.host) ? Optional.empty() : sandbox.address(),
                container.config.hostname(),
                container.config.domainname());
    }

    private String resolvConf(HostConfig host) throws IOException {
        NetworkOptions.DnsDefaults defaults = sandboxes.dns();
        ResolvConf own =
                ResolvConf.ofHost()
                        .override(
                                or(host.dns(), defaults.servers()),
                                or(host.dnsSearch(), defaults.search()),
                                or(host.dnsOptions(), defaults.options()));
        return isOnHost(host) ? own.forHostNetwork() : own.forDefaultBridge();
    }

    private static boolean isOnHost(HostConfig host) {
        return host.networkMode().equals("host");
    }

    private static List<String> or(@Nullable List<String> own, List<String> usual) {
        return own == null || own.isEmpty() ? usual : own;
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
