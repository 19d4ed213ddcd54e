package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Volumes: made, filled, used, kept, removed.
@ExtendWith(PrivateEngine.class)
class VolumesTest {
    private static final String NAMES = "{{range .Mounts}}{{.Name}}{{end}}";

    private static Path data(Engine engine, String name) {
        return engine.dataRoot().resolve("volumes").resolve(name).resolve("_data");
    }

    /// An image with `VOLUME /seed`, in which there are a file, a link and a directory, not root's.
    private static Image seeded() {
        return new Image("seeded:latest")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .directory("seed", 02750)
                                .file("seed/a", "text")
                                .hardLink("seed/b", "seed/a")
                                .symlink("seed/l", "/etc/passwd")
                                .directory("seed/sub", 0700)
                                .file("seed/sub/c", "deep")
                                .symlink("way", "seed")
                                .bytes())
                .config("\"Cmd\":[\"sh\"],\"Volumes\":{\"/seed\":{}}");
    }

    // ---- the commands --------------------------------------------------------------------------

    @Test
    @Shows({"VOL-01", "VOL-04"})
    void createPrintsTheNameAndInspectShowsIt(Client docker, Engine engine, Api api) {
        assertThat(docker.ok("volume", "create", "my-ts-app-data")).isEqualTo("my-ts-app-data");
        assertThat(api.get("/volumes/my-ts-app-data").text())
                .matches(
                        "\\{\"CreatedAt\":\"20[0-9T:-]*Z\",\"Driver\":\"local\",\"Labels\":null,"
                                + "\"Mountpoint\":\""
                                + data(engine, "my-ts-app-data")
                                + "\",\"Name\":\"my-ts-app-data\",\"Options\":null,"
                                + "\"Scope\":\"local\"\\}\n");
        assertThat(docker.ok("volume", "inspect", "-f", "{{.Mountpoint}}", "my-ts-app-data"))
                .isEqualTo(data(engine, "my-ts-app-data").toString());
        assertThat(docker.ok("inspect", "-f", "{{.Name}}", "my-ts-app-data"))
                .isEqualTo("my-ts-app-data");
        // One that is there is the answer, with its old labels.
        docker.ok("volume", "create", "--label", "new=1", "my-ts-app-data");
        assertThat(docker.ok("volume", "inspect", "-f", "{{.Labels}}", "my-ts-app-data"))
                .isEqualTo("map[]");
        assertThat(docker.ok("volume", "create")).matches("[0-9a-f]{64}");
    }

    @Test
    @Shows("VOL-02")
    void optionsOfTheLocalDriver(Client docker, Engine engine) throws IOException {
        docker.ok(
                "volume",
                "create",
                "-d",
                "local",
                "--label",
                "tier=db",
                "-o",
                "type=tmpfs",
                "-o",
                "device=tmpfs",
                "-o",
                "o=size=1m,uid=1000,mode=700",
                "memory");
        String look = "grep ' /m ' /proc/self/mountinfo; stat -c '%u %a' /m; echo $((1+1)) > /m/x";
        Finished run = docker.run("run", "--rm", "-v", "memory:/m", "busybox", "sh", "-c", look);
        assertThat(run.ok()).contains("tmpfs", "size=1024k", "1000 700");
        assertThat(engine.belongings().mounts()).noneMatch(m -> m.contains("/volumes/"));

        Path elsewhere = Files.createDirectory(engine.scratch("elsewhere"));
        Files.writeString(elsewhere.resolve("f"), "seen");
        docker.ok(
                "volume",
                "create",
                "-o",
                "type=none",
                "-o",
                "o=bind,ro",
                "-o",
                "device=" + elsewhere,
                "view");
        assertThat(docker.ok("run", "--rm", "-v", "view:/v", "busybox", "cat", "/v/f"))
                .isEqualTo("seen");
        assertThat(docker.run("run", "--rm", "-v", "view:/v", "busybox", "touch", "/v/g").err())
                .contains("Read-only file system");
        docker.ok("volume", "rm", "view", "memory");
        assertThat(elsewhere.resolve("f")).hasContent("seen");
    }

    /// One mount for all containers that have it, as long as one of them runs, also if the daemon
    /// dies meanwhile.
    @Test
    @Shows("VOL-02")
    void aMemoryVolumeIsSharedAndGoesWithItsLastContainer(Client docker, Engine engine)
            throws IOException {
        docker.ok("volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "memory");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "-v",
                "memory:/m",
                "busybox",
                "sh",
                "-c",
                "echo here > /m/f; sleep 1000");
        docker.ok("run", "-d", "--name", "c2", "-v", "memory:/m", "busybox", "sleep", "1000");
        Eventually.get(
                "the file", () -> docker.run("exec", "c2", "cat", "/m/f").out(), "here\n"::equals);
        engine.kill();
        engine.open();
        docker.ok("rm", "-f", "c1");
        assertThat(docker.ok("run", "--rm", "-v", "memory:/m", "busybox", "cat", "/m/f"))
                .isEqualTo("here");
        docker.ok("rm", "-f", "c2");
        Eventually.holds(
                "it is unmounted",
                () ->
                        engine.belongings().mounts().stream()
                                .noneMatch(m -> m.contains("/volumes/")));
        assertThat(docker.ok("run", "--rm", "-v", "memory:/m", "busybox", "ls", "/m")).isEmpty();
    }

    @Test
    @Shows("VOL-05")
    void listsAndTheirFilters(Client docker, Api api) {
        assertThat(api.get("/volumes").text()).isEqualTo("{\"Volumes\":[],\"Warnings\":null}\n");
        docker.ok("volume", "create", "--label", "tier=db", "one");
        docker.ok("volume", "create", "two");
        docker.ok("create", "-v", "two:/x", "busybox");
        assertThat(docker.ok("volume", "ls"))
                .isEqualTo("DRIVER    VOLUME NAME\nlocal     one\nlocal     two");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("one\ntwo");
        assertThat(docker.ok("volume", "ls", "-qf", "dangling=true")).isEqualTo("one");
        assertThat(docker.ok("volume", "ls", "-qf", "dangling=0")).isEqualTo("two");
        assertThat(docker.ok("volume", "ls", "-qf", "name=w")).isEqualTo("two");
        assertThat(docker.ok("volume", "ls", "-qf", "label=tier=db")).isEqualTo("one");
        assertThat(docker.ok("volume", "ls", "-qf", "driver=nfs")).isEmpty();
        assertThat(docker.ok("volume", "ls", "--format", "{{.Name}} {{.Labels}} {{.Links}}"))
                .isEqualTo("one tier=db N/A\ntwo  N/A");
        assertThat(docker.run("volume", "ls", "-f", "foo=bar").err())
                .contains("invalid filter 'foo'");
        assertThat(docker.run("volume", "ls", "-f", "dangling=x").err())
                .contains("invalid filter 'dangling=[x]'");
    }

    @Test
    @Shows("VOL-06")
    void whatAContainerHasIsNotRemoved(Client docker, Api api) {
        String id = docker.ok("create", "--name", "c1", "-v", "data:/x", "busybox");
        Finished refused = docker.run("volume", "rm", "data");
        assertThat(refused.err())
                .isEqualTo(
                        "Error response from daemon: remove data: volume is in use - ["
                                + id
                                + "]\n");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(api.call("DELETE", "/volumes/data?force=1").status()).isEqualTo(409);
        docker.ok("rm", "c1");
        assertThat(docker.ok("volume", "rm", "data")).isEqualTo("data");
        assertThat(docker.run("volume", "rm", "data").err())
                .isEqualTo("Error response from daemon: get data: no such volume\n");
        assertThat(docker.ok("volume", "rm", "-f", "data")).isEqualTo("data");
        assertThat(api.call("DELETE", "/volumes/data?force=1").status()).isEqualTo(204);
    }

    @Test
    @Shows("VOL-07")
    void pruneTakesThoseWithoutANameUnlessAllIsSaid(Client docker, Api api) {
        docker.ok("volume", "create", "named");
        String unnamed = docker.ok("volume", "create");
        docker.ok("create", "--name", "c1", "-v", "used:/x", "-v", "/anonymous", "busybox");
        Finished pruned = docker.run("volume", "prune", "-f");
        assertThat(pruned.ok())
                .isEqualTo("Deleted Volumes:\n" + unnamed + "\n\nTotal reclaimed space: 0B");
        docker.ok("run", "--rm", "-v", "named:/x", "busybox", "sh", "-c", "echo 123456 > /x/f");
        assertThat(
                        api.call(
                                        "POST",
                                        "/volumes/prune?filters={\"label\":[\"none\"],\"all\":[\"1\"]}")
                                .text())
                .isEqualTo("{\"VolumesDeleted\":[],\"SpaceReclaimed\":0}\n");
        assertThat(api.call("POST", "/volumes/prune?filters={\"all\":[\"true\"]}").text())
                .isEqualTo("{\"VolumesDeleted\":[\"named\"],\"SpaceReclaimed\":7}\n");
        assertThat(api.call("POST", "/volumes/prune?filters={\"all\":[\"x\"]}").message())
                .isEqualTo(
                        "invalid filter 'all': strconv.ParseBool: parsing \"x\": invalid syntax");
        assertThat(api.call("POST", "/volumes/prune?filters={\"x\":[\"x\"]}").message())
                .isEqualTo("invalid filter 'x'");
        docker.ok("rm", "c1");
        // An old client means all of them.
        assertThat(api.call("POST", "/v1.41/volumes/prune").json().path("VolumesDeleted"))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | 400 | create a: volume name is too short, names should be at least two alphanumeric characters",
                "a/b | 400 | create a/b: \"a/b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "../x | 400 | create ../x: \"../x\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "ok\",\"Driver\":\"bogus | 404 | create ok: error looking up volume plugin bogus: plugin \"bogus\" not found",
                "ok\",\"DriverOpts\":{\"x\":\"y\"},\"a\":\" | 400 | create ok: invalid option: \"x\"",
                "ok\",\"DriverOpts\":{\"type\":\"tmpfs\"},\"a\":\" | 400 | create ok: missing required option: \"device\"",
                "ok\",\"DriverOpts\":{\"size\":\"1g\"},\"a\":\" | 400 | create ok: quota size requested but no quota support",
            })
    void wrongVolumesAreRefused(String name, int status, String message, Client docker, Api api) {
        Api.Answer answer = api.call("POST", "/volumes/create", "{\"Name\":\"" + name + "\"}");
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(docker.ok("volume", "ls", "-q")).isEmpty();
    }

    @Test
    @Shows({"VOL-01", "VOL-04", "VOL-05", "VOL-06", "VOL-07"})
    void ourCommandLineSaysTheSame(Client docker, Engine engine) {
        Client corten = engine.corten();
        assertThat(corten.ok("volume", "create", "--label", "a=b", "one")).isEqualTo("one");
        for (List<String> command :
                List.of(
                        List.of("volume", "ls"),
                        List.of("volume", "ls", "-q"),
                        List.of("volume", "ls", "--format", "json"),
                        List.of("volume", "ls", "--format", "table {{.Name}}\t{{.Label \"a\"}}"),
                        List.of("volume", "inspect", "one"),
                        List.of("volume", "inspect", "-f", "{{json .}}", "one"),
                        List.of("volume", "inspect", "none"),
                        List.of("volume", "rm", "none"),
                        List.of("volume", "rm", "-f", "none"),
                        List.of("volume", "prune", "--filter", "x=y", "-f"),
                        List.of("volume", "prune", "-f"))) {
            Finished theirs = docker.run(command.toArray(String[]::new));
            Finished ours = corten.run(command.toArray(String[]::new));
            assertThat(ours.out()).as("%s", command).isEqualTo(theirs.out());
            assertThat(ours.err()).as("%s", command).isEqualTo(theirs.err());
            assertThat(ours.status()).as("%s", command).isEqualTo(theirs.status());
        }
        assertThat(corten.runWithInput("n\n".getBytes(), "volume", "prune", "-a").ok())
                .isEqualTo(
                        "WARNING! This will remove all local volumes not used by at least one"
                                + " container.\nAre you sure you want to continue? [y/N]");
        assertThat(corten.runWithInput("y\n".getBytes(), "volume", "prune", "-a").ok())
                .endsWith("Deleted Volumes:\none\n\nTotal reclaimed space: 0B");
        assertThat(
                        corten.ok(
                                "run",
                                "--rm",
                                "-v",
                                "two:/x",
                                "--mount",
                                "type=tmpfs,dst=/y",
                                "busybox",
                                "sh",
                                "-c",
                                "touch /x/f /y/g && ls /x /y"))
                .isEqualTo("/x:\nf\n\n/y:\ng");
        assertThat(corten.ok("volume", "rm", "two")).isEqualTo("two");
    }

    // ---- containers ----------------------------------------------------------------------------

    @Test
    @Shows({"CTR-10", "VOL-03", "VOL-08", "VOL-09"})
    void dataOutlivesContainers(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "db",
                "-v",
                "my-ts-app-data:/data/db",
                "-p",
                "27017",
                "busybox",
                "sh",
                "-c",
                "echo 1 >> /data/db/rows; sleep 1000");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("my-ts-app-data");
        Eventually.get(
                "rows",
                () -> docker.run("exec", "db", "cat", "/data/db/rows").out(),
                "1\n"::equals);
        docker.ok("stop", "-t", "0", "db");
        docker.ok("start", "db");
        Eventually.get(
                "rows",
                () -> docker.run("exec", "db", "cat", "/data/db/rows").out(),
                "1\n1\n"::equals);
        docker.ok("rm", "-f", "-v", "db");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "-v",
                                "my-ts-app-data:/app/data",
                                "busybox",
                                "cat",
                                "/app/data/rows"))
                .isEqualTo("1\n1");
    }

    @Test
    @Shows({"VOL-10", "VOL-16"})
    void theImagesOwnVolumeIsAContainersOwn(Client docker, Engine engine) {
        seeded().load(engine);
        docker.ok("run", "--name", "c1", "seeded", "sh", "-c", "echo mine > /seed/mine");
        String first = docker.ok("inspect", "-f", NAMES, "c1");
        assertThat(first).matches("[0-9a-f]{64}");
        assertThat(docker.ok("volume", "inspect", "-f", "{{json .Labels}}", first))
                .isEqualTo("{\"com.docker.volume.anonymous\":\"\"}");
        assertThat(docker.ok("inspect", "-f", "{{json .Config.Volumes}}", "c1"))
                .isEqualTo("{\"/seed\":{}}");
        // A stop keeps it, a new container has another.
        docker.ok("start", "c1");
        docker.ok("wait", "c1");
        assertThat(docker.ok("inspect", "-f", NAMES, "c1")).isEqualTo(first);
        assertThat(docker.ok("run", "--rm", "seeded", "ls", "/seed"))
                .doesNotContain("mine")
                .contains("sub");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo(first);
        docker.ok("rm", "c1");
        assertThat(docker.ok("volume", "ls", "-q")).as("rm alone keeps it").isEqualTo(first);
        docker.ok("run", "--name", "c2", "-v", "/more", "-v", "named:/n", "seeded", "true");
        docker.ok("rm", "-v", "c2");
        assertThat(docker.ok("volume", "ls", "-q").lines())
                .as("rm -v takes those without a name")
                .containsExactlyInAnyOrder(first, "named");
        docker.ok("rmi", "-f", "seeded");
    }

    @Test
    @Shows("VOL-15")
    void anEmptyVolumeTakesWhatTheImageHas(Client docker, Engine engine) throws IOException {
        seeded().load(engine);
        docker.ok("create", "--name", "c1", "-v", "full:/seed:ro", "seeded");
        Path full = data(engine, "full");
        assertThat(Files.getPosixFilePermissions(full))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
        assertThat(full.resolve("sub/c")).hasContent("deep");
        assertThat(Files.readSymbolicLink(full.resolve("l"))).isEqualTo(Path.of("/etc/passwd"));
        assertThat(Files.isSameFile(full.resolve("a"), full.resolve("b"))).isTrue();
        docker.ok("create", "-v", "bare:/seed:nocopy", "seeded");
        assertThat(data(engine, "bare")).isEmptyDirectory();
        // Through a link of the image, at its target.
        assertThat(docker.ok("run", "--rm", "-v", "linked:/way", "seeded", "ls", "/seed/sub"))
                .isEqualTo("c");
        // One that has something stays as it is.
        docker.ok("run", "--rm", "-v", "mine:/x", "busybox", "touch", "/x/mine");
        assertThat(docker.ok("run", "--rm", "-v", "mine:/seed", "seeded", "ls", "/seed"))
                .isEqualTo("mine");
        Finished file = docker.run("create", "-v", "v1:/seed/a", "seeded");
        assertThat(file.err()).contains("/seed/a is not directory");
        Finished declared = docker.run("create", "-v", "/seed/a", "seeded");
        assertThat(declared.err()).contains("cannot mount volume over existing file, file exists");
        docker.ok("rm", "c1");
        docker.ok("volume", "rm", "full");
        docker.ok("rmi", "-f", "seeded");
    }

    /// Whoever comes first fills it, and nobody sees it half filled.
    @Test
    @Shows("VOL-15")
    void manyContainersAtOnceFillAVolumeOnce(Client docker, Engine engine) {
        seeded().load(engine);
        List<Running> all =
                IntStream.range(0, 8)
                        .mapToObj(i ->
                                docker.start(
                                        "run",
                                        "--rm",
                                        "-v",
                                        "v1:/seed",
                                        "seeded",
                                        "sh",
                                        "-c",
                                        "cat /seed/a /seed/sub/c && ls /seed | wc -l"))
                        .toList();
        for (Running one : all) {
            one.closeInput();
            assertThat(one.await().ok()).isEqualTo("textdeep4");
        }
        docker.ok("volume", "rm", "v1");
        docker.ok("rmi", "-f", "seeded");
    }

    @Test
    @Shows("VOL-14")
    void onlyRootGetsToVolumesFromOutside(Client docker, Engine engine) throws IOException {
        docker.ok("run", "--rm", "-v", "v1:/x", "busybox", "chmod", "777", "/x");
        assertThat(Files.getPosixFilePermissions(engine.dataRoot().resolve("volumes")))
                .isEqualTo(PosixFilePermissions.fromString("rwx--x---"));
    }

    @Test
    @Shows({"VOL-17", "VOL-19"})
    void volumesOfAnotherContainer(Client docker) {
        docker.ok(
                "create",
                "--name",
                "c1",
                "-v",
                "named:/n",
                "-v",
                "/a",
                "--mount",
                "type=tmpfs,dst=/t",
                "-v",
                "/proc/version:/b:ro",
                "busybox");
        String own =
                docker.ok(
                        "inspect",
                        "-f",
                        "{{range .Mounts}}{{if eq .Destination \"/a\"}}{{.Name}}{{end}}{{end}}",
                        "c1");
        String look = "grep -E ' /(n|a|b|t) ' /proc/self/mountinfo | cut -d' ' -f5,6";
        Finished run =
                docker.run(
                        "run",
                        "--name",
                        "c2",
                        "--volumes-from",
                        "c1:ro",
                        "busybox",
                        "sh",
                        "-c",
                        look);
        assertThat(run.ok().lines())
                .hasSize(3)
                .allMatch(line -> line.matches("/[nab] ro,.*"), "read-only");
        assertThat(docker.run("volume", "rm", "named").err())
                .contains(docker.ok("inspect", "-f", "{{.Id}}", "c2"));
        docker.ok("rm", "-v", "c1");
        assertThat(docker.ok("volume", "ls", "-q").lines()).contains(own, "named");
        docker.ok("rm", "-v", "c2");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("named");
        for (String wrong : List.of("none", "none:bogus", "c1:ro,nocopy")) {
            assertThat(docker.run("create", "--volumes-from", wrong, "busybox").err())
                    .containsAnyOf("No such container: none", "invalid mode: ");
        }
    }

    @Test
    @Shows("VOL-19")
    void theDriverOfAContainersVolumes(Client docker, Api api) {
        docker.ok("create", "--name", "c1", "--volume-driver", "local", "-v", "v1:/x", "busybox");
        // Not by the command line, which takes every 404 for a missing image.
        Api.Answer other =
                api.call(
                        "POST",
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"HostConfig\":{\"VolumeDriver\":\"bogus\","
                                + "\"Binds\":[\"v2:/x\"]}}");
        assertThat(other.status()).isEqualTo(404);
        assertThat(other.message()).contains("plugin \"bogus\" not found");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("v1");
        assertThat(docker.ok("ps", "-aq").lines()).hasSize(1);
    }

    @Test
    @Shows("VOL-16")
    void whatARunWithRmHadGoesAlong(Client docker) {
        docker.ok(
                "run",
                "--rm",
                "-v",
                "/a",
                "-v",
                "named:/n",
                "--mount",
                "type=volume,dst=/m",
                "busybox",
                "touch",
                "/a/f");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("named");
        // Also if it never ran.
        Finished failed = docker.run("run", "--rm", "-v", "/a", "busybox", "/no/such/program");
        assertThat(failed.status()).isEqualTo(127);
        Finished refused =
                docker.run(
                        "run",
                        "--rm",
                        "-v",
                        "/a",
                        "--mount",
                        "type=bind,src=/no/such,dst=/b",
                        "busybox");
        assertThat(refused.err()).contains("bind source path does not exist: /no/such");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("named");
    }

    @Test
    @Shows("VOL-08")
    void listsShowMountsAndFindByThem(Client docker, Api api) {
        docker.ok("create", "--name", "c1", "-v", "data:/d:ro", "-v", "/anonymous", "busybox");
        docker.ok("create", "--name", "c2", "busybox");
        assertThat(
                        docker.ok(
                                "ps",
                                "-a",
                                "--filter",
                                "volume=data",
                                "--format",
                                "{{.Names}} {{.LocalVolumes}}"))
                .isEqualTo("c1 2");
        assertThat(docker.ok("ps", "-aq", "--filter", "volume=/d").lines()).hasSize(1);
        assertThat(docker.ok("ps", "-aq", "--filter", "volume=dat")).isEmpty();
        var mounts = api.get("/containers/c1/json").json().path("Mounts");
        assertThat(mounts).hasSize(2);
        assertThat(mounts.get(0).toString())
                .startsWith("{\"Type\":\"volume\",\"Name\":\"data\",\"Source\":\"/")
                .endsWith(
                        "/volumes/data/_data\",\"Destination\":\"/d\",\"Driver\":\"local\","
                                + "\"Mode\":\"ro\",\"RW\":false,\"Propagation\":\"\"}");
        docker.ok(
                "run",
                "--rm",
                "-v",
                "data:/d",
                "busybox",
                "sh",
                "-c",
                "echo 1234 > /d/f; ln /d/f /d/g");
        // The other one has a random name, which may come before this one or after it.
        assertThat(api.get("/system/df?type=volume").json().path("Volumes"))
                .hasSize(2)
                .filteredOn(volume -> volume.path("Name").asString().equals("data"))
                .singleElement()
                .extracting(volume -> volume.path("UsageData").toString())
                .isEqualTo("{\"RefCount\":1,\"Size\":5}");
    }

    @Test
    void eventsInTheOrderOfDocker(Client docker) {
        try (Running events =
                docker.start(
                        "events",
                        "--format",
                        "{{.Type}} {{.Action}}",
                        "--since",
                        java.time.Instant.now().toString())) {
            docker.ok(
                    "run",
                    "--rm",
                    "-v",
                    "data:/d",
                    "-v",
                    "/a",
                    "--network",
                    "none",
                    "busybox",
                    "true");
            docker.ok("volume", "rm", "data");
            assertThat(
                            events.out()
                                    .awaitText(
                                            "the last",
                                            all ->
                                                    all.lines()
                                                                    .filter(
                                                                            "volume destroy"
                                                                                    ::equals)
                                                                    .count()
                                                            == 2)
                                    .lines()
                                    .filter(line ->
                                            !line.startsWith("network")
                                                    && !line.startsWith("image")))
                    .containsExactly(
                            "volume create",
                            "volume create",
                            "container create",
                            "container attach",
                            "volume mount",
                            "volume mount",
                            "container start",
                            "volume unmount",
                            "volume unmount",
                            "container die",
                            "volume destroy",
                            "container destroy",
                            "volume destroy");
        }
    }

    // ---- the daemon's death --------------------------------------------------------------------

    @Test
    void volumesSurviveTheDaemon(Client docker, Engine engine) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "-v",
                "data:/d",
                "-v",
                "/a",
                "busybox",
                "sh",
                "-c",
                "echo kept > /d/f; echo kept > /a/f; sleep 1000");
        docker.ok("create", "--name", "c2", "-v", "other:/o", "busybox");
        Eventually.get(
                "the file", () -> docker.run("exec", "c1", "cat", "/a/f").out(), "kept\n"::equals);
        engine.kill();
        engine.open();
        assertThat(docker.ok("volume", "ls", "-q").lines()).hasSize(3);
        for (String used : List.of("data", "other")) {
            assertThat(docker.run("volume", "rm", used).err()).contains("volume is in use");
        }
        assertThat(docker.ok("exec", "c1", "cat", "/d/f", "/a/f")).isEqualTo("kept\nkept");
        docker.ok("restart", "-t", "0", "c1");
        assertThat(docker.ok("exec", "c1", "cat", "/d/f", "/a/f")).startsWith("kept\nkept");
        docker.ok("rm", "-f", "-v", "c1", "c2");
        assertThat(docker.ok("volume", "ls", "-q")).isEqualTo("data\nother");
    }

    /// Containers that go with their exit take their volumes along, whenever the daemon dies.
    @Test
    void noVolumeIsLeftByDeathsInTheMiddle(Client docker, Engine engine) {
        for (int round = 0; round < 6; round++) {
            var runs = new ArrayList<Running>();
            for (int i = 0; i < 4; i++) {
                runs.add(docker.start("run", "--rm", "-v", "/a", "-v", "/b", "busybox", "true"));
            }
            runs.get(round % runs.size()).closeInput();
            runs.getFirst().err().hasEnded();
            if (round > 0) {
                runs.get(round % 4).await();
            }
            engine.kill();
            runs.forEach(Running::close);
            engine.open();
            Eventually.get(
                    "containers and volumes of round " + round,
                    () -> docker.ok("ps", "-aq") + docker.ok("volume", "ls", "-q"),
                    left -> left.isEmpty() || onlyCreated(docker));
            engine.removeContainers();
            assertThat(docker.ok("volume", "ls", "-q")).isEmpty();
        }
    }

    /// Those that had not been started belong to nobody's exit: they and their volumes stay.
    private static boolean onlyCreated(Client docker) {
        long containers = docker.ok("ps", "-aqf", "status=created").lines().count();
        return docker.ok("ps", "-aq").lines().count() == containers
                && docker.ok("volume", "ls", "-q").lines().count() == 2 * containers;
    }
}
