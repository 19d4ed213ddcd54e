package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `image convert`: what is pushed under the new name, and that others can pull it.
@ExtendWith(WithRegistry.class)
class ConvertTest {
    private static final String ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
    private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";

    private static List<String> layerTypes(Lab lab, String repository, String reference) {
        var types = new ArrayList<String>();
        for (var layer :
                lab.registry().api().manifest(repository, reference).ok().json().path("layers")) {
            types.add(layer.path("mediaType").asString());
        }
        return types;
    }

    private static String id(Client client, String name) {
        return client.ok("image", "inspect", "-f", "{{.Id}}", name);
    }

    @Test
    @Shows("IMG-63")
    void layersOfZstdArePushedAndPulledElsewhere(Lab lab) throws IOException {
        Client corten = lab.engine().corten();
        String original =
                Published.noise(63, 40_000, 500).publish(lab.registry().api(), "c/a", "1");
        String source = lab.name("c/a:1");
        String target = lab.name("c/a:zstd");
        corten.ok("pull", "-q", source);
        String digest = corten.ok("image", "convert", "--zstd", source, target);
        assertThat(digest).startsWith("sha256:");
        assertThat(corten.ok("image", "convert", "--zstd", "--format", "json", source, target))
                .isEqualTo("{\"Image\":\"" + target + "@" + digest + "\",\"ExtraImages\":[]}");
        assertThat(id(corten, target)).isEqualTo(id(corten, source));
        lab.engine().kill();
        lab.engine().open();
        assertThat(corten.ok("push", target)).contains("zstd: digest: " + digest + " size: ");
        assertThat(layerTypes(lab, "c/a", "zstd")).containsExactly(ZSTD, ZSTD, ZSTD);
        assertThat(corten.ok("push", source)).contains("1: digest: " + original + " size: ");
        corten.ok("image", "convert", "--gzip", "--oci", target, lab.name("c/a:gzip"));
        corten.ok("push", "-q", lab.name("c/a:gzip"));
        assertThat(layerTypes(lab, "c/a", "gzip")).containsExactly(GZIP, GZIP, GZIP);
        assertThat(corten.ok("system", "check")).contains("nothing is damaged");
        Path file = lab.engine().scratch("converted.tar");
        corten.ok("save", "-o", file.toString(), target, source);
        lab.removeImages();
        corten.ok("load", "-i", file.toString());
        Files.delete(file);
        assertThat(corten.ok("push", target)).contains("zstd: digest: " + digest + " size: ");
        assertThat(corten.ok("push", source)).contains("1: digest: " + original + " size: ");
        lab.removeImages();
        Engine other = Engine.start("--insecure-registry", lab.proxy().host());
        try {
            Client docker = other.docker();
            assertThat(docker.ok("pull", target)).contains("Digest: " + digest);
            assertThat(docker.ok("run", "--rm", target, "ls", "/n")).isEqualTo("63000\n63001");
            other.removeContainers();
            docker.ok("rmi", "-f", target);
        } finally {
            other.closeCleanly();
        }
    }

    @Test
    @Shows("IMG-63")
    void allPlatformsOrOne(Lab lab) {
        Client corten = lab.engine().corten();
        Published.publish(
                lab.registry().api(),
                "c/both",
                "1",
                Published.noise(64, 500).oci(),
                Published.noise(65, 500).oci().architecture("s390x"));
        String source = lab.name("c/both:1");
        String target = lab.name("c/both:zstd");
        corten.ok("pull", "-q", source);
        assertThat(
                        corten.run("image", "convert", "--zstd", "--all-platforms", source, target)
                                .err())
                .contains("the image for linux/s390x is not here, pull it with --platform");
        corten.ok("pull", "-q", "--platform", "linux/s390x", source);
        corten.ok("image", "convert", "--zstd", "--all-platforms", source, target);
        corten.ok("push", "-q", target);
        var index = lab.registry().api().manifest("c/both", "zstd").ok().json();
        assertThat(index.path("manifests").size()).isEqualTo(2);
        for (var member : index.path("manifests")) {
            assertThat(layerTypes(lab, "c/both", member.path("digest").asString()))
                    .containsExactly(ZSTD, ZSTD);
        }
        corten.ok("image", "convert", "--zstd", "--platform", "linux/s390x", source, target);
        corten.ok("push", "-q", target);
        assertThat(layerTypes(lab, "c/both", "zstd")).containsExactly(ZSTD, ZSTD);
        assertThat(corten.ok("image", "inspect", "-f", "{{.Architecture}}", target))
                .isEqualTo("s390x");
    }

    @Test
    @Shows("IMG-63")
    void whatCannotBeConverted(Lab lab) {
        Client corten = lab.engine().corten();
        corten.ok("pull", "-q", "alpine");
        assertThat(corten.run("image", "convert", "--estargz", "alpine", "x").err())
                .contains(
                        "--estargz is not supported: layers can be converted to gzip, zstd and plain"
                                + " tar");
        assertThat(corten.run("image", "convert", "alpine", "x").err())
                .contains("one of --gzip, --zstd, --uncompress and --oci must be given");
        assertThat(corten.run("image", "convert", "--gzip", "--zstd", "alpine", "x").err())
                .contains("only one of --gzip, --zstd and --uncompress can be given");
        assertThat(
                        corten.run(
                                        "image",
                                        "convert",
                                        "--zstd",
                                        "--zstd-compression-level=99",
                                        "alpine",
                                        "x")
                                .err())
                .contains("invalid compression level 99: must be 1 to 19");
        assertThat(corten.run("image", "convert", "--zstd", "nothing", "x").err())
                .contains("No such image: nothing:latest");
        assertThat(corten.run("image", "convert", "--zstd", "alpine", "X").status()).isEqualTo(1);
        assertThat(
                        lab.engine()
                                .api()
                                .call("POST", "/corten/v1/images/alpine/convert?target=x&format=br")
                                .status())
                .isEqualTo(400);
        assertThat(corten.ok("images", "-q", "x")).isEmpty();
    }
}
