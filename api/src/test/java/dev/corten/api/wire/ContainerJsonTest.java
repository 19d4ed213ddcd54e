package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.image.GraphView;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Containers on the wire: measured answers of Docker 28.5.2, with our facts in them.
class ContainerJsonTest {
    static final ContainerId ID = new ContainerId("ab".repeat(32));
    static final Digest IMAGE = new Digest("cd".repeat(32));
    static final Instant CREATED = Instant.parse("2026-11-21T13:27:27.120Z");

    static CreateRequest create(String json, int minor) {
        return ContainerJson.readCreate(
                JsonInput.parse(json.getBytes(StandardCharsets.UTF_8)),
                Optional.empty(),
                Optional.of("linux/amd64"),
                new ApiVersion(1, minor));
    }

    static ContainerView view(String json, ContainerStatus status) {
        CreateRequest request = create(json, 51);
        var ports = new TreeMap<String, List<PortBinding>>();
        var networks = new TreeMap<String, EndpointState>();
        if (status instanceof ContainerStatus.Running) {
            ports.put(
                    "80/tcp",
                    List.of(new PortBinding("0.0.0.0", "8080"), new PortBinding("::", "8080")));
            networks.put(
                    "bridge",
                    new EndpointState(
                            EndpointConfig.EMPTY,
                            "n1",
                            "e1",
                            "172.17.0.1",
                            "172.17.0.2",
                            16,
                            "",
                            "",
                            0,
                            "aa:64:d6:00:00:01"));
        } else {
            networks.put("bridge", EndpointState.disconnected(EndpointConfig.EMPTY, ""));
        }
        return new ContainerView(
                ID,
                "c1",
                Collections.emptySortedSet(),
                CREATED,
                "sh",
                List.of("-c", "echo <hi> & 한글"),
                status,
                0,
                IMAGE,
                request.config(),
                request.host(),
                ports,
                networks,
                "",
                "",
                "",
                "",
                "",
                "",
                "linux",
                List.of(),
                new GraphView("overlay2", Map.of("UpperDir", "/u", "LowerDir", "/l")),
                List.of(),
                "");
    }

    static final String HOST_DEFAULTS =
            "\"HostConfig\":{\"Binds\":null,\"ContainerIDFile\":\"\",\"LogConfig\":{\"Type\":"
                    + "\"\",\"Config\":{}},\"NetworkMode\":\"\",\"PortBindings\":null,"
                    + "\"RestartPolicy\":{\"Name\":\"no\",\"MaximumRetryCount\":0},\"AutoRemove\":"
                    + "false,\"VolumeDriver\":\"\",\"VolumesFrom\":null,\"ConsoleSize\":[0,0],"
                    + "\"CapAdd\":null,\"CapDrop\":null,\"CgroupnsMode\":\"\",\"Dns\":null,"
                    + "\"DnsOptions\":null,\"DnsSearch\":null,\"ExtraHosts\":null,\"GroupAdd\":null,"
                    + "\"IpcMode\":\"\",\"Cgroup\":\"\",\"Links\":null,\"OomScoreAdj\":0,\"PidMode\":"
                    + "\"\",\"Privileged\":false,\"PublishAllPorts\":false,\"ReadonlyRootfs\":false,"
                    + "\"SecurityOpt\":null,\"UTSMode\":\"\",\"UsernsMode\":\"\",\"ShmSize\":0,"
                    + "\"Isolation\":\"\",\"CpuShares\":0,\"Memory\":0,\"NanoCpus\":0,"
                    + "\"CgroupParent\":\"\",\"BlkioWeight\":0,\"BlkioWeightDevice\":null,"
                    + "\"BlkioDeviceReadBps\":null,\"BlkioDeviceWriteBps\":null,"
                    + "\"BlkioDeviceReadIOps\":null,\"BlkioDeviceWriteIOps\":null,\"CpuPeriod\":0,"
                    + "\"CpuQuota\":0,\"CpuRealtimePeriod\":0,\"CpuRealtimeRuntime\":0,"
                    + "\"CpusetCpus\":\"\",\"CpusetMems\":\"\",\"Devices\":null,"
                    + "\"DeviceCgroupRules\":null,\"DeviceRequests\":null,\"MemoryReservation\":0,"
                    + "\"MemorySwap\":0,\"MemorySwappiness\":null,\"OomKillDisable\":null,"
                    + "\"PidsLimit\":null,\"Ulimits\":null,\"CpuCount\":0,\"CpuPercent\":0,"
                    + "\"IOMaximumIOps\":0,\"IOMaximumBandwidth\":0,\"MaskedPaths\":null,"
                    + "\"ReadonlyPaths\":null}";

    @Test
    void inspectOfACreatedContainer() {
        String json =
                ContainerJson.inspect(
                                view("{\"Image\":\"busybox\"}", ContainerStatus.Created.NEW),
                                Optional.empty())
                        .toString();
        assertThat(json)
                .isEqualTo(
                        "{\"Id\":\""
                                + ID
                                + "\",\"Created\":\"2026-11-21T13:27:27.12Z\",\"Path\":\"sh\","
                                + "\"Args\":[\"-c\",\"echo <hi> & 한글\"],\"State\":{\"Status\":"
                                + "\"created\",\"Running\":false,\"Paused\":false,\"Restarting\":"
                                + "false,\"OOMKilled\":false,\"Dead\":false,\"Pid\":0,\"ExitCode\":0,"
                                + "\"Error\":\"\",\"StartedAt\":\"0001-01-01T00:00:00Z\","
                                + "\"FinishedAt\":\"0001-01-01T00:00:00Z\"},\"Image\":\""
                                + IMAGE
                                + "\",\"ResolvConfPath\":\"\",\"HostnamePath\":\"\",\"HostsPath\":"
                                + "\"\",\"LogPath\":\"\",\"Name\":\"/c1\",\"RestartCount\":0,"
                                + "\"Driver\":\"overlay2\",\"Platform\":\"linux\",\"MountLabel\":"
                                + "\"\",\"ProcessLabel\":\"\",\"AppArmorProfile\":\"\",\"ExecIDs\":"
                                + "null,"
                                + HOST_DEFAULTS
                                + ",\"GraphDriver\":{\"Data\":{\"LowerDir\":\"/l\",\"UpperDir\":"
                                + "\"/u\"},\"Name\":\"overlay2\"},\"Mounts\":[],\"Config\":{"
                                + "\"Hostname\":\"\",\"Domainname\":\"\",\"User\":\"\","
                                + "\"AttachStdin\":false,\"AttachStdout\":false,\"AttachStderr\":"
                                + "false,\"Tty\":false,\"OpenStdin\":false,\"StdinOnce\":false,"
                                + "\"Env\":null,\"Cmd\":null,\"Image\":\"busybox\",\"Volumes\":null,"
                                + "\"WorkingDir\":\"\",\"Entrypoint\":null,\"OnBuild\":null,"
                                + "\"Labels\":{}},\"NetworkSettings\":{\"Bridge\":\"\","
                                + "\"SandboxID\":\"\",\"SandboxKey\":\"\",\"Ports\":{},"
                                + "\"HairpinMode\":false,\"LinkLocalIPv6Address\":\"\","
                                + "\"LinkLocalIPv6PrefixLen\":0,\"SecondaryIPAddresses\":null,"
                                + "\"SecondaryIPv6Addresses\":null,\"EndpointID\":\"\",\"Gateway\":"
                                + "\"\",\"GlobalIPv6Address\":\"\",\"GlobalIPv6PrefixLen\":0,"
                                + "\"IPAddress\":\"\",\"IPPrefixLen\":0,\"IPv6Gateway\":\"\","
                                + "\"MacAddress\":\"\",\"Networks\":{\"bridge\":{\"IPAMConfig\":null,"
                                + "\"Links\":null,\"Aliases\":null,\"MacAddress\":\"\","
                                + "\"DriverOpts\":null,\"GwPriority\":0,\"NetworkID\":\"\","
                                + "\"EndpointID\":\"\",\"Gateway\":\"\",\"IPAddress\":\"\","
                                + "\"IPPrefixLen\":0,\"IPv6Gateway\":\"\",\"GlobalIPv6Address\":"
                                + "\"\",\"GlobalIPv6PrefixLen\":0,\"DNSNames\":null}}}}");
    }

    /// What the docker CLI 28 sends for `run -d -p 80:80`, shortened to what is particular: empty
    /// lists come back as empty lists.
    @Test
    void inspectEchoesWhatTheClientSent() {
        String sent =
                """
                {"Image":"b","Cmd":["sh","-c","x"],"Env":["A=\\udcff"],"Labels":{"z":"1","a":"<2>"},
                 "ExposedPorts":{"80/tcp":{}},"StopTimeout":3,"Volumes":{"/v":{}},
                 "Healthcheck":{"Test":["CMD","true"],"Interval":5},
                 "HostConfig":{"Binds":["/a:/b:ro"],"PortBindings":{"80/tcp":[{"HostIp":"","HostPort":"80"}],"81/tcp":[]},
                  "Dns":[],"Devices":[{"PathOnHost":"/dev/x","PathInContainer":"/dev/y","CgroupPermissions":"rwm"}],
                  "Ulimits":[{"Name":"nofile","Hard":20,"Soft":10}],"Init":true,"Tmpfs":{"/t":""},
                  "DeviceRequests":[{"Driver":"","Count":-1,"DeviceIDs":null,"Capabilities":[["gpu"]],"Options":{}}],
                  "Mounts":[{"Type":"bind","Source":"/s","Target":"/t","BindOptions":{"Propagation":"rshared","NonRecursive":true}}],
                  "MemorySwappiness":60,"PidsLimit":7,"Annotations":{"k":"v"},"unknown":{"x":1}}}
                """;
        String json =
                ContainerJson.inspect(view(sent, new ContainerStatus.Removing(3)), Optional.empty())
                        .toString();
        assertThat(json)
                .contains("\"Env\":[\"A=\\udcff\"]")
                .contains("\"Labels\":{\"a\":\"<2>\",\"z\":\"1\"}")
                .contains("\"ExposedPorts\":{\"80/tcp\":{}}")
                .contains("\"Volumes\":{\"/v\":{}}")
                .contains("\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":5}")
                .contains("\"Labels\":{\"a\":\"<2>\",\"z\":\"1\"},\"StopTimeout\":3}")
                .contains("\"Binds\":[\"/a:/b:ro\"]")
                .contains(
                        "\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"80\"}],"
                                + "\"81/tcp\":null}")
                .contains("\"Dns\":[],\"DnsOptions\":null")
                .contains(
                        "\"Devices\":[{\"PathOnHost\":\"/dev/x\",\"PathInContainer\":\"/dev/y\","
                                + "\"CgroupPermissions\":\"rwm\"}]")
                .contains("\"Ulimits\":[{\"Name\":\"nofile\",\"Hard\":20,\"Soft\":10}]")
                .contains("\"Tmpfs\":{\"/t\":\"\"},\"UTSMode\"")
                .contains(
                        "\"DeviceRequests\":[{\"Driver\":\"\",\"Count\":-1,\"DeviceIDs\":null,"
                                + "\"Capabilities\":[[\"gpu\"]],\"Options\":{}}]")
                .contains(
                        "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/s\",\"Target\":\"/t\","
                                + "\"BindOptions\":{\"Propagation\":\"rshared\",\"NonRecursive\":"
                                + "true}}],\"MaskedPaths\":null,\"ReadonlyPaths\":null,\"Init\":true}")
                .contains("\"ConsoleSize\":[0,0],\"Annotations\":{\"k\":\"v\"},\"CapAdd\"")
                .contains("\"Status\":\"removing\"")
                .contains("\"ExitCode\":3");
    }

    @Test
    void oldVersionsLackWhatCameLater() {
        String sent =
                "{\"Image\":\"b\",\"Healthcheck\":{\"StartInterval\":9},\"HostConfig\":"
                        + "{\"AutoRemove\":true,\"ConsoleSize\":[1,2]}}";
        CreateRequest old = create(sent, 24);
        assertThat(old.host().autoRemove()).isFalse();
        assertThat(old.host().ipcMode()).isEqualTo("shareable");
        assertThat(old.host().consoleSize()).containsExactly(0, 0);
        assertThat(old.platform()).isEmpty();
        assertThat(old.config().healthcheck().startInterval()).isZero();
        CreateRequest now = create(sent, 51);
        assertThat(now.host().autoRemove()).isTrue();
        assertThat(now.host().ipcMode()).isEmpty();
        assertThat(now.host().consoleSize()).containsExactly(1, 2);
        assertThat(now.platform()).contains("linux/amd64");
        assertThat(now.config().healthcheck().startInterval()).isEqualTo(9);
        String twoNetworks =
                "{\"Image\":\"b\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"b\":{},\"a\":null}}}";
        assertThat(create(twoNetworks, 44).endpoints()).hasSize(2);
        assertThatThrownBy(() -> create(twoNetworks, 43))
                .hasMessage("Container cannot be created with multiple network endpoints: a, b");
    }

    @Test
    void createWithoutAConfig() {
        for (String body : List.of("{}", "null", "{\"HostConfig\":{\"Memory\":1}}")) {
            assertThatThrownBy(() -> create(body, 51))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("config cannot be empty in order to create a container");
        }
        assertThat(create("{\"image\":\"x\",\"CMD\":\"one\"}", 51).config().cmd())
                .containsExactly("one");
        assertThat(create("{\"Image\":\"x\"}", 51).host()).isEqualTo(HostConfig.DEFAULT);
    }

    @Test
    void wrongTypesNameTheMember() {
        assertThatThrownBy(() -> create("{\"Image\":\"x\",\"HostConfig\":{\"Memory\":\"1g\"}}", 51))
                .hasMessage("invalid JSON: HostConfig.Memory must be a whole number");
        assertThatThrownBy(() -> create("{\"Image\":\"x\",\"Env\":{\"a\":1}}", 51))
                .hasMessage("invalid JSON: Env must be an array");
        assertThatThrownBy(() -> create("{\"Image\":\"x\",\"Tty\":1}", 51))
                .hasMessage("invalid JSON: Tty must be true or false");
        assertThatThrownBy(() -> create("{\"Image\":\"x\",\"HostConfig\":{\"Memory\":1e300}}", 51))
                .hasMessage("invalid JSON: HostConfig.Memory must be a whole number");
    }

    @Test
    void listOfARunningContainer() {
        var running =
                new ContainerStatus.Running(
                        42, 1, Instant.parse("2026-11-21T13:27:28Z"), false, Optional.empty());
        ContainerView view =
                view(
                        "{\"Image\":\"busybox\",\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},"
                                + "\"HostConfig\":{\"NetworkMode\":\"bridge\"}}",
                        running);
        String json =
                Json.object(out ->
                                ContainerJson.writeSummary(
                                        out,
                                        view,
                                        "busybox",
                                        Optional.empty(),
                                        Instant.parse("2026-11-21T13:29:30Z")))
                        .toString();
        assertThat(json)
                .isEqualTo(
                        "{\"Id\":\""
                                + ID
                                + "\",\"Names\":[\"/c1\"],\"Image\":\"busybox\",\"ImageID\":\""
                                + IMAGE
                                + "\",\"Command\":\"sh -c 'echo <hi> & 한글'\",\"Created\":1795267647,"
                                + "\"Ports\":[{\"PrivatePort\":53,\"Type\":\"udp\"},{\"IP\":"
                                + "\"0.0.0.0\",\"PrivatePort\":80,\"PublicPort\":8080,\"Type\":"
                                + "\"tcp\"},{\"IP\":\"::\",\"PrivatePort\":80,\"PublicPort\":8080,"
                                + "\"Type\":\"tcp\"}],\"Labels\":{},\"State\":\"running\",\"Status\":"
                                + "\"Up 2 minutes\",\"HostConfig\":{\"NetworkMode\":\"bridge\"},"
                                + "\"NetworkSettings\":{\"Networks\":{\"bridge\":{\"IPAMConfig\":"
                                + "null,\"Links\":null,\"Aliases\":null,\"MacAddress\":"
                                + "\"aa:64:d6:00:00:01\",\"DriverOpts\":null,\"GwPriority\":0,"
                                + "\"NetworkID\":\"n1\",\"EndpointID\":\"e1\",\"Gateway\":"
                                + "\"172.17.0.1\",\"IPAddress\":\"172.17.0.2\",\"IPPrefixLen\":16,"
                                + "\"IPv6Gateway\":\"\",\"GlobalIPv6Address\":\"\","
                                + "\"GlobalIPv6PrefixLen\":0,\"DNSNames\":null}}},\"Mounts\":[]}");
    }

    @Test
    void waits() {
        assertThat(ContainerJson.waited(new WaitResult(7, "")).toString())
                .isEqualTo("{\"StatusCode\":7}");
        assertThat(ContainerJson.waited(new WaitResult(0, "a<b")).toString())
                .isEqualTo("{\"StatusCode\":0,\"Error\":{\"Message\":\"a\\u003cb\"}}");
    }

    @Test
    void filters() {
        ContainerView running =
                view(
                        "{\"Image\":\"busybox\",\"Labels\":{\"a\":\"1\"}}",
                        new ContainerStatus.Running(4, 1, CREATED, false, Optional.empty()));
        ContainerView exited =
                view(
                        "{\"Image\":\"busybox:1\"}",
                        new ContainerStatus.Exited(3, false, CREATED, CREATED, ""));
        record Case(String filter, boolean passesRunning, boolean passesExited) {}
        for (Case c :
                List.of(
                        new Case("{\"name\":[\"^c1$\"]}", true, true),
                        new Case("{\"name\":{\"/c1\":true}}", true, true),
                        new Case("{\"name\":[\"^c$\"]}", false, false),
                        new Case("{\"label\":[\"a=1\"]}", true, false),
                        new Case("{\"label\":[\"a\",\"b\"]}", false, false),
                        new Case("{\"status\":[\"exited\",\"dead\"]}", false, true),
                        new Case("{\"exited\":[\"3\"]}", false, true),
                        new Case("{\"ancestor\":[\"busybox:latest\"]}", true, true),
                        new Case("{\"ancestor\":[\"other\"]}", false, false),
                        new Case("{\"id\":[\"\"]}", false, false),
                        new Case("{\"isolation\":[\"other\"]}", true, true),
                        new Case("{\"publish\":[\"80\"],\"expose\":[\"80\"]}", true, false),
                        new Case("{\"id\":[\"abab\"]}", true, true),
                        new Case("{\"network\":[\"bridge\"]}", true, true),
                        new Case("{\"publish\":[\"8080\"]}", true, false),
                        new Case("{\"publish\":[\"80\"]}", false, false),
                        new Case("{\"expose\":[\"80\"]}", true, false),
                        new Case("{\"publish\":[\"81-90/tcp\"]}", false, false))) {
            var filter = ContainerFilter.parse(Filters.parse(c.filter()), lookup(running));
            for (ContainerView view : List.of(running, exited)) {
                boolean passes = view.equals(running) ? c.passesRunning() : c.passesExited();
                assertThat(filter.select(List.of(view), true, 0))
                        .as(c.filter())
                        .isEqualTo(passes ? List.of(view) : List.of());
            }
        }
        assertRefused("{\"foo\":[\"a\"]}", "invalid filter 'foo'");
        assertRefused("not json", "invalid filter");
        assertRefused(
                "{\"status\":[\"a\"]}",
                "invalid filter 'status=a': invalid value for state (a): must be one of created,"
                        + " running, paused, restarting, removing, exited, dead");
        assertRefused(
                "{\"health\":[\"a\"]}",
                "invalid filter 'health=a': invalid value for health (a): must be one of none,"
                        + " starting, healthy, unhealthy");
    }

    private static ContainerFilter.Lookup lookup(@Nullable ContainerView found) {
        return new ContainerFilter.Lookup() {
            @Override
            public ContainerView container(String reference) {
                return Objects.requireNonNull(found);
            }

            @Override
            public Optional<Digest> image(String name) {
                return name.startsWith("busybox") ? Optional.of(IMAGE) : Optional.empty();
            }
        };
    }

    private static void assertRefused(String filter, String message) {
        assertThatThrownBy(() -> ContainerFilter.parse(Filters.parse(filter), lookup(null)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(message);
    }
}
