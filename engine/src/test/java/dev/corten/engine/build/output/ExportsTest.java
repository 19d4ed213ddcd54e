package dev.corten.engine.build.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarReader;
import dev.corten.engine.build.output.ExportRequest.Target;
import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.ImageSave;
import dev.corten.store.image.Images.PlatformImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Results in all the forms in which they can be asked for, and taken back from those.
@Timeout(60)
final class ExportsTest {
    private static final Instant EPOCH = Instant.ofEpochSecond(1_000_000);
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");

    @TempDir java.nio.file.Path dir;

    private Results results;
    private Exports exports;

    @BeforeEach
    void open() throws Exception {
        results = new Results(dir);
        exports =
                new Exports(
                        results.store,
                        results.pushes,
                        (result, generator, _) ->
                                List.of(
                                        new Scanner.Found(
                                                "x.spdx.json",
                                                ("{\"predicateType\":\"https://spdx.dev/Document\","
                                                                + "\"predicate\":{\"by\":\""
                                                                + generator
                                                                + "\"}}")
                                                        .getBytes())),
                        new Events(Clock.systemUTC()),
                        Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        results.close();
    }

    private static Target target(String type, String... attributes) {
        var map = new TreeMap<String, String>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put(attributes[i], attributes[i + 1]);
        }
        return new Target(type, map, Optional.empty());
    }

    private static Target into(ByteArrayOutputStream out, Target target) {
        return new Target(
                target.type(), target.attributes(), Optional.of(tar -> tar.transferTo(out)));
    }

    private Exported export(ExportRequest request, Finished... finished) throws Exception {
        return exports.export(List.of(finished), request, Results.SILENT);
    }

    private Image image(String name) {
        return results.store.images().get(name);
    }

    private static Map<String, byte[]> files(ByteArrayOutputStream tar) throws IOException {
        var files = new TreeMap<String, byte[]>();
        var reader =
                new TarReader(new ByteArrayInputStream(tar.toByteArray()), TarReader.End.MARKED);
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            files.put(entry.get().name().toString(), reader.data().readAllBytes());
        }
        return files;
    }

    @Test
    void withoutAnOutputItIsAnImageHereWhoseIdIsTheConfigurations() throws Exception {
        Finished result = results.finished(AMD64, "a");
        Exported done = export(results.request("t:1", "u").done(), result);
        assertThat(done.image()).contains(result.image().id());
        assertThat(image("t:1").id()).isEqualTo(image("u:latest").id());
        assertThat(done.metadata())
                .containsEntry("containerimage.config.digest", "\"" + result.image().id() + "\"")
                .containsEntry(
                        "image.name", "\"docker.io/library/t:1,docker.io/library/u:latest\"");
    }

    @Test
    void severalPlatformsAreOneIndexThatIsSavedAndLoadedWhole() throws Exception {
        var request = results.request("t:1").several();
        Exported done =
                export(request.done(), results.finished(ARM64, "b"), results.finished(AMD64, "a"));
        assertThat(done.image()).contains(image("t:1").id());
        assertThat(image("t:1").platform()).isEqualTo(AMD64);
        assertThat(results.store.images().index("t:1"))
                .extracting(it -> it.manifest().platform())
                .containsExactly(Optional.of(ARM64), Optional.of(AMD64));
        assertThat(results.store.images().find("t:1", ARM64)).isPresent();
        assertThat(results.store.images().companions()).hasSize(1);
        assertThat(done.metadata().get("containerimage.descriptor")).contains(MediaTypes.OCI_INDEX);

        var saved = new ByteArrayOutputStream();
        Image named = image("t:1");
        new ImageSave(results.store.images(), results.store.layers(), results.store.layerArchive())
                .write(
                        List.of(
                                new ImageSave.Saved(
                                        named,
                                        named.repoTags(),
                                        results.store.images().target(named.repoTags().getFirst()),
                                        List.of())),
                        saved);
        try (var other = new Results(dir.resolve("other"))) {
            other.store.images().load(new ByteArrayInputStream(saved.toByteArray()), _ -> {});
            assertThat(other.store.images().targetOf("t:1"))
                    .isEqualTo(results.store.images().targetOf("t:1"));
        }
    }

    @Test
    void anIndexWithAttestationsIsPushedAsItIs() throws Exception {
        String name = results.host + "/p:1";
        var request =
                results.request(name)
                        .several()
                        .attest("provenance", "mode=max")
                        .attest("sbom", "generator=gen")
                        .to(target("registry"));
        export(request.done(), results.finished(AMD64, "a"), results.finished(ARM64, "b"));
        Reference reference = Reference.parse(name);
        RemoteManifest there =
                results.client.pull(reference, RegistryCredentials.NONE).manifest("1");
        var index = (Manifest.OfIndex) Manifest.parse("index", there.mediaType(), there.bytes());
        assertThat(index.manifests()).hasSize(4);
        Descriptor about = index.manifests().get(2);
        assertThat(about.annotations())
                .containsEntry("vnd.docker.reference.type", "attestation-manifest")
                .containsEntry(
                        "vnd.docker.reference.digest",
                        index.manifests().getFirst().digest().toString());
        RemoteManifest attestation =
                results.client
                        .pull(reference, RegistryCredentials.NONE)
                        .manifest(about.digest().toString());
        var parts =
                (Manifest.OfImage)
                        Manifest.parse("a", attestation.mediaType(), attestation.bytes());
        assertThat(parts.layers())
                .extracting(it -> it.annotations().get("in-toto.io/predicate-type"))
                .containsExactly("https://spdx.dev/Document", "https://slsa.dev/provenance/v0.2");
        try (var blob =
                results.client
                        .pull(reference, RegistryCredentials.NONE)
                        .blob(parts.layers().getLast(), 0)) {
            Json statement = Json.parse("statement", blob.in().readAllBytes());
            assertThat(statement.require("subject").elements().getFirst().text("name"))
                    .isEqualTo("pkg:docker/" + results.host + "/p@1?platform=linux%2Famd64");
            assertThat(
                            statement
                                    .require("predicate")
                                    .require("invocation")
                                    .require("parameters")
                                    .require("args")
                                    .text("build-arg:A"))
                    .isEqualTo("1");
        }
    }

    @Test
    void anArchiveOfALayoutHasWhatWasAskedForAndIsTheSameEachTime() throws Exception {
        var one = new ByteArrayOutputStream();
        var two = new ByteArrayOutputStream();
        for (ByteArrayOutputStream out : List.of(one, two)) {
            var request =
                    results.request("a/b:1")
                            .several()
                            .at(EPOCH)
                            .annotate("x", "1")
                            .annotate("index:y", "2")
                            .annotate("manifest-descriptor[linux/arm64]:z", "3")
                            .annotate("index-descriptor:q", "4")
                            .attest("provenance", "mode=max")
                            .to(into(out, target("oci")));
            export(request.done(), results.finished(AMD64, "a"), results.finished(ARM64, "b"));
        }
        assertThat(one.toByteArray()).isEqualTo(two.toByteArray());
        Map<String, byte[]> files = files(one);
        var layout = (Manifest.OfIndex) Manifest.parse("index.json", "", files.get("index.json"));
        Descriptor top = layout.manifests().getFirst();
        assertThat(top.annotations())
                .containsEntry("q", "4")
                .containsEntry("io.containerd.image.name", "docker.io/a/b:1")
                .containsEntry("org.opencontainers.image.created", "1970-01-12T13:46:40Z");
        var index = (Manifest.OfIndex) Manifest.parse("index", "", blob(files, top.digest()));
        assertThat(index.annotations()).containsEntry("y", "2");
        assertThat(index.manifests().get(0).annotations()).isEmpty();
        assertThat(index.manifests().get(1).annotations()).containsEntry("z", "3");
        var manifest =
                (Manifest.OfImage)
                        Manifest.parse(
                                "manifest", "", blob(files, index.manifests().getFirst().digest()));
        assertThat(manifest.annotations()).containsEntry("x", "1");
        try (var other = new Results(dir.resolve("other"))) {
            other.store.images().load(new ByteArrayInputStream(one.toByteArray()), _ -> {});
            assertThat(other.store.images().index("a/b:1"))
                    .extracting(PlatformImage::image)
                    .filteredOn(Optional::isPresent)
                    .hasSize(2);
        }
    }

    private static byte[] blob(Map<String, byte[]> files, Digest digest) {
        byte[] bytes = files.get("blobs/sha256/" + digest.hex());
        assertThat(Digest.of(bytes)).isEqualTo(digest);
        return bytes;
    }

    @Test
    void dockersArchiveHasItsManifestToo() throws Exception {
        var out = new ByteArrayOutputStream();
        Finished result = results.finished(AMD64, "a");
        export(results.request("d:1").to(into(out, target("docker"))).done(), result);
        Map<String, byte[]> files = files(out);
        assertThat(new String(files.get("manifest.json")))
                .startsWith("[{\"Config\":\"blobs/sha256/" + result.image().id().hex())
                .contains("\"RepoTags\":[\"d:1\"]");
        var layout = (Manifest.OfIndex) Manifest.parse("index.json", "", files.get("index.json"));
        assertThat(layout.manifests().getFirst().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        try (var other = new Results(dir.resolve("other"))) {
            other.store.images().load(new ByteArrayInputStream(out.toByteArray()), _ -> {});
            assertThat(other.store.images().get("d:1").id()).isEqualTo(result.image().id());
        }
    }

    @Test
    void aCompressionThatIsAskedForIsKept() throws Exception {
        for (String kind : List.of("zstd", "uncompressed", "gzip")) {
            var out = new ByteArrayOutputStream();
            export(
                    results.request("c:" + kind)
                            .to(target("image", "compression", kind, "compression-level", "9"))
                            .to(into(out, target("oci", "compression", kind)))
                            .done(),
                    results.finished(AMD64, kind));
            Manifest.OfImage stored =
                    (Manifest.OfImage)
                            Manifest.parse(
                                    "m",
                                    "",
                                    results.store
                                            .images()
                                            .target(Reference.parse("c:" + kind))
                                            .orElseThrow()
                                            .bytes());
            String type = stored.layers().getFirst().mediaType();
            assertThat(type)
                    .isEqualTo(
                            switch (kind) {
                                case "zstd" -> MediaTypes.OCI_LAYER_ZSTD;
                                case "gzip" -> MediaTypes.OCI_LAYER_GZIP;
                                default -> MediaTypes.OCI_LAYER;
                            });
            if (!kind.equals("uncompressed")) {
                assertThat(results.store.content().contains(stored.layers().getFirst().digest()))
                        .isTrue();
            }
        }
    }

    @Test
    void filesOfSeveralPlatformsAreInADirectoryEach() throws Exception {
        var out = new ByteArrayOutputStream();
        export(
                results.request("x")
                        .several()
                        .at(EPOCH)
                        .attest("provenance", "mode=min")
                        .to(into(out, target("tar")))
                        .done(),
                results.finished(AMD64, "a"),
                results.finished(ARM64, "b"));
        Map<String, byte[]> files = files(out);
        assertThat(files.keySet())
                .containsExactly(
                        "linux_amd64/",
                        "linux_amd64/a",
                        "linux_amd64/provenance.json",
                        "linux_arm64/",
                        "linux_arm64/b",
                        "linux_arm64/provenance.json");
        assertThat(new String(files.get("linux_arm64/b"))).isEqualTo("content of b");
    }

    @Test
    void whatCannotBeDoneIsRefusedBeforehand() {
        assertThatThrownBy(() -> Exports.check(results.request("x").to(target("nope")).done()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("exporter \"nope\" could not be found");
        assertThatThrownBy(() -> Exports.check(results.request().to(target("registry")).done()))
                .hasMessage("tag is needed when pushing to registry");
        assertThatThrownBy(() ->
                        Exports.check(
                                results.request("x")
                                        .to(target("image", "compression", "nope"))
                                        .done()))
                .hasMessage("unsupported compression type nope");
        assertThatThrownBy(
                        () -> Exports.check(results.request("x").annotate("bad:foo", "bar").done()))
                .hasMessage("parse annotations: unknown annotation type \"bad\"");
        assertThatThrownBy(() ->
                        Exports.check(
                                results.request("x")
                                        .several()
                                        .to(into(new ByteArrayOutputStream(), target("docker")))
                                        .done()))
                .hasMessageContaining("does not support exporting manifest lists");
        assertThatThrownBy(() ->
                        Exports.check(results.request("x").attest("provenance", "mode=foo").done()))
                .hasMessage("invalid mode: foo");
    }
}
