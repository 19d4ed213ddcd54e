package dev.corten.engine.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.engine.artifact.LocalArtifacts.Mode;
import dev.corten.engine.artifact.LocalArtifacts.Wanted;
import dev.corten.engine.event.Events;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalArtifactsTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.6Z");
    private static final Reference NAME = Reference.parse("quay.io/x/y");

    @TempDir Path dir;

    private Store store;
    private LocalArtifacts artifacts;

    @BeforeEach
    void open() throws IOException {
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        store = Store.open(dir.resolve("root"), new Durable(), clock);
        artifacts = new LocalArtifacts(store, new Events(clock), clock);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private static InputStream tar(String... titles) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        for (String title : titles) {
            byte[] content = ("content of " + title).getBytes(StandardCharsets.UTF_8);
            tar.add(TarEntry.file(title, 0644, content.length), content);
        }
        tar.finish();
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static Wanted wanted(Mode mode) {
        return new Wanted(NAME, mode, "", "", Map.of());
    }

    private String document() throws IOException {
        return new String(artifacts.get("quay.io/x/y").document(), StandardCharsets.UTF_8);
    }

    @Test
    void madeAppendedToAndReplaced() throws IOException {
        Digest first =
                artifacts.add(new Wanted(NAME, Mode.NEW, "a/b", "", Map.of("k", "v")), tar("one"));
        assertThat(document())
                .isEqualTo(
                        "{\"schemaVersion\":2,"
                                + "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                                + "\"artifactType\":\"a/b\",\"config\":{"
                                + "\"mediaType\":\"application/vnd.oci.empty.v1+json\","
                                + "\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\","
                                + "\"size\":2,\"data\":\"e30=\"},\"layers\":[{"
                                + "\"mediaType\":\"text/plain; charset=utf-8\",\"digest\":\""
                                + Digest.of("content of one".getBytes(StandardCharsets.UTF_8))
                                + "\",\"size\":14,\"annotations\":{\"k\":\"v\","
                                + "\"org.opencontainers.image.title\":\"one\"}}],"
                                + "\"annotations\":{\"k\":\"v\","
                                + "\"org.opencontainers.image.created\":\"2026-01-02T03:04:05.600Z\"}}");
        assertThat(artifacts.get(first.toString()).created()).isEqualTo(Optional.of(NOW));
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), tar("one")))
                .isInstanceOf(Conflict.class)
                .hasMessage("quay.io/x/y:latest: artifact already exists");
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.APPEND), tar("two", "one")))
                .isInstanceOf(Conflict.class)
                .hasMessage("one: file already exists in artifact");
        artifacts.add(wanted(Mode.APPEND), tar("two", "three"));
        assertThat(document()).contains("\"artifactType\":\"a/b\"", "one", "two", "three");
        assertThat(artifacts.get("quay.io/x/y").size()).isEqualTo(14 + 14 + 16);
        artifacts.add(wanted(Mode.REPLACE), tar("four"));
        assertThat(document()).contains("four", "vnd.unknown.artifact.v1").doesNotContain("two");
        assertThat(store.content().list()).hasSize(3);
    }

    @Test
    void whatComesMustBeFiles() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        tar.add(TarEntry.symlink("link", "/etc/passwd"));
        tar.finish();
        var link = new ByteArrayInputStream(bytes.toByteArray());
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), link))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("link is no regular file");
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), tar("a/b")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("cannot contain /");
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), tar()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("an artifact needs at least one file");
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), tar("a", "a")))
                .isInstanceOf(Conflict.class);
        assertThatThrownBy(() ->
                        artifacts.add(
                                wanted(Mode.NEW),
                                new ByteArrayInputStream(
                                        "no tar".repeat(100).getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("the files are no tar archive");
        byte[] cut = tar("a").readNBytes(700);
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.NEW), new ByteArrayInputStream(cut)))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> artifacts.add(wanted(Mode.APPEND), tar("a")))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() ->
                        new Wanted(
                                NAME,
                                Mode.NEW,
                                "",
                                "",
                                Map.of("org.opencontainers.image.title", "x")))
                .isInstanceOf(InvalidParameter.class);
        assertThatThrownBy(() -> new Wanted(NAME, Mode.NEW, "a\nb", "", Map.of()))
                .isInstanceOf(InvalidParameter.class);
        assertThat(artifacts.list()).isEmpty();
        assertThat(store.content().list()).isEmpty();
    }

    @Test
    void onlyItsOwnBlobsCanBeRead() throws IOException {
        artifacts.add(wanted(Mode.NEW), tar("one"));
        Digest own = Digest.of("content of one".getBytes(StandardCharsets.UTF_8));
        try (var file = artifacts.open("quay.io/x/y", own)) {
            assertThat(new String(file.in().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("content of one");
        }
        artifacts.add(new Wanted(Reference.parse("other"), Mode.NEW, "", "", Map.of()), tar("two"));
        Digest other = Digest.of("content of two".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> artifacts.open("quay.io/x/y", other).close())
                .isInstanceOf(NotFound.class)
                .hasMessage("no blob with the digest \"" + other + "\"");
    }

    /// As `podman artifact add` 5.8 tells them.
    @ParameterizedTest
    @CsvSource({
        "'{\"a\":1}', text/plain; charset=utf-8",
        "'', text/plain; charset=utf-8",
        "'<html>', text/html; charset=utf-8",
        "'  <!DOCTYPE html >', text/html; charset=utf-8",
        "'<?xml version=\"1.0\"?>', text/xml; charset=utf-8",
        "'#!/bin/sh', text/plain; charset=utf-8",
        "'%PDF-1.4', application/pdf",
        "'PK\u0003\u0004', application/zip",
        "'\u001f\u008b\u0008', application/x-gzip",
        "'a\u0000b', application/octet-stream",
    })
    void typesOfFiles(String head, String type) {
        assertThat(FileType.of(head.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(type);
    }
}
