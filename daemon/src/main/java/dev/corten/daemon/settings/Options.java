package dev.corten.daemon.settings;

import dev.corten.model.container.Ulimit;
import dev.corten.store.StorageDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything that can be said to the daemon: the flags and keys of dockerd 28.5, some that later
/// ones have, and a few of our own. The table makes the parsers, `--help`, and the tests.
public final class Options {
    private static final String NO_CONTAINERD = "there is no containerd behind this engine";
    private static final String NO_SWARM = "there is no swarm mode";
    private static final String NOT_YET = "not supported by this version of Corten yet";
    private static final Set<String> OUR_RUNTIMES =
            Set.of("", "corten", "runc", "io.containerd.runc.v2");

    static final ListType WORDS = ListType.of(_ -> {});
    private static final List<Option<?>> TABLE = new ArrayList<>();

    // ---- places --------------------------------------------------------------------------------

    public static final Option<String> CONFIG_FILE =
            add(
                    text("config-file", "Daemon configuration file")
                            .initial("/etc/corten/daemon.json")
                            .flagOnly());
    public static final Option<String> DATA_ROOT =
            add(text("data-root", "Root directory of persistent state").initial("/var/lib/corten"));
    public static final Option<String> EXEC_ROOT =
            add(
                    text("exec-root", "Root directory for execution state files")
                            .initial("/run/corten"));
    public static final Option<String> PIDFILE =
            add(
                    text("pidfile", "Path to use for daemon PID file")
                            .letter('p')
                            .initial("/run/corten.pid"));

    // ---- sockets -------------------------------------------------------------------------------

    public static final Option<List<String>> HOSTS =
            add(
                    Option.of(
                                    "host",
                                    ListType.of(Checks::host),
                                    "Daemon socket(s) to connect to: unix://PATH,"
                                            + " tcp://ADDRESS:PORT, fd:// (default"
                                            + " unix:///run/corten.sock)")
                            .letter('H')
                            .key("hosts"));
    public static final Option<String> GROUP =
            add(text("group", "Group for the unix socket").letter('G').initial("corten"));
    public static final Option<Boolean> TLS = add(flag("tls", "Use TLS; implied by --tlsverify"));
    public static final Option<Boolean> TLS_VERIFY =
            add(flag("tlsverify", "Use TLS and verify the remote"));
    public static final Option<String> TLS_CA =
            add(text("tlscacert", "Trust certs signed only by this CA"));
    public static final Option<String> TLS_CERT =
            add(text("tlscert", "Path to TLS certificate file"));
    public static final Option<String> TLS_KEY = add(text("tlskey", "Path to TLS key file"));
    public static final Option<Boolean> INSECURE_TCP =
            add(flag("insecure-tcp", "Allow TCP without TLS: whoever reaches it is root here"));
    public static final Option<String> MIN_API_VERSION =
            add(
                    text("min-api-version", "Oldest API version to speak, down to 1.12")
                            .initial("1.24"));
    public static final Option<List<String>> AUTHORIZATION_PLUGINS =
            add(
                    list("authorization-plugin", "Authorization plugins to load")
                            .key("authorization-plugins")
                            .only(List::isEmpty));

    // ---- the daemon's own log ------------------------------------------------------------------

    public static final Option<Boolean> DEBUG =
            add(flag("debug", "Enable debug mode").letter('D').reload(Option.Reload.IF_SAID));
    public static final Option<String> LOG_LEVEL =
            add(
                    text(
                                    "log-level",
                                    "Set the logging level"
                                            + " (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")")
                            .letter('l')
                            .initial("info"));
    public static final Option<String> LOG_FORMAT =
            add(text("log-format", "Set the logging format (\"text\"|\"json\")").initial("text"));
    public static final Option<Boolean> RAW_LOGS =
            add(
                    flag("raw-logs", "Full timestamps without ANSI coloring")
                            .inert("lines always have full timestamps and no colour"));
    public static final Option<String> METRICS_ADDRESS =
            add(text("metrics-addr", "Set default address and port to serve the metrics api on"));

    // ---- life ----------------------------------------------------------------------------------

    public static final Option<Boolean> LIVE_RESTORE =
            add(
                    flag(
                                    "live-restore",
                                    "Leave containers running when the daemon ends; with =false"
                                            + " they are stopped")
                            .initial(true)
                            .reload(Option.Reload.IF_SAID));
    public static final Option<Long> SHUTDOWN_TIMEOUT =
            add(
                    number("shutdown-timeout", "Set the default shutdown timeout")
                            .initial(15L)
                            .reload(Option.Reload.IF_SAID));
    public static final Option<OptionalLong> IDLE_EXIT =
            add(
                    Option.of(
                            "idle-exit",
                            ScalarTypes.SECONDS,
                            "End after so long without containers and requests (10m)"));
    public static final Option<Boolean> VALIDATE =
            add(flag("validate", "Validate daemon configuration and exit").flagOnly());
    public static final Option<Boolean> VERSION =
            add(flag("version", "Print version information and quit").letter('v').flagOnly());
    public static final Option<Boolean> HELP = add(flag("help", "Print usage").flagOnly());

    // ---- what containers get that say nothing
    // ----------------------------------------------------

    public static final Option<String> LOG_DRIVER =
            add(text("log-driver", "Default driver for container logs").initial("json-file"));
    public static final Option<Map<String, String>> LOG_OPTS =
            add(
                    Option.of(
                                    "log-opt",
                                    MapTypes.TEXTS,
                                    "Default log driver options for containers")
                            .key("log-opts"));
    public static final Option<Map<String, Ulimit>> ULIMITS =
            add(
                    Option.of("default-ulimit", MapTypes.ULIMITS, "Default ulimits for containers")
                            .key("default-ulimits"));
    public static final Option<Long> SHM_SIZE =
            add(
                    Option.of(
                                    "default-shm-size",
                                    ScalarTypes.BYTES,
                                    "Default shm size for containers")
                            .initial(64L << 20)
                            .reload(Option.Reload.IF_SAID));
    public static final Option<String> IPC_MODE =
            add(
                    text(
                                    "default-ipc-mode",
                                    "Default mode for containers ipc (\"shareable\" | \"private\")")
                            .initial("private")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<String> CGROUPNS_MODE =
            add(
                    text(
                                    "default-cgroupns-mode",
                                    "Default mode for containers cgroup namespace (\"host\" | \"private\")"
                                            + " (default \"host\" with cgroup v1, \"private\" with v2)")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<String> CGROUP_PARENT =
            add(text("cgroup-parent", "Set parent cgroup for all containers"));
    public static final Option<Long> CPU_RT_PERIOD =
            add(
                    number(
                                    "cpu-rt-period",
                                    "Limit the CPU real-time period in microseconds for the parent"
                                            + " cgroup for all containers (not supported with"
                                            + " cgroups v2)")
                            .only(number -> number == 0));
    public static final Option<Long> CPU_RT_RUNTIME =
            add(
                    number(
                                    "cpu-rt-runtime",
                                    "Limit the CPU real-time runtime in microseconds for the parent"
                                            + " cgroup for all containers (not supported with"
                                            + " cgroups v2)")
                            .only(number -> number == 0));
    public static final Option<Boolean> INIT =
            add(flag("init", "Run an init in the container to forward signals and reap processes"));
    public static final Option<String> INIT_PATH =
            add(
                    text("init-path", "Path to the docker-init binary")
                            .inert("the init is a part of corten-shim"));
    public static final Option<Boolean> NO_NEW_PRIVILEGES =
            add(flag("no-new-privileges", "Set no-new-privileges by default for new containers"));
    public static final Option<String> SECCOMP_PROFILE =
            add(
                    text(
                                    "seccomp-profile",
                                    "Path to seccomp profile. Set to \"unconfined\" to disable the"
                                            + " default seccomp profile")
                            .initial("builtin"));
    public static final Option<Boolean> SELINUX =
            add(
                    flag("selinux-enabled", "Enable selinux support")
                            .inert("SELinux is not used, see docs/differences.md"));
    public static final Option<String> USERNS_REMAP =
            add(
                    text("userns-remap", "User/Group setting for user namespaces")
                            .only(String::isEmpty));
    public static final Option<List<String>> EXEC_OPTS =
            add(
                    list("exec-opt", "Runtime execution options")
                            .key("exec-opts")
                            .refuse(Options::cgroupDriver));
    public static final Option<Map<String, RuntimeEntry>> RUNTIMES =
            add(
                    Option.of(
                                    "add-runtime",
                                    MapTypes.RUNTIMES,
                                    "Register an additional OCI compatible runtime")
                            .key("runtimes")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<String> DEFAULT_RUNTIME =
            add(
                    text("default-runtime", "Default OCI runtime for containers")
                            .initial("corten")
                            .reload(Option.Reload.IF_SAID));

    // ---- storage -------------------------------------------------------------------------------

    public static final Option<String> STORAGE_DRIVER =
            add(
                    text("storage-driver", "Storage driver to use")
                            .letter('s')
                            .refuse(Options::driver));
    public static final Option<List<String>> STORAGE_OPTS =
            add(
                    list("storage-opt", "Storage driver options")
                            .key("storage-opts")
                            .refuse(Options::storageOptions));

    // ---- networks ------------------------------------------------------------------------------

    public static final Option<String> BRIDGE =
            add(text("bridge", "Attach containers to a network bridge").letter('b'));
    public static final Option<String> BIP =
            add(text("bip", "IPv4 address for the default bridge"));
    public static final Option<String> BIP6 =
            add(text("bip6", "IPv6 address for the default bridge").only(String::isEmpty));
    public static final Option<String> FIXED_CIDR =
            add(text("fixed-cidr", "IPv4 subnet for the default bridge network"));
    public static final Option<String> FIXED_CIDR6 =
            add(
                    text("fixed-cidr-v6", "IPv6 subnet for the default bridge network")
                            .only(String::isEmpty));
    public static final Option<String> GATEWAY =
            add(
                    address(
                            "default-gateway",
                            "Default gateway IPv4 address for the default bridge network"));
    public static final Option<String> GATEWAY6 =
            add(
                    address(
                                    "default-gateway-v6",
                                    "Default gateway IPv6 address for the default bridge network")
                            .only(String::isEmpty));
    public static final Option<List<AddressPool>> ADDRESS_POOLS =
            add(
                    Option.of(
                                    "default-address-pool",
                                    new PoolsType(),
                                    "Default address pools for node specific local networks")
                            .key("default-address-pools"));
    public static final Option<Map<String, Map<String, String>>> NETWORK_OPTS =
            add(
                    Option.of("default-network-opt", MapTypes.NESTED, "Default network options")
                            .key("default-network-opts")
                            .inert("there are no user-defined networks yet"));
    public static final Option<Long> MTU =
            add(number("mtu", "Set the MTU for the default \"bridge\" network").initial(1500L));
    public static final Option<Boolean> ICC =
            add(
                    flag(
                                    "icc",
                                    "Enable inter-container communication for the default bridge"
                                            + " network")
                            .initial(true));
    public static final Option<String> IP =
            add(
                    address("ip", "Host IP for port publishing from the default bridge network")
                            .initial("0.0.0.0"));
    public static final Option<Boolean> IP_FORWARD =
            add(flag("ip-forward", "Enable IP forwarding in system configuration").initial(true));
    public static final Option<Boolean> IP_FORWARD_NO_DROP =
            add(
                    flag(
                            "ip-forward-no-drop",
                            "Do not set the filter-FORWARD policy to DROP when enabling IP"
                                    + " forwarding"));
    public static final Option<Boolean> IP_MASQ =
            add(
                    flag("ip-masq", "Enable IP masquerading for the default bridge network")
                            .initial(true));
    public static final Option<Boolean> IPTABLES =
            add(flag("iptables", "Enable addition of firewall rules").initial(true));
    public static final Option<Boolean> IP6TABLES =
            add(
                    flag("ip6tables", "Enable addition of firewall rules for IPv6")
                            .initial(true)
                            .inert("the firewall's table is of both families"));
    public static final Option<Boolean> IPV6 =
            add(
                    flag("ipv6", "Enable IPv6 networking for the default bridge network")
                            .only(value -> !value));
    public static final Option<String> FIREWALL_BACKEND =
            add(
                    text("firewall-backend", "Firewall backend to use: nftables")
                            .initial("nftables")
                            .refuse(name ->
                                    name.equals("nftables")
                                            ? null
                                            : "firewall-backend: the firewall is nftables"
                                                    + " only"));
    public static final Option<Boolean> DIRECT_ROUTING =
            add(
                    flag(
                            "allow-direct-routing",
                            "Allow remote access to published ports on container IP"
                                    + " addresses"));
    public static final Option<String> BRIDGE_ACCEPT_FWMARK =
            add(
                    text(
                                    "bridge-accept-fwmark",
                                    "In bridge networks, accept packets with this firewall"
                                            + " mark/mask")
                            .only(String::isEmpty));
    public static final Option<Boolean> USERLAND_PROXY =
            add(
                    flag(
                                    "userland-proxy",
                                    "Relay published ports where the firewall cannot translate")
                            .initial(true));
    public static final Option<String> USERLAND_PROXY_PATH =
            add(
                    text("userland-proxy-path", "Path to the userland proxy binary")
                            .inert("the daemon relays itself"));
    public static final Option<List<String>> HOST_GATEWAY_IPS =
            add(
                    Option.of(
                                    "host-gateway-ip",
                                    new ListType("list", ListType.Style.ADDRESSES, Checks::gateway),
                                    "IP addresses that the special 'host-gateway' string in"
                                            + " --add-host resolves to. Defaults to the IP"
                                            + " addresses of the default bridge")
                            .key("host-gateway-ips"));
    public static final Option<List<String>> DNS =
            add(
                    Option.of(
                            "dns",
                            new ListType("ipSlice", ListType.Style.ADDRESSES, Checks::dns),
                            "DNS server to use"));
    public static final Option<List<String>> DNS_OPTS =
            add(list("dns-opt", "DNS options to use").key("dns-opts"));
    public static final Option<List<String>> DNS_SEARCH =
            add(
                    Option.of(
                            "dns-search",
                            ListType.of(Checks::dnsSearch),
                            "DNS search domains to use"));

    // ---- registries ----------------------------------------------------------------------------

    public static final Option<List<String>> INSECURE_REGISTRIES =
            add(
                    list("insecure-registry", "Enable insecure registry communication")
                            .key("insecure-registries")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<List<String>> REGISTRY_MIRRORS =
            add(
                    Option.of(
                                    "registry-mirror",
                                    ListType.of(Checks::mirror),
                                    "Preferred Docker registry mirror")
                            .key("registry-mirrors")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<Long> MAX_DOWNLOADS =
            add(
                    number("max-concurrent-downloads", "Set the max concurrent downloads")
                            .initial(3L)
                            .reload(Option.Reload.ALWAYS));
    public static final Option<Long> MAX_UPLOADS =
            add(
                    number("max-concurrent-uploads", "Set the max concurrent uploads")
                            .initial(5L)
                            .reload(Option.Reload.ALWAYS));
    public static final Option<Long> MAX_ATTEMPTS =
            add(
                    number("max-download-attempts", "Set the max download attempts for each pull")
                            .initial(5L)
                            .reload(Option.Reload.ALWAYS));
    public static final Option<Long> MAX_LAYER_SIZE =
            add(
                    Option.of(
                                    "max-layer-size",
                                    ScalarTypes.BYTES,
                                    "What one layer of an image may unpack to")
                            .initial(256L << 30)
                            .reload(Option.Reload.ALWAYS));
    public static final Option<String> HTTP_PROXY =
            add(text("http-proxy", "HTTP proxy URL to use for outgoing traffic"));
    public static final Option<String> HTTPS_PROXY =
            add(text("https-proxy", "HTTPS proxy URL to use for outgoing traffic"));
    public static final Option<String> NO_PROXY =
            add(
                    text(
                            "no-proxy",
                            "Comma-separated list of hosts or IP addresses for which the proxy is"
                                    + " skipped"));
    public static final Option<List<String>> NONDISTRIBUTABLE =
            add(
                    list(
                                    "allow-nondistributable-artifacts",
                                    "Allow push of nondistributable artifacts to registry")
                            .hide()
                            .inert("they are always pushed"));

    // ---- what the daemon says of itself
    // ----------------------------------------------------------

    public static final Option<List<String>> LABELS =
            add(
                    Option.of(
                                    "label",
                                    ListType.of(Checks::label),
                                    "Set key=value labels to the daemon")
                            .key("labels")
                            .reload(Option.Reload.IF_SAID));
    public static final Option<Boolean> EXPERIMENTAL =
            add(flag("experimental", "Enable experimental features"));
    public static final Option<Map<String, Boolean>> FEATURES =
            add(
                    Option.of("feature", MapTypes.SWITCHES, "Enable feature in the daemon")
                            .key("features")
                            .reload(Option.Reload.ALWAYS));
    public static final Option<List<String>> GENERIC_RESOURCES =
            add(
                    Option.of(
                                    "node-generic-resource",
                                    ListType.of(Checks::resource),
                                    "Advertise user-defined resource")
                            .key("node-generic-resources"));
    public static final Option<List<String>> CDI_SPEC_DIRS =
            add(list("cdi-spec-dir", "CDI specification directories to use").key("cdi-spec-dirs"));

    // ---- without effect ------------------------------------------------------------------------

    public static final Option<String> CONTAINERD =
            add(text("containerd", "containerd grpc address").inert(NO_CONTAINERD));
    public static final Option<String> CONTAINERD_NAMESPACE =
            add(
                    text("containerd-namespace", "Containerd namespace to use")
                            .initial("moby")
                            .inert(NO_CONTAINERD));
    public static final Option<String> CONTAINERD_PLUGINS_NAMESPACE =
            add(
                    text("containerd-plugins-namespace", "Containerd namespace to use for plugins")
                            .initial("plugins.moby")
                            .inert(NO_CONTAINERD));
    public static final Option<Boolean> CRI_CONTAINERD =
            add(flag("cri-containerd", "start containerd with cri").inert(NO_CONTAINERD));
    public static final Option<Long> CONTROL_PLANE_MTU =
            add(
                    number("network-control-plane-mtu", "Network Control plane MTU")
                            .initial(1500L)
                            .inert(NO_SWARM));
    public static final Option<Long> DIAGNOSTIC_PORT =
            add(
                    number(
                                    "network-diagnostic-port",
                                    "TCP port number of the network diagnostic server")
                            .hide()
                            .inert(NO_SWARM));
    public static final Option<String> ADVERTISE_ADDRESS =
            add(
                    text(
                                    "swarm-default-advertise-addr",
                                    "Set default address or interface for swarm advertised address")
                            .inert(NO_SWARM));
    public static final Option<Boolean> ROOTLESS =
            add(
                    flag("rootless", "Enable rootless mode; typically used with RootlessKit")
                            .only(value -> !value));
    public static final Option<Boolean> RESTART =
            add(
                    flag("restart", "Please use a restart policy on docker run")
                            .letter('r')
                            .initial(true)
                            .flagOnly()
                            .hide()
                            .inert("deprecated: use a restart policy on docker run"));
    public static final Option<String> CORS =
            add(
                    text("api-cors-header", "Set CORS headers in the Engine API")
                            .hide()
                            .refuse(header ->
                                    header.isEmpty()
                                            ? null
                                            : "DEPRECATED: The \"api-cors-header\" config"
                                                    + " parameter and the dockerd"
                                                    + " \"--api-cors-header\" option have been"
                                                    + " removed; use a reverse proxy if you"
                                                    + " need CORS headers"));
    public static final Option<BuilderSettings> BUILDER =
            add(Option.of("builder", new BuilderType(), "Settings of the builder").fileOnly());
    public static final Option<String> KEY_PATH =
            add(
                    text("deprecated-key-path", "Deprecated")
                            .fileOnly()
                            .inert("keys of trust have no use any more"));

    private Options() {}

    /// All of them.
    public static List<Option<?>> all() {
        return List.copyOf(TABLE);
    }

    private static <T> Option<T> add(Option<T> option) {
        TABLE.add(option);
        return option;
    }

    private static Option<String> text(String name, String usage) {
        return Option.of(name, ScalarTypes.TEXT, usage);
    }

    private static Option<Boolean> flag(String name, String usage) {
        return Option.of(name, ScalarTypes.SWITCH, usage);
    }

    private static Option<Long> number(String name, String usage) {
        return Option.of(name, ScalarTypes.NUMBER, usage);
    }

    private static Option<String> address(String name, String usage) {
        return Option.of(name, ScalarTypes.ADDRESS, usage);
    }

    private static Option<List<String>> list(String name, String usage) {
        return Option.of(name, WORDS, usage);
    }

    // ---- refusals
    // --------------------------------------------------------------------------------

    private static @Nullable String driver(String name) {
        return name.isEmpty() || StorageDriver.find(name).isPresent()
                ? null
                : "error initializing graphdriver: driver not supported: " + name;
    }

    private static @Nullable String cgroupDriver(List<String> options) {
        for (String option : options) {
            String value = option.substring(option.indexOf('=') + 1).strip();
            if (value.equals("systemd")) {
                return "exec-opt native.cgroupdriver=systemd: " + NOT_YET;
            }
            if (!value.equals("cgroupfs")) {
                return "native.cgroupdriver option " + value + " not supported";
            }
        }
        return null;
    }

    private static @Nullable String storageOptions(List<String> options) {
        for (String option : options) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                return "error initializing graphdriver: unable to parse storage-opt key/value: "
                        + option;
            }
            // It once allowed old kernels, and stands in many a file.
            String key = option.substring(0, equals).strip();
            if (!key.equals("overlay2.override_kernel_check")) {
                return "storage-opt " + option + ": " + NOT_YET;
            }
        }
        return null;
    }

    /// Whether a container may ask for this runtime.
    static boolean isOurs(String runtime) {
        return OUR_RUNTIMES.contains(runtime);
    }
}
