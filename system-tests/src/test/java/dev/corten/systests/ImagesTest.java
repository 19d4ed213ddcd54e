package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Images: how they come, what they are called, how they go.
@ExtendWith(PrivateEngine.class)
class ImagesTest {
    @Test
    @Shows({"IMG-01", "IMG-48"})
    void loadedImageIsListedAndRuns(Client docker, Engine engine) throws IOException {
        var image =
                new Image("loaded:1.0")
                        .layer(Image.busyboxLayer())
                        .layer(new Tar().file("greeting", "from the second layer\n").bytes())
                        .config("\"Cmd\":[\"cat\",\"/greeting\"],\"WorkingDir\":\"/tmp\"");
        Files.write(engine.scratch("l.tar"), image.archive());
        assertThat(docker.ok("load", "-i", engine.scratch("l.tar").toString()))
                .isEqualTo("Loaded image: loaded:1.0");
        assertThat(docker.ok("run", "--rm", "loaded:1.0")).isEqualTo("from the second layer");
        assertThat(docker.ok("images", "--format", "{{.Repository}}:{{.Tag}}", "loaded"))
                .isEqualTo("loaded:1.0");
        assertThat(docker.ok("image", "inspect", "-f", "{{len .RootFS.Layers}}", "loaded:1.0"))
                .isEqualTo("2");
        docker.ok("rmi", "loaded:1.0");
    }

    @Test
    @Shows("IMG-50")
    void compressedArchiveIsLoaded(Client docker) throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(
                    new Image("zipped:latest").layer(new Tar().file("a", "a").bytes()).archive());
        }
        assertThat(docker.runWithInput(zipped.toByteArray(), "load").out().strip())
                .isEqualTo("Loaded image: zipped:latest");
        assertThat(docker.ok("rmi", "zipped"))
                .contains("Untagged: zipped:latest", "Deleted: sha256:");
        assertThat(docker.run("image", "inspect", "zipped").err())
                .contains("No such image: zipped");
    }

    @Test
    void whiteoutsHideWhatIsBelow(Client docker, Engine engine) {
        new Image("whiteout:latest")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .directory("opaque", 0755)
                                .file("opaque/below", "x")
                                .file("hidden", "x")
                                .bytes())
                .layer(
                        new Tar()
                                .directory("opaque", 0755)
                                .file("opaque/.wh..wh..opq", "")
                                .file("opaque/above", "x")
                                .file(".wh.hidden", "")
                                .bytes())
                .load(engine);
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "whiteout",
                                "sh",
                                "-c",
                                "ls /opaque; ls -a / | grep hid" + " || echo none"))
                .isEqualTo("above\nnone");
        docker.ok("rmi", "whiteout");
    }

    @Test
    @Shows({"CON-11", "IMG-21", "IMG-25"})
    void tagIsAnotherNameOfTheSame(Client docker) {
        docker.ok("tag", "busybox", "other/name:2.0");
        String id = docker.ok("images", "-q", "--no-trunc", "busybox");
        assertThat(docker.ok("images", "-q", "--no-trunc", "other/name")).isEqualTo(id);
        assertThat(docker.ok("rmi", "other/name:2.0")).isEqualTo("Untagged: other/name:2.0");
        assertThat(docker.ok("images", "-q", "--no-trunc", "busybox")).isEqualTo(id);
        Finished bad = docker.run("tag", "busybox", "UPPER");
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.err()).contains("must be lowercase");
    }

    @Test
    @Shows({"IMG-51", "IMG-54"})
    void importedWithChanges(Client docker) {
        Finished imported =
                docker.runWithInput(
                        Image.busyboxLayer(),
                        "import",
                        "--change",
                        "CMD [\"sh\",\"-c\",\"echo $A; pwd\"]",
                        "--change",
                        "ENV A=b",
                        "--change",
                        "WORKDIR /etc",
                        "-",
                        "imported:1");
        assertThat(imported.ok()).matches("sha256:[0-9a-f]{64}");
        assertThat(docker.ok("run", "--rm", "imported:1")).isEqualTo("b\n/etc");
        docker.ok("rmi", "imported:1");
    }

    @Test
    @Shows("IMG-26")
    void imageInUseStays(Client docker) {
        docker.ok("tag", "busybox", "used");
        docker.ok("run", "-d", "--name", "c1", "used", "sleep", "1000");
        String id = docker.ok("images", "-q", "used");
        Finished byId = docker.run("rmi", id);
        assertThat(byId.status()).isEqualTo(1);
        assertThat(byId.err()).contains("conflict: unable to delete " + id);
        docker.ok("rm", "-f", "c1");
        assertThat(docker.ok("rmi", "used")).isEqualTo("Untagged: used:latest");
    }

    @Test
    void absentImageIsNotThere(Client docker, Api api) {
        assertThat(docker.run("rmi", "nope").err()).contains("No such image: nope:latest");
        var create = api.call("POST", "/containers/create", "{\"Image\":\"nope\"}");
        assertThat(create.status()).isEqualTo(404);
        assertThat(create.message()).isEqualTo("No such image: nope:latest");
    }

    @Test
    @Shows({"CTR-04", "IMG-09"})
    void helloWorldShipsAndAPullThatFailsSaysWhy(Client docker) {
        Finished run = docker.run("run", "--rm", "hello-world");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Corten");
        assertThat(run.err()).contains("Unable to find image 'hello-world:latest' locally");
        Finished pull = docker.run("pull", "127.0.0.1:1/nginx");
        assertThat(pull.status()).isEqualTo(1);
        assertThat(pull.err()).contains("dial tcp 127.0.0.1:1: connect: connection refused");
        Finished other = docker.run("run", "--rm", "127.0.0.1:1/nginx", "true");
        assertThat(other.status()).isEqualTo(125);
        assertThat(other.err()).contains("Unable to find image '127.0.0.1:1/nginx:latest' locally");
    }

    @Test
    @Shows({"RUN-29", "RUN-30"})
    void configOfTheImageIsTheDefault(Client docker, Engine engine) {
        new Image("configured:latest")
                .layer(Image.busyboxLayer())
                .config(
                        """
                        "Entrypoint":["echo"],"Cmd":["default"],"User":"web","WorkingDir":"/home",\
                        "Env":["PATH=/bin","X=1"],"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGINT",\
                        "Labels":{"l":"v"}\
                        """)
                .load(engine);
        assertThat(docker.ok("run", "--rm", "configured")).isEqualTo("default");
        assertThat(docker.ok("run", "--rm", "configured", "given")).isEqualTo("given");
        assertThat(
                        docker.ok(
                                "run",
                                "--rm",
                                "--entrypoint",
                                "sh",
                                "configured",
                                "-c",
                                "id -un; pwd; echo $X $PATH"))
                .isEqualTo("web\n/home\n1 /bin");
        docker.ok("create", "--name", "c1", "configured");
        assertThat(
                        docker.ok(
                                "inspect",
                                "-f",
                                "{{.Config.StopSignal}} {{.Config.Labels.l}} {{json"
                                        + " .Config.ExposedPorts}}",
                                "c1"))
                .isEqualTo("SIGINT v {\"80/tcp\":{}}");
        docker.ok("rm", "c1");
        docker.ok("rmi", "configured");
    }

    @Test
    @Shows("CON-07")
    void containersDoNotChangeTheImage(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "busybox",
                        "sh",
                        "-c",
                        "rm -r /etc/passwd /home; echo x >/etc/plain; cat /etc/plain");
        assertThat(run.out()).isEqualTo("x\n");
        assertThat(docker.ok("run", "--rm", "busybox", "cat", "/etc/plain"))
                .isEqualTo("no program");
    }
}
