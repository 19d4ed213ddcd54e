package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What becomes of a build: archives that others read, files, images of several platforms,
/// attestations, caches elsewhere.
@ExtendWith(BuildEngine.class)
class BuildOutputTest {
    private static final String FILE =
            """
            FROM busybox
            RUN mkdir -p /made/here && echo made > /made/here/file && ln -s file /made/here/link
            COPY a /a
            """;

    /// Runs nowhere, so that it can be built for any platform.
    private static final String FILES_ONLY = "FROM scratch\nCOPY a /a\n";

    private Scratch folder;

    @BeforeEach
    void context() throws IOException {
        folder = Scratch.folder("corten-build-output");
        Files.createDirectory(folder.file("context"));
        Files.writeString(folder.file("context").resolve("Dockerfile"), FILE);
        Files.writeString(folder.file("context").resolve("Files"), FILES_ONLY);
        Files.writeString(folder.file("context").resolve("a"), "copied\n");
    }

    @AfterEach
    void remove() {
        folder.close();
    }

    private Finished build(Engine engine, String... options) {
        var command = new ArrayList<>(List.of("build", "--progress", "plain"));
        command.addAll(List.of(options));
        command.add(folder.file("context").toString());
        return engine.corten().run(command.toArray(String[]::new));
    }

    private String output(String type, String name) {
        return "type=" + type + ",dest=" + folder.file(name);
    }

    private String filesOnly() {
        return folder.file("context").resolve("Files").toString();
    }

    private String skopeo(String... arguments) {
        var command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        Map<String, String> home =
                Map.of(
                        "HOME", folder.path().toString(),
                        "XDG_RUNTIME_DIR", folder.path().toString());
        try (var running = Running.start(command, home)) {
            running.closeInput();
            return running.await().ok();
        }
    }

    @Test
    @Shows("BLD-20")
    void anOciArchiveIsReadBySkopeoAndLoadedAsTheSameImage(Engine engine) {
        Machine.hasProgram("skopeo");
        build(engine, "-t", "out:1", "-o", output("oci", "o.tar"), "-o", "type=image").ok();
        assertThat(skopeo("inspect", "oci-archive:" + folder.file("o.tar")))
                .contains("\"Architecture\": \"amd64\"");
        Client docker = engine.docker();
        String id = docker.ok("image", "inspect", "-f", "{{.Id}}", "out:1");
        docker.ok("rmi", "out:1");
        assertThat(docker.ok("load", "-i", folder.file("o.tar").toString())).contains("out:1");
        assertThat(docker.ok("image", "inspect", "-f", "{{.Id}}", "out:1")).isEqualTo(id);
        assertThat(docker.ok("run", "--rm", "out:1", "cat", "/made/here/link")).isEqualTo("made");
    }

    @Test
    @Shows("BLD-20")
    void dockersArchiveIsLoaded(Engine engine) {
        build(engine, "-o", output("docker", "d.tar") + ",name=out:2").ok();
        Client docker = engine.docker();
        assertThat(docker.ok("load", "-i", folder.file("d.tar").toString()))
                .isEqualTo("Loaded image: out:2");
        assertThat(docker.ok("run", "--rm", "out:2", "cat", "/a")).isEqualTo("copied");
    }

    @Test
    @Shows("BLD-20")
    void filesAreWhatTheImageHas(Engine engine) throws IOException {
        build(
                        engine,
                        "-t",
                        "out:3",
                        "-o",
                        output("tar", "t.tar"),
                        "-o",
                        output("local", "t"),
                        "-o",
                        "type=image")
                .ok();
        Path there = Files.createDirectory(folder.file("unpacked"));
        Running.run("tar", "xf", folder.file("t.tar").toString(), "-C", there.toString()).ok();
        Running.run("diff", "-r", "--no-dereference", there.toString(), folder.file("t").toString())
                .ok();
        assertThat(Files.readSymbolicLink(there.resolve("made/here/link")))
                .isEqualTo(Path.of("file"));
        assertThat(engine.docker().ok("run", "--rm", "out:3", "cat", "/made/here/file"))
                .isEqualTo(Files.readString(there.resolve("made/here/file")).strip());
    }

    @Test
    @Shows({"BLD-15", "BLD-16", "BLD-17", "IMG-58"})
    void severalPlatformsAreAnIndexThatIsPushed(Engine engine) throws IOException {
        try (var registry = RegistryProcess.ours(folder.file("registry"))) {
            String name = registry.host() + "/several:1";
            build(
                            engine,
                            "-f",
                            filesOnly(),
                            "--platform",
                            "linux/amd64,linux/arm64",
                            "--annotation",
                            "index:who=me",
                            "--metadata-file",
                            folder.file("metadata").toString(),
                            "--iidfile",
                            folder.file("id").toString(),
                            "-t",
                            name,
                            "--push")
                    .ok();
            String metadata = Files.readString(folder.file("metadata"));
            assertThat(metadata).contains("application/vnd.oci.image.index.v1+json");
            String raw = skopeo("inspect", "--tls-verify=false", "--raw", "docker://" + name);
            assertThat(raw).contains("arm64").contains("\"who\": \"me\"");
            Client docker = engine.docker();
            assertThat(
                            docker.ok(
                                    "image",
                                    "inspect",
                                    "--platform",
                                    "linux/arm64",
                                    "-f",
                                    "{{.Architecture}}",
                                    name))
                    .isEqualTo("arm64");
            assertThat(Files.readString(folder.file("id")).strip())
                    .isEqualTo(docker.ok("image", "inspect", "-f", "{{.Id}}", name));
        }
    }

    @Test
    @Shows("BLD-25")
    void provenanceIsAttachedWhenItIsAskedFor(Engine engine) {
        build(engine, "--provenance=mode=max", "-o", output("oci", "p.tar") + ",name=out:4").ok();
        String index = skopeo("inspect", "--raw", "oci-archive:" + folder.file("p.tar"));
        assertThat(index).contains("attestation-manifest");
        assertThat(
                        Running.run(
                                        "sh",
                                        "-c",
                                        "tar xOf "
                                                + folder.file("p.tar")
                                                + " --wildcards 'blobs/*'")
                                .outBytes())
                .asString(UTF_8)
                .contains("\"predicateType\":\"https://slsa.dev/provenance/v0.2\"")
                .contains("\"uri\":\"pkg:docker/busybox@latest?platform=linux%2Famd64\"");
    }

    @Test
    @Shows("BLD-25")
    void aGeneratorSeesTheFilesAndItsBillIsAttached(Engine engine) throws IOException {
        Path generator = Files.createDirectory(folder.file("generator"));
        Files.writeString(
                generator.resolve("Dockerfile"),
                """
                FROM busybox
                COPY --chmod=755 scan /scan
                ENTRYPOINT ["/scan"]
                """);
        Files.writeString(
                generator.resolve("scan"),
                """
                #!/bin/sh
                printf '{"predicateType":"https://spdx.dev/Document","predicate":{"a":"%s"}}' \
                "$(cat $BUILDKIT_SCAN_SOURCE/a)" > $BUILDKIT_SCAN_DESTINATION/x.spdx.json
                touch $BUILDKIT_SCAN_SOURCE/b && exit 9
                exit 0
                """);
        engine.corten().ok("build", "-t", "generator", generator.toString());
        build(
                        engine,
                        "-f",
                        filesOnly(),
                        "--attest",
                        "type=sbom,generator=generator",
                        "-o",
                        output("local", "files"))
                .ok();
        assertThat(Files.readString(folder.file("files").resolve("x.spdx.json")))
                .contains("{\"a\":\"copied\"}");
    }

    @Test
    @Shows("BLD-21")
    void aCacheElsewhereSparesTheSteps(Engine engine) {
        try (var registry = RegistryProcess.ours(folder.file("registry"))) {
            String ref = registry.host() + "/cache:1";
            build(
                            engine,
                            "--cache-to",
                            "type=registry,ref=" + ref + ",mode=max",
                            "--cache-to",
                            "type=local,dest=" + folder.file("cache"),
                            "--cache-to",
                            "type=inline",
                            "-t",
                            registry.host() + "/inline:1",
                            "--push")
                    .ok();
            for (String from :
                    List.of(
                            "type=registry,ref=" + ref,
                            "type=local,src=" + folder.file("cache"),
                            registry.host() + "/inline:1")) {
                Engine other = Engine.start();
                try {
                    BuildBases.busybox().load(other);
                    Finished built = build(other, "--cache-from", from, "-t", "again");
                    built.ok();
                    assertThat(built.err() + built.out())
                            .containsPattern("#\\d+ \\[2/3\\] RUN [^\n]*\n#\\d+ CACHED");
                    assertThat(other.docker().ok("run", "--rm", "again", "cat", "/made/here/file"))
                            .isEqualTo("made");
                } finally {
                    other.removeContainers();
                    other.closeCleanly();
                }
            }
        }
    }

    @Test
    @Shows("BLD-20")
    void whatCannotBeDoneIsRefusedBeforeTheFirstStep(Engine engine) {
        Finished refused = build(engine, "-o", "type=nope");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("exporter \"nope\" could not be found");
        assertThat(build(engine, "--cache-to", "type=gha").err()).contains("gha");
        // Only who asks for what cannot be done is refused.
        assertThat(build(engine, "-o", "type=cacheonly").status()).isZero();
    }
}
