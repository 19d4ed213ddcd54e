package dev.corten.engine.container;

import dev.corten.engine.sandbox.Sandbox;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.container.HostConfig;
import dev.corten.network.NetworkOptions;
import dev.corten.network.file.HostsFile;
import dev.corten.network.file.ResolvConf;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Writes `/etc/hostname`, `/etc/hosts` and `/etc/resolv.conf` of a container, anew at each start.
final class NameFiles {
    private static final Logger LOG = System.getLogger(NameFiles.class.getName());
    private static final Path ETC_HOSTS = Path.of("/etc/hosts");

    /// Containers can write theirs: what is larger is not taken for a list of hosts.
    private static final int HOSTS_MAX = 1 << 20;

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
    ///
    /// @param links what it has to be told of others
    void write(Container container, Sandbox sandbox, Links links) throws IOException {
        if (of(container).isEmpty()) {
            return;
        }
        String hostname = container.config.hostname();
        directory.writeMounted(container.id, "hostname", HostsFile.hostname(hostname));
        container.hostsFile.lock();
        try {
            directory.writeMounted(container.id, "hosts", hosts(container, sandbox, links));
        } finally {
            container.hostsFile.unlock();
        }
        directory.writeMounted(container.id, "resolv.conf", resolvConf(container.host));
    }

    /// Has a container know the new address of one that it knows by another name.
    void update(Container container, String alias, Container moved) {
        moved.sandbox()
                .flatMap(Sandbox::address)
                .ifPresent(address ->
                        edit(container, hosts -> HostsFile.moved(hosts, alias, address)));
    }

    /// Takes out a name by which a container knew another.
    void forget(Container container, String alias) {
        edit(container, hosts -> HostsFile.without(hosts, alias));
    }

    /// Each container has changes of its own in there.
    private void edit(Container container, UnaryOperator<String> change) {
        container.hostsFile.lock();
        try {
            Optional<String> now = directory.readMounted(container.id, "hosts", HOSTS_MAX);
            if (now.isPresent()) {
                directory.writeMounted(
                        container.id,
                        "hosts",
                        change.apply(now.get()).getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    () -> "container " + container.id + ": its hosts file stays as it is",
                    e);
        } finally {
            container.hostsFile.unlock();
        }
    }

    private String hosts(Container container, Sandbox sandbox, Links links) throws IOException {
        List<String> extra = orEmpty(container.host.extraHosts());
        if (isOnHost(container.host) && extra.isEmpty()) {
            return Files.exists(ETC_HOSTS) ? Files.readString(ETC_HOSTS) : "";
        }
        var entries = new ArrayList<HostsFile.Entry>();
        for (String line : extra) {
            entries.addAll(HostsFile.parseExtra(line, sandboxes.hostGateways()));
        }
        entries.addAll(links.hosts(container));
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
