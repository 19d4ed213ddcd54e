package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.engine.image.GraphView;
import dev.corten.engine.system.CgroupSupport;
import dev.corten.engine.system.Configuration;
import dev.corten.engine.system.EngineInfo;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.Release;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Members, their order and their types, for each version of the API, against answers of Docker
/// 28.5.2.
///
/// The files in `docker-28.5.2` have, for each group of versions, the shape of Docker's answer: texts
/// are empty, numbers 0, truth false, and arrays have their first element only. What is known to
/// differ is taken out here, where it can be read.
class VersionsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final Image BUSYBOX =
            new Image(
                    new Digest("62".repeat(32)),
                    List.of(Reference.parse("busybox:latest")),
                    List.of(),
                    Optional.empty(),
                    "",
                    Optional.of(Instant.parse("2023-11-14T22:13:20Z")),
                    "",
                    "",
                    new Platform("linux", "amd64", ""),
                    "",
                    1982498,
                    List.of(new Digest("f9".repeat(32))),
                    Optional.of(new Digest("f9".repeat(32))),
                    shell(),
                    List.of(),
                    Optional.empty());

    private static ImageConfig shell() {
        var config = ImageConfig.EMPTY.edit();
        config.cmd = List.of("sh");
        config.env = List.of("PATH=/bin");
        return config.done();
    }

    private static final SystemJson.Build BUILD =
            new SystemJson.Build(
                    "28.5.2",
                    new Release("0.1", "abc", "2026"),
                    "amd64",
                    "6.18",
                    ApiVersion.OLDEST,
                    false);

    private static final EngineInfo INFO =
            new EngineInfo(
                    "id",
                    1,
                    1,
                    0,
                    0,
                    1,
                    "overlay2",
                    List.of(Map.entry("Backing Filesystem", "extfs")),
                    new CgroupSupport(
                            "1",
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            true,
                            new CgroupSupport.BlockIo(true, true, true, true, true, true),
                            "0-1",
                            "0"),
                    true,
                    9,
                    9,
                    0,
                    Instant.EPOCH,
                    "6.18",
                    "Debian",
                    "12",
                    "x86_64",
                    2,
                    1L << 34,
                    "/var/lib/corten",
                    "host",
                    List.of(),
                    Configuration.STANDARD);

    @TestFactory
    List<DynamicTest> version() throws IOException {
        return compare("version", _ -> SystemJson.version(BUILD));
    }

    @TestFactory
    List<DynamicTest> info() throws IOException {
        return compare("info", version -> SystemJson.info(INFO, BUILD, version));
    }

    @TestFactory
    List<DynamicTest> imageInspect() throws IOException {
        var graph =
                new GraphView(
                        "overlay2", Map.of("MergedDir", "/m", "UpperDir", "/u", "WorkDir", "/w"));
        return compare(
                "image",
                version ->
                        ImageJson.inspect(
                                BUSYBOX,
                                graph,
                                ImageJson.Origin.UNTOLD,
                                ImageJson.Maker.NOBODY,
                                version));
    }

    @TestFactory
    List<DynamicTest> imageList() throws IOException {
        return compare(
                "images",
                version ->
                        Json.array(
                                List.of(BUSYBOX),
                                (out, image) ->
                                        ImageJson.writeSummary(
                                                out,
                                                image,
                                                ImageUsage.UNKNOWN,
                                                ImageJson.Origin.UNTOLD,
                                                version)));
    }

    @TestFactory
    List<DynamicTest> imagesOfDiskUsage() throws IOException {
        return compare(
                "df",
                version ->
                        Json.array(
                                List.of(BUSYBOX),
                                (out, image) ->
                                        ImageJson.writeUsage(
                                                out, image, new ImageUsage(1, 0), version)));
    }

    /// Blocks of a line of versions and a line of JSON.
    private static List<DynamicTest> compare(
            String operation, Function<ApiVersion, Json.Document> ours) throws IOException {
        String file = "/docker-28.5.2/" + operation + ".txt";
        String text;
        try (InputStream in = VersionsTest.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        return List.of(text.strip().split("\n\n")).stream()
                .flatMap(block -> {
                    String[] lines = block.strip().split("\n", 2);
                    return List.of(lines[0].split(" ")).stream()
                            .map(version ->
                                    DynamicTest.dynamicTest(
                                            version, () -> check(version, lines[1], ours)));
                })
                .toList();
    }

    private static void check(
            String version, String docker, Function<ApiVersion, Json.Document> ours) {
        JsonNode answer = MAPPER.readTree(ours.apply(ApiVersion.parse(version)).toString());
        assertThat(shape(known(answer)).toString())
                .isEqualTo(shape(known(MAPPER.readTree(docker))).toString());
    }

    /// Without what differs on purpose: there is no containerd and no runc to tell of, the runtimes
    /// have other names, no directories of CDI are read, and pools are only told when configured.
    private static JsonNode known(JsonNode answer) {
        if (answer instanceof ObjectNode object && object.has("DockerRootDir")) {
            object.remove(List.of("Containerd", "DefaultAddressPools"));
            object.putObject("Runtimes");
            object.putObject("RuncCommit");
            object.putArray("CDISpecDirs");
        }
        return answer;
    }

    private static JsonNode shape(JsonNode node) {
        return switch (node) {
            case ObjectNode object -> {
                ObjectNode shape = MAPPER.createObjectNode();
                object.properties().forEach(e -> shape.set(e.getKey(), shape(e.getValue())));
                yield shape;
            }
            case ArrayNode array -> {
                ArrayNode shape = MAPPER.createArrayNode();
                if (!array.isEmpty()) {
                    shape.add(shape(array.get(0)));
                }
                yield shape;
            }
            default -> {
                if (node.isString()) {
                    yield MAPPER.getNodeFactory().stringNode("");
                }
                if (node.isNumber()) {
                    yield MAPPER.getNodeFactory().numberNode(0);
                }
                yield node.isBoolean() ? MAPPER.getNodeFactory().booleanNode(false) : node;
            }
        };
    }
}
