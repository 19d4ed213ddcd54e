package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each option of the daemon has its effect, warns that it has none, or is refused.
@Shows({"DMN-01", "DMN-21"})
class DaemonOptionsTest {
    /// The flags that a test shows.
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface Covers {
        String[] value();
    }

    /// Shown by tests of their own: `TlsTest`, `MetricsTest`, `SocketActivationTest`,
    /// `DaemonEndTest`, `OldClientTest`; `NetworkTest` and the tests of the modules for what the
    /// host's network must be changed for.
    private static final Set<String> ELSEWHERE =
            Set.of(
                    "add-runtime", // RuntimesTest
                    "max-layer-size", // TightPullTest
                    "tls",
                    "tlsverify",
                    "tlscacert",
                    "tlscert",
                    "tlskey",
                    "insecure-tcp",
                    "metrics-addr",
                    "host",
                    "live-restore",
                    "shutdown-timeout",
                    "min-api-version",
                    "bridge",
                    "ip-forward",
                    "ip-forward-no-drop",
                    "allow-direct-routing",
                    "userland-proxy",
                    "default-gateway");

    private static final List<String> WITHOUT_EFFECT =
            List.of(
                    "containerd=/run/x.sock",
                    "containerd-namespace=x",
                    "containerd-plugins-namespace=x",
                    "cri-containerd",
                    "init-path=/x",
                    "raw-logs",
                    "selinux-enabled",
                    "swarm-default-advertise-addr=x",
                    "network-control-plane-mtu=1400",
                    "userland-proxy-path=/x",
                    "ip6tables=false",
                    "default-network-opt=bridge=a=b");

    @TempDir Path directory;
    private Engine engine;
    private Client docker;

    @BeforeEach
    void needs() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
    }

    private void start(String... options) {
        engine = Engine.start(options);
        docker = engine.docker();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    private void startWith(String json, String... options) throws IOException {
        var all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--config-file", file(json)));
        start(all.toArray(String[]::new));
    }

    private String file(String json) throws IOException {
        return Files.writeString(directory.resolve("daemon.json"), json).toString();
    }

    private String info(String format) {
        return docker.ok("info", "-f", format);
    }

    // ---- refused -------------------------------------------------------------------------------

    private static final String REFUSED =
            """
            --userns-remap=x | failed to start daemon: userns-remap: not supported by this version
            --rootless | failed to start daemon: rootless: not supported by this version
            --authorization-plugin=x | failed to start daemon: authorization-plugin: not supported
            --cpu-rt-period=5 | failed to start daemon: cpu-rt-period: not supported by this version
            --cpu-rt-runtime=5 | failed to start daemon: cpu-rt-runtime: not supported by this version
            --bip6=fd00::1/64 | failed to start daemon: bip6: not supported by this version
            --fixed-cidr-v6=fd00::/64 | failed to start daemon: fixed-cidr-v6: not supported
            --default-gateway-v6=fd00::1 | failed to start daemon: default-gateway-v6: not supported
            --ipv6 | failed to start daemon: ipv6: not supported by this version
            --bridge-accept-fwmark=1 | failed to start daemon: bridge-accept-fwmark: not supported
            --firewall-backend=iptables | failed to start daemon: firewall-backend: the firewall is nftables only
            --storage-driver=btrfs | failed to start daemon: error initializing graphdriver: driver not supported: btrfs
            --storage-opt=overlay2.size=1g | failed to start daemon: storage-opt overlay2.size=1g: not supported
            --exec-opt=native.cgroupdriver=systemd | failed to start daemon: exec-opt native.cgroupdriver=systemd: not supported
            --default-runtime=nope | failed to start daemon: specified default runtime 'nope' does not exist
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = REFUSED)
    @Shows({"DMN-05", "DMN-08", "DMN-15"})
    void whatIsNotThereIsRefused(String flag, String message) {
        Finished refused = Cortend.run("--validate", flag);
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).startsWith(message);
    }

    @Test
    @Covers({"validate", "config-file"})
    void aConfigurationIsCheckedWithoutAStart() throws IOException {
        Finished fine = Cortend.run("--validate", "--config-file", file("{\"debug\": true}"));
        assertThat(fine.err()).isEqualTo("configuration OK\n");
        assertThat(fine.status()).isZero();
        String path = file("{\n \"debgu\": true\n}");
        Finished unknown = Cortend.run("--validate", "--config-file", path);
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err())
                .isEqualTo(
                        "unable to configure the Docker daemon with file "
                                + path
                                + ": the following directives don't match any configuration option:"
                                + " debgu\n"
                                + path
                                + ":2: \"debgu\": did you mean \"debug\"?\n");
        Finished both = Cortend.run("--validate", "-D", "--config-file", file("{\"debug\": true}"));
        assertThat(both.err())
                .startsWith(
                        "unable to configure the Docker daemon with file "
                                + path
                                + ": the following directives are specified both as a flag and in"
                                + " the configuration file: debug: (from flag: true, from file:"
                                + " true)\n");
    }

    @Test
    @Covers({"help", "version"})
    void mistakesAndQuestionsAreAnswered() {
        Finished unknown = Cortend.run("--no-such");
        assertThat(unknown.err()).isEqualTo("unknown flag: --no-such\nSee 'cortend --help'.\n");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(Cortend.run("word").err()).startsWith("\"cortend\" accepts no arguments.");
        assertThat(Cortend.run("--version").out())
                .matches("Corten version \\S+, build [0-9a-f]+\n");
        assertThat(Cortend.run("--help").out())
                .contains("Usage:  cortend [OPTIONS]", "  -D, --debug ");
    }

    // ---- without effect
    // --------------------------------------------------------------------------

    @Test
    @Shows("DMN-18")
    void whatHasNoEffectIsSaidToHaveNone() {
        start(WITHOUT_EFFECT.stream().map(flag -> "--" + flag).toArray(String[]::new));
        for (String flag : WITHOUT_EFFECT) {
            String name = flag.replaceFirst("=.*", "");
            assertThat(engine.logText()).contains("msg=\"" + name + " has no effect: ");
        }
        docker.ok("run", "--rm", "busybox", "true");
    }

    // ---- the daemon itself
    // -----------------------------------------------------------------------

    @Test
    @Covers({"data-root", "exec-root", "pidfile", "group", "debug"})
    @Shows({"DMN-03", "DMN-04", "DMN-06", "INF-42"})
    void placesGroupAndDebugMode() throws IOException {
        start("--group", "daemon");
        assertThat(info("{{.DockerRootDir}}")).isEqualTo(engine.dataRoot().toString());
        assertThat(engine.root().resolve("exec/zygote.sock")).exists();
        assertThat(Files.readString(engine.root().resolve("pid")))
                .isEqualTo(Long.toString(engine.pid()));
        var socket = Files.readAttributes(engine.socket(), PosixFileAttributes.class);
        assertThat(socket.group().getName()).isEqualTo("daemon");
        assertThat(socket.permissions()).extracting(Enum::name).hasSize(4);
        assertThat(info("{{.Debug}}")).isEqualTo("true");
        assertThat(docker.ok("info"))
                .contains(
                        "Debug Mode: true\n",
                        "  File Descriptors: ",
                        "  Goroutines: ",
                        "  EventsListeners: 0\n");
        assertThat(engine.logText()).contains("level=debug", "handling GET /v1.");
    }

    @Test
    void aGroupThatIsMissingIsAWarningOnlyIfNobodyNamedIt() {
        Finished refused =
                Cortend.run(
                        "-H",
                        "unix://" + directory.resolve("s"),
                        "--data-root",
                        directory.resolve("data").toString(),
                        "--exec-root",
                        directory.resolve("exec").toString(),
                        "--pidfile",
                        directory.resolve("pid").toString(),
                        "--bip",
                        "10.95.8.1/24",
                        "--group",
                        "no-such-group");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .endsWith("failed to load listeners: group no-such-group not found\n");
        assertThat(new Belongings(directory, directory.resolve("data")).isNothing())
                .as("a daemon that does not start leaves nothing")
                .isTrue();
    }

    @Test
    @Covers({"log-level", "log-format"})
    @Shows({"DMN-06", "HST-11"})
    void theLogIsInTheFormAndOfTheLevelThatIsWanted() {
        start("--debug=false", "--log-format", "json", "--log-level", "info");
        assertThat(engine.logText().lines())
                .isNotEmpty()
                .allMatch(line ->
                        line.matches(
                                "\\{.*\"level\":\"(info|warning)\",\"msg\":\".*\",\"time\":\".*\"}"));
        assertThat(engine.logText()).contains("API listen on ");
        engine.closeCleanly();
        start("--debug=false", "-l", "error");
        assertThat(info("{{.Debug}}")).isEqualTo("false");
        assertThat(engine.logText()).isEmpty();
    }

    @Test
    @Covers("idle-exit")
    void aDaemonWithoutWorkMayEndByItself() {
        start("--idle-exit", "3s");
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "5");
        engine.awaitEnd();
        assertThat(engine.socket()).doesNotExist();
        engine.open();
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("exited");
    }

    // ---- what containers get
    // ---------------------------------------------------------------------

    @Test
    @Covers({
        "log-driver",
        "log-opt",
        "default-ulimit",
        "default-shm-size",
        "default-ipc-mode",
        "default-cgroupns-mode",
        "cgroup-parent",
        "init",
        "no-new-privileges",
        "seccomp-profile"
    })
    @Shows({"DMN-06", "DMN-07", "DMN-08", "DMN-15", "INF-15", "INF-31"})
    void containersThatSayNothingGetWhatIsSet() throws IOException {
        startWith(
                """
                {"log-driver": "local", "log-opts": {"max-size": "5m"}, "default-shm-size": "32m",
                 "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 100, "Hard": 200}},
                 "default-ipc-mode": "shareable", "default-cgroupns-mode": "private",
                 "cgroup-parent": "/corten-systest", "init": true, "no-new-privileges": true,
                 "seccomp-profile": "unconfined"}
                """);
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo logged; sleep 1000");
        String format =
                "{{.HostConfig.LogConfig.Type}} {{.HostConfig.LogConfig.Config}}"
                        + " {{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}"
                        + " {{.HostConfig.CgroupnsMode}} {{.HostConfig.Ulimits}} [{{.LogPath}}]";
        assertThat(docker.ok("inspect", "-f", format, "c1"))
                .isEqualTo("local map[max-size:5m] 33554432 shareable private [] []");
        String inside =
                "ulimit -n; ulimit -Hn; df -k /dev/shm | tail -1; cat /proc/1/status"
                        + " | grep -E 'NoNewPrivs|Seccomp:'; cat /proc/1/cgroup | head -1";
        assertThat(docker.ok("exec", "c1", "sh", "-c", inside).replaceAll("[ \t]+", " "))
                .contains("100\n200\n")
                .contains("shm 32768 0 32768")
                .contains("NoNewPrivs: 1")
                .contains("Seccomp: 0");
        assertThat(docker.ok("exec", "c1", "ps", "-o", "pid,comm")).doesNotContain("    1 sh\n");
        Eventually.get("the log", () -> docker.ok("logs", "c1"), "logged"::equals);
        String id = docker.ok("inspect", "-f", "{{.Id}}", "c1");
        assertThat(engine.dataRoot().resolve("containers/" + id + "/local-logs/container.log"))
                .exists();
        long pid = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup")))
                .contains(":/corten-systest/corten-");
        assertThat(docker.ok("info"))
                .contains(
                        "Logging Driver: local\n", "Profile: unconfined\n", "no-new-privileges\n");
        assertThat(docker.run("info").err())
                .contains("WARNING: daemon is not using the default seccomp profile");
        // What a container says itself counts more.
        docker.ok(
                "run",
                "-d",
                "--name",
                "c2",
                "--ulimit",
                "nofile=50",
                "--log-driver",
                "json-file",
                "--security-opt",
                "no-new-privileges=false",
                "--init=false",
                "busybox",
                "sleep",
                "1000");
        assertThat(
                        docker.ok("exec", "c2", "sh", "-c", "ulimit -n; grep NoNew /proc/1/status")
                                .replace("\t", " "))
                .isEqualTo("50\nNoNewPrivs: 0");
        docker.ok("rm", "-f", "c1", "c2");
        removeGroups("corten-systest");
    }

    /// The daemon leaves a parent group that somebody has named.
    private static void removeGroups(String name) throws IOException {
        try (Stream<Path> roots = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path root : roots.toList()) {
                Path group = root.resolve(name);
                if (Files.isDirectory(group)) {
                    try (Stream<Path> below = Files.list(group)) {
                        for (Path inner : below.filter(Files::isDirectory).toList()) {
                            Files.delete(inner);
                        }
                    }
                    Files.delete(group);
                }
            }
        }
    }

    @Test
    void aSeccompProfileIsReadFromAFile() throws IOException {
        Path profile = directory.resolve("profile.json");
        Files.writeString(
                profile,
                """
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
                """);
        start("--seccomp-profile", profile.toString());
        assertThat(docker.run("run", "--rm", "busybox", "mkdir", "/x").err())
                .contains("Operation not permitted");
        docker.ok("run", "--rm", "--security-opt", "seccomp=unconfined", "busybox", "mkdir", "/x");
        assertThat(docker.ok("info")).contains("Profile: " + profile + "\n");
    }

    // ---- what the daemon says of itself
    // ------------------------------------------------------------

    @Test
    @Covers({
        "label",
        "experimental",
        "feature",
        "node-generic-resource",
        "cdi-spec-dir",
        "insecure-registry",
        "registry-mirror",
        "max-concurrent-downloads",
        "max-concurrent-uploads",
        "max-download-attempts",
        "http-proxy",
        "https-proxy",
        "no-proxy"
    })
    @Shows({
        "DMN-09", "DMN-10", "DMN-14", "DMN-18", "INF-44", "INF-45", "INF-46", "INF-48", "INF-49"
    })
    void infoTellsWhatIsSet() throws IOException {
        startWith(
                """
                {"labels": ["a=b"], "experimental": true, "features": {"x": true},
                 "node-generic-resources": ["gpu=a", "ssd=3"], "cdi-spec-dirs": ["/tmp/cdi"],
                 "insecure-registries": ["10.1.0.0/16", "foo:5000"],
                 "registry-mirrors": ["https://mirror.example"], "max-concurrent-downloads": 4,
                 "max-concurrent-uploads": 6, "max-download-attempts": 8,
                 "proxies": {"http-proxy": "http://u:p@proxy:1", "https-proxy": "http://proxy:2",
                             "no-proxy": "x"}}
                """);
        assertThat(docker.ok("info"))
                .contains(
                        " CDI spec directories:\n  /tmp/cdi\n",
                        " HTTP Proxy: http://xxxxx:xxxxx@proxy:1\n",
                        " HTTPS Proxy: http://proxy:2\n",
                        " No Proxy: x\n",
                        " Labels:\n  a=b\n",
                        " Experimental: true\n",
                        " Insecure Registries:\n  foo:5000\n  10.1.0.0/16\n  ::1/128\n  127.0.0.0/8\n",
                        " Registry Mirrors:\n  https://mirror.example/\n");
        assertThat(info("{{json .GenericResources}}"))
                .isEqualTo(
                        "[{\"NamedResourceSpec\":{\"Kind\":\"gpu\",\"Value\":\"a\"}},"
                                + "{\"DiscreteResourceSpec\":{\"Kind\":\"ssd\",\"Value\":3}}]");
        assertThat(docker.ok("version", "-f", "{{.Server.Experimental}}")).isEqualTo("true");
        assertThat(engine.api().get("/_ping").headers())
                .containsEntry("Docker-Experimental", "true");
        engine.signal("HUP");
        Eventually.holds(
                "the numbers are told at a reload",
                () ->
                        engine.logText()
                                .matches(
                                        "(?s).*features=map\\[x:true].*max-concurrent-downloads=4,"
                                                + " max-concurrent-uploads=6,"
                                                + " max-download-attempts=8.*"));
    }

    // ---- networks
    // --------------------------------------------------------------------------------

    @Test
    @Covers({"bip", "fixed-cidr", "mtu", "icc", "ip", "ip-masq", "iptables"})
    @Shows("DMN-12")
    void theDefaultBridgeIsAsSet() {
        start(
                "--bip=10.95.9.1/24",
                "--fixed-cidr=10.95.9.128/25",
                "--mtu=1400",
                "--icc=false",
                "--ip=127.0.0.1",
                "--ip-masq=false");
        String options =
                docker.ok("network", "inspect", "bridge", "-f", "{{json .Options}}{{json .IPAM}}");
        assertThat(options)
                .contains(
                        "\"com.docker.network.bridge.enable_icc\":\"false\"",
                        "\"com.docker.network.bridge.enable_ip_masquerade\":\"false\"",
                        "\"com.docker.network.bridge.host_binding_ipv4\":\"127.0.0.1\"",
                        "\"com.docker.network.driver.mtu\":\"1400\"",
                        "\"Subnet\":\"10.95.9.0/24\"",
                        "\"IPRange\":\"10.95.9.128/25\"");
        docker.ok("run", "-d", "--name", "c1", "-p", "80", "busybox", "sleep", "1000");
        assertThat(docker.ok("exec", "c1", "ip", "address", "show", "eth0"))
                .contains("mtu 1400", "inet 10.95.9.12");
        assertThat(docker.ok("port", "c1")).contains("127.0.0.1:");
        docker.ok("rm", "-f", "c1");
        engine.closeCleanly();
        start("--iptables=false");
        assertThat(Running.run("nft", "list", "tables").out())
                .doesNotContain(docker.ok("network", "inspect", "bridge", "-f", bridgeName()));
    }

    private static String bridgeName() {
        return "{{index .Options \"com.docker.network.bridge.name\"}}";
    }

    @Test
    @Covers({"dns", "dns-opt", "dns-search", "host-gateway-ip"})
    @Shows("DMN-13")
    void namesAreLookedUpAsSet() {
        start(
                "--dns=10.0.0.53",
                "--dns=10.0.0.54",
                "--dns-opt=ndots:3",
                "--dns-search=example.org",
                "--host-gateway-ip=10.0.0.7");
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "--add-host",
                        "gw:host-gateway",
                        "busybox",
                        "cat",
                        "/etc/resolv.conf",
                        "/etc/hosts");
        assertThat(run.out())
                .contains(
                        "nameserver 10.0.0.53\nnameserver 10.0.0.54\n",
                        "search example.org\n",
                        "options ndots:3\n",
                        "10.0.0.7\tgw\n");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--dns",
                                "10.0.0.1",
                                "busybox",
                                "cat",
                                "/etc/resolv.conf"))
                .contains("nameserver 10.0.0.1\n")
                .doesNotContain("10.0.0.53");
    }

    @Test
    @Covers("default-address-pool")
    @Shows("DMN-12")
    void subnetsComeFromThePoolsThatAreSet() {
        // The fixture's address would be taken from no pool.
        start("--default-address-pool", "base=10.95.32.0/19,size=26", "--bip=");
        assertThat(docker.ok("network", "inspect", "bridge", "-f", "{{json .IPAM}}"))
                .contains("\"Subnet\":\"10.95.32.0/26\"");
        assertThat(docker.ok("info")).contains("Base: 10.95.32.0/19, Size: 26");
    }

    // ---- all of them
    // -----------------------------------------------------------------------------

    @Test
    void eachOptionIsShown() {
        var shown = new TreeSet<String>(ELSEWHERE);
        WITHOUT_EFFECT.forEach(flag -> shown.add(flag.replaceFirst("=.*", "")));
        Matcher refused = Pattern.compile("(?m)^--([a-z0-9-]+)").matcher(REFUSED);
        while (refused.find()) {
            shown.add(refused.group(1));
        }
        for (var method : DaemonOptionsTest.class.getDeclaredMethods()) {
            Covers covers = method.getAnnotation(Covers.class);
            if (covers != null) {
                shown.addAll(List.of(covers.value()));
            }
        }
        var all = new TreeSet<String>();
        Matcher flags =
                Pattern.compile("(?m)^ {2}(?:-\\w, | {4})--([a-z0-9-]+)")
                        .matcher(Cortend.run(Map.of(), "--help").out());
        while (flags.find()) {
            all.add(flags.group(1));
        }
        assertThat(all).hasSizeGreaterThan(90);
        assertThat(shown).containsExactlyElementsOf(all);
    }
}
