package dev.corten.engine.build.step;

import dev.corten.build.work.StepCommand;
import dev.corten.model.container.HostConfig;
import dev.corten.network.NetworkOptions;
import dev.corten.network.Networks;
import dev.corten.network.file.HostsFile;
import dev.corten.network.file.ResolvConf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The contents of the files below `/etc` that a step finds there and that are not its root's. They
/// are the ones of a container, or what BuildKit has instead.
final class StepFiles {
    private final Networks networks;

    StepFiles(Networks networks) {
        this.networks = networks;
    }

    /// By name below `/etc`.
    ///
    /// @param hostname of the sandbox
    /// @throws dev.corten.model.CortenException in Docker's words, for a wrong address
    Map<String, byte[]> of(StepCommand command, StepNetwork network, String hostname)
            throws IOException {
        HostConfig host = command.host();
        var entries = new ArrayList<HostsFile.Entry>();
        for (String line : orEmpty(host.extraHosts())) {
            entries.addAll(HostsFile.parseExtra(line, hostGateways()));
        }
        String servers = resolvConf(host);
        var files = new LinkedHashMap<String, byte[]>();
        if (command.isLikeContainer()) {
            put(files, "hostname", HostsFile.hostname(hostname));
            put(files, "hosts", HostsFile.hosts(entries, network.address(), hostname, ""));
            put(files, "resolv.conf", servers);
        } else {
            put(files, "hosts", hosts(entries, hostname));
            put(files, "resolv.conf", withoutComments(servers));
        }
        return files;
    }

    private static void put(Map<String, byte[]> files, String name, String text) {
        files.put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /// As BuildKit has it: nothing in it differs from one build to the next.
    private static String hosts(List<HostsFile.Entry> entries, String hostname) {
        var text = new StringBuilder();
        text.append("127.0.0.1\tlocalhost ").append(hostname).append('\n');
        text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
        entries.forEach(entry ->
                text.append(entry.address()).append('\t').append(entry.names()).append('\n'));
        return text.toString();
    }

    private static String withoutComments(String text) {
        return text.lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private List<InetAddress> hostGateways() {
        List<InetAddress> given = networks.options().hostGateways();
        return given.isEmpty() ? List.of(networks.bridgeSubnet().address()) : given;
    }

    private String resolvConf(HostConfig host) throws IOException {
        NetworkOptions.DnsDefaults usual = networks.options().dns();
        ResolvConf own =
                ResolvConf.ofHost()
                        .override(
                                or(host.dns(), usual.servers()),
                                or(host.dnsSearch(), usual.search()),
                                or(host.dnsOptions(), usual.options()));
        return host.networkMode().equals("host") ? own.forHostNetwork() : own.forDefaultBridge();
    }

    private static List<String> or(@Nullable List<String> own, List<String> usual) {
        return own == null || own.isEmpty() ? usual : own;
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
