package dev.corten.engine.container.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.model.CortenException;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import dev.corten.model.container.RestartPolicy;
import dev.corten.model.container.Ulimit;
import dev.corten.model.image.ImageConfig;
import dev.corten.runtime.RuntimeProgram;
import dev.corten.runtime.SpecRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

public class CreateRulesTest {
    private ContainerDefaults defaults = ContainerDefaults.STANDARD;
    private final CreateRules rules =
            new CreateRules(
                    2,
                    cgroups("1"),
                    List.of("/masked"),
                    List.of("/ro"),
                    () -> defaults,
                    Optional.empty());

    public static CgroupSupport cgroups(String version) {
        boolean first = version.equals("1");
        return new CgroupSupport(
                version,
                true,
                true,
                first,
                true,
                true,
                true,
                true,
                true,
                first,
                true,
                first,
                first,
                new CgroupSupport.BlockIo(true, true, true, true, true, true),
                "0-1",
                "0");
    }

    private static final Consumer<ContainerConfig.Editor> SAME = config -> {};
    private static final Consumer<HostConfig.Editor> SAME_HOST = host -> {};

    private CreateRules.Resolved resolve(
            Consumer<ContainerConfig.Editor> config,
            Consumer<HostConfig.Editor> host,
            Consumer<ImageConfig.Editor> image) {
        var c = ContainerConfig.DEFAULT.edit();
        c.image = "x";
        config.accept(c);
        var h = HostConfig.DEFAULT.edit();
        host.accept(h);
        var i = ImageConfig.EMPTY.edit();
        i.cmd = List.of("sh");
        image.accept(i);
        return rules.resolve(
                new CreateRequest(
                        Optional.empty(),
                        Optional.empty(),
                        c.done(),
                        h.done(),
                        Map.of(),
                        MountPoint.ReadOnly.ALL),
                i.done());
    }

    private void refuses(
            Consumer<ContainerConfig.Editor> config,
            Consumer<HostConfig.Editor> host,
            Class<? extends CortenException> kind,
            String message) {
        assertThatThrownBy(() -> resolve(config, host, i -> {}))
                .isInstanceOf(kind)
                .hasMessageContaining(message);
    }

    @Test
    void theImagesCommandIsTakenOnlyIfTheRequestHasNeither() {
        var plain = resolve(SAME, SAME_HOST, i -> {});
        assertThat(plain.path()).isEqualTo("sh");
        assertThat(plain.args()).isEmpty();

        var own = resolve(c -> c.cmd = List.of("echo", "hi"), SAME_HOST, i -> {});
        assertThat(own.path()).isEqualTo("echo");
        assertThat(own.args()).containsExactly("hi");

        var entry =
                resolve(
                        c -> c.cmd = List.of("-x"),
                        SAME_HOST,
                        i -> i.entrypoint = List.of("/entry"));
        assertThat(entry.path()).isEqualTo("/entry");
        assertThat(entry.args()).containsExactly("-x");

        var replaced =
                resolve(
                        c -> c.entrypoint = List.of("/mine"),
                        SAME_HOST,
                        i -> i.entrypoint = List.of("/entry"));
        assertThat(replaced.path()).isEqualTo("/mine");
        assertThat(replaced.args()).isEmpty();

        var cleared =
                resolve(
                        c -> {
                            c.entrypoint = List.of("");
                            c.cmd = List.of("ls");
                        },
                        SAME_HOST,
                        i -> i.entrypoint = List.of("/entry"));
        assertThat(cleared.path()).isEqualTo("ls");
    }

    @Test
    void noCommandAtAllIsRefused() {
        assertThatThrownBy(() -> resolve(SAME, SAME_HOST, i -> i.cmd = null))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("no command specified");
    }

    @Test
    void environmentLabelsAndPortsAreMerged() {
        var resolved =
                resolve(
                        c -> {
                            c.env = List.of("A=1");
                            c.labels = Map.of("l", "mine");
                            c.exposedPorts = new TreeSet<>(List.of("81/tcp"));
                        },
                        SAME_HOST,
                        i -> {
                            i.env = List.of("A=0", "B=2");
                            i.labels = Map.of("l", "theirs", "m", "x");
                            i.exposedPorts = new TreeSet<>(List.of("80/tcp"));
                            i.workingDir = "/w";
                        });
        assertThat(resolved.config().env()).containsExactly("A=1", "B=2");
        assertThat(resolved.config().labels()).containsEntry("l", "mine").containsEntry("m", "x");
        assertThat(resolved.config().exposedPorts()).containsExactly("80/tcp", "81/tcp");
        assertThat(resolved.config().workingDir()).isEqualTo("/w");
    }

    @Test
    void defaultsAreDockers() {
        HostConfig host = resolve(SAME, SAME_HOST, i -> {}).host();
        assertThat(host.networkMode()).isEqualTo("bridge");
        assertThat(host.ipcMode()).isEqualTo("private");
        assertThat(host.shmSize()).isEqualTo(64L << 20);
        assertThat(host.runtime()).isEqualTo("runc");
        assertThat(host.restartPolicy()).isEqualTo(RestartPolicy.NO);
        assertThat(host.maskedPaths()).containsExactly("/masked");
        assertThat(host.readonlyPaths()).containsExactly("/ro");
        HostConfig privileged = resolve(SAME, h -> h.privileged = true, i -> {}).host();
        assertThat(privileged.maskedPaths()).isNull();
    }

    @Test
    void limitsAreChecked() {
        refuses(SAME, h -> h.memory = 1 << 20, InvalidParameter.class, "allowed is 6MB");
        refuses(
                SAME,
                h -> {
                    h.memory = 64 << 20;
                    h.memorySwap = 32 << 20;
                },
                InvalidParameter.class,
                "Minimum memoryswap limit should be larger than memory limit, see usage");
        refuses(
                SAME,
                h -> h.nanoCpus = 3_000_000_000L,
                InvalidParameter.class,
                "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
        refuses(
                SAME,
                h -> h.capAdd = List.of("bogus"),
                InvalidParameter.class,
                "invalid CapAdd: unknown capability: \"CAP_BOGUS\"");
        var swap = resolve(SAME, h -> h.memory = 64 << 20, i -> {});
        assertThat(swap.host().memorySwap()).isEqualTo(128L << 20);
    }

    @Test
    void malformedValuesAreRefusedInDockersWords() {
        refuses(
                c -> c.workingDir = "relative",
                SAME_HOST,
                InvalidParameter.class,
                "the working directory 'relative' is invalid, it needs to be an absolute path");
        refuses(
                c -> c.env = List.of("=x"),
                SAME_HOST,
                InvalidParameter.class,
                "invalid environment variable: =x");
        refuses(
                c -> c.stopSignal = "BOGUS",
                SAME_HOST,
                InvalidParameter.class,
                "invalid signal: BOGUS");
        refuses(
                SAME,
                h -> h.portBindings = Map.of("80/tcp", List.of(new PortBinding("", "x"))),
                InvalidParameter.class,
                "invalid port specification: \"x\"");
        refuses(
                SAME,
                h -> h.logConfig = new LogConfig("json-file", Map.of("bogus", "1")),
                InvalidParameter.class,
                "unknown log opt 'bogus' for json-file log driver");
        refuses(
                SAME,
                h -> h.runtime = "bogus",
                InvalidParameter.class,
                "unknown or invalid runtime name: bogus");
    }

    @Test
    void restartPolicies() {
        refusesPolicy(
                new RestartPolicy("bogus", 0),
                "unknown policy 'bogus'; use one of 'no', 'always', 'on-failure', or"
                        + " 'unless-stopped'");
        String only = "maximum retry count can only be used with 'on-failure'";
        refusesPolicy(new RestartPolicy("always", 3), only);
        refusesPolicy(new RestartPolicy("no", 3), only);
        refusesPolicy(new RestartPolicy("always", -1), only + " and cannot be negative");
        refusesPolicy(
                new RestartPolicy("on-failure", -1), "maximum retry count cannot be negative");
        refuses(
                SAME,
                h -> {
                    h.autoRemove = true;
                    h.restartPolicy = new RestartPolicy("always", 0);
                },
                InvalidParameter.class,
                "can't create 'AutoRemove' container with restart policy");
    }

    private void refusesPolicy(RestartPolicy policy, String why) {
        refuses(
                SAME,
                h -> h.restartPolicy = policy,
                InvalidParameter.class,
                "invalid restart policy: " + why);
    }

    @Test
    void whatIsNotThereYetIsRefused() {}

    @Test
    void volumesOfImageAndRequestAreUnited() {
        var resolved =
                resolve(
                        c -> c.volumes = new TreeSet<>(List.of("/a")),
                        SAME_HOST,
                        i -> i.volumes = new TreeSet<>(List.of("/b", "/a")));
        assertThat(resolved.config().volumes()).containsExactly("/a", "/b");
    }

    @Test
    void aFileSystemInMemoryNeedsAPlace() {
        refuses(
                SAME,
                h -> h.tmpfs = Map.of("x", ""),
                InvalidParameter.class,
                "invalid mount path: 'x' mount path must be absolute");
        refuses(
                SAME,
                h -> h.tmpfs = Map.of("/..", ""),
                InvalidParameter.class,
                "invalid specification: destination can't be '/'");
    }

    @Test
    void theEngineFillsInWhatDependsOnTheHostsControlGroups() {
        HostConfig first = resolve(SAME, SAME_HOST, i -> {}).host();
        assertThat(first.cgroupnsMode()).isEqualTo("host");
        assertThat(first.oomKillDisable()).isFalse();

        var second =
                new CreateRules(
                                2,
                                cgroups("2"),
                                List.of(),
                                List.of(),
                                () -> ContainerDefaults.STANDARD,
                                Optional.empty())
                        .resolve(
                                new CreateRequest(
                                        Optional.empty(),
                                        Optional.empty(),
                                        ContainerConfig.DEFAULT,
                                        oomKillDisabled(),
                                        Map.of(),
                                        MountPoint.ReadOnly.ALL),
                                shell());
        assertThat(second.host().cgroupnsMode()).isEqualTo("private");
        assertThat(second.host().oomKillDisable()).isNull();
        assertThat(second.warnings())
                .containsExactly(
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    }

    private static HostConfig oomKillDisabled() {
        var host = HostConfig.DEFAULT.edit();
        host.oomKillDisable = true;
        return host.done();
    }

    private static ImageConfig shell() {
        var image = ImageConfig.EMPTY.edit();
        image.cmd = List.of("sh");
        return image.done();
    }

    @Test
    void whoIsOpenToTheHostIsWithoutALabel() {
        assertThat(resolve(SAME, h -> h.privileged = true, i -> {}).host().securityOpt())
                .containsExactly("label=disable");
        assertThat(resolve(SAME, h -> h.pidMode = "host", i -> {}).host().securityOpt())
                .containsExactly("label=disable");
        assertThat(resolve(SAME, SAME_HOST, i -> {}).host().securityOpt()).isNull();
    }

    @Test
    void theContainersAddressIsItsEndpoints() {
        var endpoint =
                resolve(c -> c.macAddress = "02:42:ac:11:00:99", SAME_HOST, i -> {})
                        .endpoints()
                        .get("bridge");
        assertThat(endpoint.macAddress()).isEqualTo("02:42:ac:11:00:99");
    }

    @Test
    void theDaemonsDefaultsFillWhatIsNotSaid() {
        defaults =
                new ContainerDefaults(
                        new LogConfig("local", Map.of("max-size", "5m")),
                        32L << 20,
                        "shareable",
                        "private",
                        "corten",
                        Map.of("other", new RuntimeProgram("other", "", List.of())),
                        Map.of(
                                "nofile", new Ulimit("nofile", 20, 10),
                                "core", new Ulimit("core", 1, 1)),
                        true,
                        true,
                        "unconfined");
        HostConfig host = resolve(SAME, SAME_HOST, image -> {}).host();
        assertThat(host.logConfig()).isEqualTo(new LogConfig("local", Map.of("max-size", "5m")));
        assertThat(host.shmSize()).isEqualTo(32L << 20);
        assertThat(host.ipcMode()).isEqualTo("shareable");
        assertThat(host.cgroupnsMode()).isEqualTo("private");
        assertThat(host.runtime()).isEqualTo("corten");
        // What counts at each start is not written into the container.
        assertThat(host.ulimits()).isNull();
        assertThat(host.init()).isNull();
        assertThat(host.securityOpt()).isNull();
        var edited = host.edit();
        edited.ulimits = List.of(new Ulimit("core", 2, 2));
        edited.securityOpt = List.of("no-new-privileges=false");
        HostConfig started = defaults.atStart(edited.done());
        assertThat(started.ulimits())
                .containsExactly(new Ulimit("core", 2, 2), new Ulimit("nofile", 20, 10));
        assertThat(started.init()).isTrue();
        assertThat(SecurityOptions.parse(started.securityOpt()))
                .isEqualTo(
                        new SecurityOptions(
                                false,
                                new SpecRequest.SeccompChoice.Unconfined(),
                                Optional.empty(),
                                ""));
    }

    @Test
    void aContainersOwnWordCountsMoreThanTheDaemons() {
        defaults =
                new ContainerDefaults(
                        new LogConfig("json-file", Map.of("max-size", "5m", "max-file", "2")),
                        1L << 20,
                        "private",
                        "",
                        "runc",
                        Map.of("other", new RuntimeProgram("other", "", List.of())),
                        Map.of(),
                        false,
                        false,
                        "");
        Consumer<HostConfig.Editor> log =
                host -> host.logConfig = new LogConfig("", Map.of("max-size", "7m"));
        assertThat(resolve(SAME, log, image -> {}).host().logConfig())
                .isEqualTo(new LogConfig("json-file", Map.of("max-size", "7m", "max-file", "2")));
        Consumer<HostConfig.Editor> none = host -> host.logConfig = new LogConfig("none", Map.of());
        assertThat(resolve(SAME, none, image -> {}).host().logConfig())
                .isEqualTo(new LogConfig("none", Map.of()));
        assertThatThrownBy(() -> resolve(SAME, host -> host.runtime = "other", image -> {}))
                .isInstanceOf(NotImplemented.class)
                .hasMessageContaining("runtime other");
    }
}
