package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is mounted in containers from the host, from memory and from images.
@ExtendWith(PrivateEngine.class)
class MountsTest {
    private Path shared;

    @BeforeEach
    void aDirectoryOfTheHost(Engine engine) throws IOException {
        shared = Files.createTempDirectory(engine.root(), "shared");
        Files.writeString(shared.resolve("file"), "host\n");
    }

    private static Finished run(Client docker, String options, String script) {
        var command = new ArrayList<>(List.of("run", "--rm"));
        command.addAll(List.of(options.split(" ")));
        command.addAll(List.of("busybox", "sh", "-c", script));
        return docker.run(command.toArray(String[]::new));
    }

    /// Mount point, options and propagation, of the mounts at and below a place.
    private static String mounts(Client docker, String options, String place) {
        String script =
                "grep -E ' " + place + "[ /]' /proc/self/mountinfo | cut -d' ' -f5- | cut -d- -f1";
        return run(docker, options, script).ok().replaceAll(":[0-9]+", ":N");
    }

    // ---- binds ---------------------------------------------------------------------------------

    @Test
    @Shows({"RUN-24", "VOL-11"})
    void bothSidesSeeChanges(Client docker) throws IOException {
        docker.ok("run", "-d", "--name", "c1", "-v", shared + ":/s", "busybox", "sleep", "1000");
        assertThat(docker.ok("exec", "c1", "cat", "/s/file")).isEqualTo("host");
        Files.writeString(shared.resolve("later"), "x\n");
        assertThat(docker.ok("exec", "c1", "cat", "/s/later")).isEqualTo("x");
        docker.ok("exec", "c1", "sh", "-c", "echo inside > /s/inside; rm /s/later");
        assertThat(shared.resolve("inside")).hasContent("inside\n");
        assertThat(shared.resolve("later")).doesNotExist();
        assertThat(docker.ok("inspect", "-f", "{{json .Mounts}}", "c1"))
                .isEqualTo(
                        "[{\"Type\":\"bind\",\"Source\":\""
                                + shared
                                + "\",\"Destination\":\"/s\",\"Mode\":\"\",\"RW\":true,"
                                + "\"Propagation\":\"rprivate\"}]");
        docker.ok("restart", "-t", "0", "c1");
        assertThat(docker.ok("exec", "c1", "cat", "/s/inside")).isEqualTo("inside");
    }

    @Test
    @Shows("VOL-11")
    void aSourceThatIsMissingIsMadeAtTheStart(Client docker, Engine engine) throws IOException {
        Path missing = engine.scratch("missing/deep");
        docker.ok("create", "--name", "c1", "-v", missing + ":/s", "busybox", "true");
        assertThat(missing).doesNotExist();
        docker.ok("start", "-a", "c1");
        assertThat(Files.getPosixFilePermissions(missing))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        Path other = engine.scratch("other");
        Finished refused =
                docker.run("create", "--mount", "type=bind,src=" + other + ",dst=/s", "busybox");
        assertThat(refused.err())
                .isEqualTo(
                        "Error response from daemon: invalid mount config for type \"bind\": bind"
                                + " source path does not exist: "
                                + other
                                + "\n");
        assertThat(other).doesNotExist();
    }

    @Test
    @Shows("VOL-12")
    void oneFile(Client docker) throws IOException {
        Path file = shared.resolve("file");
        assertThat(
                        run(
                                        docker,
                                        "-v " + file + ":/etc/own.conf",
                                        "cat /etc/own.conf; echo more >> /etc/own.conf")
                                .ok())
                .isEqualTo("host");
        assertThat(file).hasContent("host\nmore\n");
        assertThat(
                        run(
                                        docker,
                                        "-v " + file + ":/etc/hosts:ro",
                                        "cat /etc/hosts; echo x >> /etc/hosts")
                                .err())
                .contains("Read-only file system");
        docker.ok("run", "--name", "c1", "-v", file + ":/etc/hosts", "busybox", "true");
        assertThat(docker.ok("inspect", "-f", "{{.HostsPath}}", "c1")).isEqualTo(file.toString());
    }

    @Test
    @Shows("VOL-12")
    void fileAndDirectoryDoNotFit(Client docker) {
        for (String options : List.of(shared + "/file:/etc", shared + ":/etc/passwd")) {
            Finished run = docker.run("run", "--name", "c1", "-v", options, "busybox", "true");
            assertThat(run.err())
                    .contains(
                            "not a directory: Are you trying to mount a directory onto a file (or"
                                    + " vice-versa)? Check if the specified host path exists and is"
                                    + " the expected type");
            assertThat(run.status()).isEqualTo(125);
            assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "c1")).isEqualTo("127");
            assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("created");
            docker.ok("rm", "c1");
        }
    }

    @Test
    @Shows({"VOL-17", "VOL-18"})
    void readOnlyIsReadOnlyAllTheWayDown(Client docker, Engine engine, Api api) throws IOException {
        Path below = Files.createDirectory(shared.resolve("below"));
        Running.run("mount", "-t", "tmpfs", "below", below.toString()).ok();
        try {
            assertThat(mounts(docker, "-v " + shared + ":/s:ro", "/s"))
                    .isEqualTo("/s ro,relatime \n/s/below ro,relatime ".strip());
            String bind = "--mount type=bind,src=" + shared + ",dst=/s,readonly";
            assertThat(run(docker, bind, "touch /s/below/x").err())
                    .contains("Read-only file system");
            assertThat(
                            run(
                                            docker,
                                            bind + ",bind-recursive=writable",
                                            "touch /s/below/x; touch /s/y")
                                    .err())
                    .contains("/s/y: Read-only")
                    .doesNotContain("below");
            assertThat(mounts(docker, bind + ",bind-recursive=disabled", "/s"))
                    .isEqualTo("/s ro,relatime");
            assertThat(
                            mounts(
                                    docker,
                                    bind + ",bind-propagation=rprivate,bind-recursive=readonly",
                                    "/s"))
                    .contains("/s/below ro");
            // An old client knows no recursion.
            String body =
                    "{\"Image\":\"busybox\",\"Cmd\":[\"touch\",\"/s/below/z\"],\"HostConfig\":{\"Binds\":[\""
                            + shared
                            + ":/s:ro\"]}}";
            assertThat(api.call("POST", "/v1.43/containers/create?name=old", body).status())
                    .isEqualTo(201);
            assertThat(docker.run("start", "-a", "old").status()).isZero();
            assertThat(below.resolve("z")).exists();
        } finally {
            Running.run("umount", below.toString()).ok();
        }
    }

    @Test
    @Shows({"VOL-17", "VOL-18"})
    void propagation(Client docker, Engine engine) throws IOException {
        Path base = Files.createDirectories(engine.scratch("base"));
        Running.run("mount", "-t", "tmpfs", "base", base.toString()).ok();
        try {
            Running.run("mount", "--make-private", base.toString()).ok();
            Files.createDirectories(base.resolve("in"));
            Files.createDirectories(base.resolve("out"));
            String source = "-v " + base + ":/s:";
            assertThat(run(docker, source + "rshared", "true").err())
                    .contains(
                            "path "
                                    + base
                                    + " is mounted on "
                                    + base
                                    + " but it is not a shared mount");
            assertThat(run(docker, source + "rslave", "true").err())
                    .contains("but it is not a shared or slave mount");
            Running.run("mount", "--make-shared", base.toString()).ok();
            assertThat(mounts(docker, source + "rshared", "/s"))
                    .isEqualTo("/s rw,relatime shared:N");
            assertThat(mounts(docker, source + "slave", "/s")).isEqualTo("/s rw,relatime master:N");
            assertThat(mounts(docker, source + "private", "/s")).isEqualTo("/s rw,relatime");

            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    "c1",
                    "--privileged",
                    "-v",
                    base + ":/s:rshared",
                    "busybox",
                    "sleep",
                    "1000");
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    "c2",
                    "-v",
                    base + ":/s:rslave",
                    "busybox",
                    "sleep",
                    "1000");
            docker.ok("run", "-d", "--name", "c3", "-v", base + ":/s", "busybox", "sleep", "1000");
            docker.ok("exec", "c1", "mount", "-t", "tmpfs", "inside", "/s/in");
            assertThat(engine.belongings().mounts()).contains(base + "/in");
            Running.run("mount", "-t", "tmpfs", "outside", base + "/out").ok();
            assertThat(docker.ok("exec", "c1", "cat", "/proc/mounts")).contains("outside /s/out");
            assertThat(docker.ok("exec", "c2", "cat", "/proc/mounts"))
                    .contains("outside /s/out", "inside /s/in");
            assertThat(docker.ok("exec", "c3", "cat", "/proc/mounts"))
                    .doesNotContain("/s/out", "/s/in");
            docker.ok("rm", "-f", "c1", "c2", "c3");
        } finally {
            Running.run("umount", "-R", "-l", base.toString());
        }
    }

    /// A container that sees the data root follows the host's mounts, and Docker's words else.
    @Test
    @Shows("VOL-17")
    void theDataRootAsASource(Client docker, Engine engine) {
        docker.ok("create", "--name", "c1", "-v", "/:/host", "busybox");
        assertThat(docker.ok("inspect", "-f", "{{(index .Mounts 0).Propagation}}", "c1"))
                .isEqualTo("rslave");
        assertThat(run(docker, "-v /:/host", "cat /host" + shared + "/file").ok())
                .isEqualTo("host");
        assertThat(docker.run("create", "-v", engine.dataRoot() + ":/x:private", "busybox").err())
                .contains(
                        "must use either propagation mode \"rslave\" or \"rshared\" when mount source is within the daemon root");
    }

    @Test
    @Shows({"RUN-47", "VOL-18"})
    void bindCreateSourceAndConsistency(Client docker, Api api, Engine engine) {
        Path made = engine.scratch("made");
        String body =
                "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{\"Mounts\":[{\"Type\":\"bind\",\"Source\":\""
                        + made
                        + "\",\"Target\":\"/s\",\"Consistency\":\"cached\",\"BindOptions\":{\"CreateMountpoint\":true}}]}}";
        assertThat(api.call("POST", "/containers/create?name=c1", body).status()).isEqualTo(201);
        docker.ok("start", "-a", "c1");
        assertThat(made).isDirectory();
        assertThat(docker.ok("inspect", "-f", "{{json .HostConfig.Mounts}}", "c1"))
                .contains("\"Consistency\":\"cached\",\"BindOptions\":{\"CreateMountpoint\":true}");
    }

    /// A path through a link of the host is the host's business.
    @Test
    @Shows("VOL-11")
    void linksOfTheHostAreFollowed(Client docker, Engine engine) throws IOException {
        Path link = Files.createSymbolicLink(engine.scratch("link"), shared);
        assertThat(run(docker, "-v " + link + ":/s", "cat /s/file").ok()).isEqualTo("host");
        Path dangling =
                Files.createSymbolicLink(engine.scratch("dangling"), engine.scratch("nowhere"));
        assertThat(run(docker, "-v " + dangling + ":/s", "true").err())
                .contains(
                        "error while creating mount source path '"
                                + dangling
                                + "': mkdir "
                                + dangling
                                + ": file exists");
    }

    @Test
    @Shows("VOL-11")
    void mountsLieOnEachOtherByDepth(Client docker, Engine engine) throws IOException {
        Files.createDirectories(shared.resolve("y"));
        String options = "-v deep:/x/y/z -v " + shared + ":/x -v mid:/x/y --tmpfs /x/y/z/t";
        assertThat(
                        run(
                                        docker,
                                        options,
                                        "touch /x/a /x/y/b /x/y/z/c /x/y/z/t/d; find /x | sort")
                                .ok())
                .isEqualTo(
                        "/x\n/x/a\n/x/file\n/x/y\n/x/y/b\n/x/y/z\n/x/y/z/c\n/x/y/z/t\n/x/y/z/t/d");
        assertThat(engine.dataRoot().resolve("volumes/deep/_data/c")).exists();
        assertThat(engine.dataRoot().resolve("volumes/mid/_data/b")).exists();
    }

    @Test
    @Shows("VOL-11")
    void devicesOfTheHostAsABind(Client docker) {
        assertThat(
                        run(docker, "-v /dev:/dev", "ls /dev/null /dev/shm >/dev/null && echo seen")
                                .ok())
                .isEqualTo("seen");
        assertThat(
                        run(
                                        docker,
                                        "-v /sys/fs/cgroup:/sys/fs/cgroup:ro",
                                        "ls /sys/fs/cgroup | head -1")
                                .ok())
                .isNotEmpty();
        assertThat(docker.ok("ps", "-aq")).isEmpty();
    }

    // ---- memory --------------------------------------------------------------------------------

    @Test
    @Shows({"RUN-47", "VOL-13", "VOL-18"})
    void fileSystemsInMemory(Client docker, Engine engine) {
        assertThat(
                        run(
                                        docker,
                                        "--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1770",
                                        "grep ' /t ' /proc/self/mountinfo | cut -d' ' -f6-; stat -c %a /t")
                                .ok())
                .isEqualTo(
                        "rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=1024k,mode=1770\n1770");
        assertThat(run(docker, "--mount type=tmpfs,dst=/t,readonly", "touch /t/x").err())
                .contains("Read-only file system");
        // A directory of the image lends its mode.
        assertThat(
                        run(
                                        docker,
                                        "--tmpfs /tmp --tmpfs /root --tmpfs /new",
                                        "stat -c %a /tmp /root /new")
                                .ok())
                .isEqualTo("1777\n755\n1777");
        docker.ok(
                "run",
                "--name",
                "c1",
                "--mount",
                "type=tmpfs,dst=/t",
                "busybox",
                "touch",
                "/t/gone");
        docker.ok("start", "c1");
        assertThat(docker.ok("diff", "c1")).isEqualTo("A /t");
        assertThat(docker.ok("inspect", "-f", "{{json .Mounts}}", "c1"))
                .isEqualTo(
                        "[{\"Type\":\"tmpfs\",\"Source\":\"\",\"Destination\":\"/t\",\"Mode\":\"\",\"RW\":true,\"Propagation\":\"\"}]");
        assertThat(run(docker, "--tmpfs /t:foo=1", "true").err())
                .contains("invalid tmpfs option \"foo\"");
    }

    // ---- parts of volumes, images --------------------------------------------------------------

    @Test
    @Shows({"RUN-47", "VOL-18"})
    void partsOfVolumes(Client docker) {
        run(docker, "-v v1:/x", "mkdir -p /x/a/b; echo deep > /x/a/b/f; ln -s a/b /x/in").ok();
        String part = "--mount type=volume,src=v1,dst=/p,volume-subpath=";
        assertThat(run(docker, part + "a/b", "cat /p/f").ok()).isEqualTo("deep");
        assertThat(run(docker, part + "in", "cat /p/f").ok()).isEqualTo("deep");
        assertThat(run(docker, part + "a/b/f", "cat /p").ok()).isEqualTo("deep");
        assertThat(run(docker, part + "none", "true").err())
                .contains("cannot access path", "none: no such file or directory");
        assertThat(run(docker, part + "../x", "true").err())
                .contains("subpath must be a relative path within the volume");
        assertThat(run(docker, part + "a,volume-nocopy,readonly", "touch /p/x").err())
                .contains("Read-only file system");
        run(
                        docker,
                        "--mount type=volume,src=v2,dst=/x,volume-label=a=b,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs",
                        "true")
                .ok();
        assertThat(docker.ok("volume", "inspect", "-f", "{{.Labels}} {{.Options.type}}", "v2"))
                .isEqualTo("map[a:b] tmpfs");
    }

    @Test
    @Shows({"RUN-47", "VOL-18"})
    void imagesAsMounts(Client docker, Engine engine) {
        new Image("tools:1")
                .layer(new Tar().directory("opt", 0755).file("opt/tool", "one").bytes())
                .layer(new Tar().directory("opt", 0755).file("opt/other", "two").bytes())
                .load(engine);
        String image = "--mount type=image,src=tools:1,dst=/tools";
        Finished run = run(docker, image, "cat /tools/opt/tool /tools/opt/other; touch /tools/x");
        assertThat(run.out()).isEqualTo("onetwo");
        assertThat(run.err())
                .contains(
                        "WARNING: Image mount is an experimental feature", "Read-only file system");
        assertThat(run(docker, image + ",image-subpath=opt", "ls /tools").ok())
                .isEqualTo("other\ntool");
        assertThat(run(docker, image + ",image-subpath=none", "true").err())
                .contains("no such file or directory");
        assertThat(run(docker, "--mount type=image,src=busybox,dst=/b", "ls /b/bin/busybox").ok())
                .isEqualTo("/b/bin/busybox");
        docker.ok(
                "run",
                "-d",
                "--name",
                "c1",
                "--mount",
                "type=image,src=tools:1,dst=/tools",
                "busybox",
                "sleep",
                "1000");
        assertThat(docker.run("rmi", "tools:1").status()).isNotZero();
        docker.ok("rm", "-f", "c1");
        docker.ok("rmi", "tools:1");
        assertThat(
                        docker.run(
                                        "create",
                                        "--pull",
                                        "never",
                                        "--mount",
                                        "type=image,src=tools:1,dst=/x",
                                        "busybox")
                                .err())
                .contains("No such image: tools:1");
    }

    // ---- bad input -----------------------------------------------------------------------------

    /// Refused before any effect, in the words and with the status of Docker 28.5.2.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Binds\":[\"a:b:c:d\"] | 500 | invalid volume specification: 'a:b:c:d'",
                "\"Binds\":[\"/a:x\"] | 500 | invalid volume specification: '/a:x': invalid mount config for type \"bind\": invalid mount path: 'x' mount path must be absolute",
                "\"Binds\":[\"vol:/\"] | 500 | invalid volume specification: 'vol:/': invalid mount config for type \"volume\": invalid specification: destination can't be '/'",
                "\"Binds\":[\"vol:/x:bogus\"] | 500 | invalid mode: bogus",
                "\"Binds\":[\"ok1:/y\",\"a b:/x\"] | 400 | create a b: \"a b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
                "\"Binds\":[\"ok1:/x\",\"ok2:/x/\"] | 400 | Duplicate mount point: /x/",
                "\"Binds\":[\"ok1:/x\"],\"Tmpfs\":{\"/x\":\"\"} | 400 | Duplicate mount point: /x",
                "\"Binds\":[\"ok1:/x\"],\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/x/.\"}] | 400 | Duplicate mount point: /x/.",
                "\"Mounts\":[{}] | 400 | invalid mount config for type \"\": field Target must not be empty",
                "\"Mounts\":[{\"Type\":\"bogus\",\"Target\":\"/x\"}] | 400 | invalid mount config for type \"bogus\": mount type unknown",
                "\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\"}] | 400 | invalid mount config for type \"bind\": field Source must not be empty",
                "\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\",\"Source\":\"/no/such\"}] | 400 | invalid mount config for type \"bind\": bind source path does not exist: /no/such",
                "\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\",\"Source\":\"/etc/passwd/x\"}] | 400 | invalid mount config for type \"bind\": stat /etc/passwd/x: not a directory",
                "\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\",\"Source\":\"/tmp\",\"BindOptions\":{\"Propagation\":\"foo\"}}] | 400 | invalid mount config for type \"bind\": invalid propagation mode: foo",
                "\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\",\"Source\":\"/tmp\",\"VolumeOptions\":{}}] | 400 | VolumeOptions must not be specified on mount type \"bind\"",
                "\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"ReadOnly\":true}] | 400 | invalid mount config for type \"volume\": must not set ReadOnly mode when using anonymous volumes",
                "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"ok1\",\"Target\":\"/x\",\"VolumeOptions\":{\"Subpath\":\"a/../../b\"}}] | 400 | invalid mount config for type \"volume\": subpath must be a relative path within the volume",
                "\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"ok1\",\"Target\":\"/x\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"x\":\"y\"}}}}] | 400 | create ok1: invalid option: \"x\"",
                "\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/x\",\"Source\":\"a\"}] | 400 | invalid mount config for type \"tmpfs\": field Source must not be specified",
                "\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/x\",\"TmpfsOptions\":{\"Options\":[[\"uid\",\"5\"]]}}] | 400 | invalid mount config for type \"tmpfs\": invalid option: uid",
                "\"Mounts\":[{\"Type\":\"image\",\"Target\":\"/x\",\"Source\":\"nope:1\"}] | 404 | No such image: nope:1",
                "\"Tmpfs\":{\"x\":\"\"} | 400 | invalid mount path: 'x' mount path must be absolute",
                "\"Tmpfs\":{\"/\":\"\"} | 400 | invalid specification: destination can't be '/'",
                "\"VolumesFrom\":[\"nope\"] | 400 | No such container: nope",
                "\"VolumesFrom\":[\"\"] | 400 | volumes-from specification cannot be an empty string",
                "\"VolumeDriver\":\"bogus\",\"Binds\":[\"ok1:/x\"] | 404 | create ok1: error looking up volume plugin bogus: plugin \"bogus\" not found",
            })
    void wrongMountsAreRefused(String host, int status, String message, Api api, Client docker) {
        String body = "{\"Image\":\"busybox\",\"HostConfig\":{" + host + "}}";
        Api.Answer answer = api.call("POST", "/containers/create", body);
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(docker.ok("ps", "-aq") + docker.ok("volume", "ls", "-q")).isEmpty();
    }
}
