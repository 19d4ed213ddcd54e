package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pushes into a registry at the end of a bad line: what has arrived is not sent again.
@ExtendWith(WithRegistry.class)
@Shows("IMG-17")
class FaultyPushTest {
    private static final int CUTS = 20;
    private static final int LAYER = 200_000;

    /// An upload that was cut may have to begin again: a layer is not sent more than twice, and one that
    /// has arrived not again.
    private static final long LOST = LAYER + (128 << 10);

    @Test
    void cutAtTwentyPoints(Lab lab) throws Exception {
        for (int i = 0; i < CUTS; i++) {
            image(700 + i).publish(lab.registry().api(), "whole/push" + i, "1");
            lab.engine().docker().ok("pull", "-q", lab.name("whole/push" + i + ":1"));
        }
        var complaints = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var folder = Scratch.folder("corten-push");
                var other = RegistryProcess.ours(folder.path())) {
            var work = new ArrayList<Callable<String>>();
            for (int i = 0; i < CUTS; i++) {
                int number = i;
                work.add(() -> cut(lab, other, number));
            }
            for (Future<String> done : threads.invokeAll(work)) {
                complaints.add(done.get());
            }
        }
        complaints.removeIf(String::isEmpty);
        assertThat(complaints).isEmpty();
    }

    /// Nothing of it is in the other registry, so that all of it has to go there.
    private static Published image(int number) {
        return new Published()
                .layer(Published.noiseLayer(number * 10L, LAYER))
                .layer(Published.noiseLayer(number * 10L + 1, LAYER))
                .layer(Published.noiseLayer(number * 10L + 2, LAYER))
                .config("\"Cmd\":[\"x\"]");
    }

    private static String cut(Lab lab, RegistryProcess other, int number) {
        Published image = image(700 + number);
        try (var proxy = FaultProxy.before(other.host())) {
            Api api = lab.engine().api();
            String from = lab.name("whole/push" + number + ":1");
            String name = proxy.host() + "/cut/push" + number;
            api.call("POST", "/v1.51/images/" + from + "/tag?tag=1&repo=" + name);
            String push = "/v1.51/images/" + name + "/push?tag=1";
            proxy.staysDownAfterTheCut();
            long all = image.size() + image.configuration().length() + image.manifest().length();
            proxy.cutRequestsAfter(1 + number * (all - 2) / (CUTS - 1));
            proxy.staysDownAfterTheCut();
            var first = api.call("POST", push);
            if (!first.text().contains("errorDetail")) {
                return number + ": the cut was not noticed: " + first.text();
            }
            proxy.recover();
            var second = api.call("POST", push);
            if (!second.text().contains("digest: " + image.digest())) {
                return number + ": " + second;
            }
            long sent = proxy.sent(FaultProxy.Exchange::isUpload);
            long most = image.size() + image.configuration().length() + LOST;
            return sent > most ? number + ": " + sent + " bytes, not " + most : "";
        }
    }

    /// The daemon goes on by itself, in the same upload.
    @Test
    void aCutInBetweenIsNotNoticed(Lab lab) {
        Client docker = lab.engine().docker();
        Published image = Published.noise(801, 3_000_000);
        image.publish(lab.registry().api(), "push/source", "1");
        docker.ok("pull", "-q", lab.name("push/source:1"));
        try (var folder = Scratch.folder("corten-push");
                var other = RegistryProcess.ours(folder.path());
                var proxy = FaultProxy.before(other.host())) {
            String name = proxy.host() + "/push/cut:1";
            docker.ok("tag", lab.name("push/source:1"), name);
            proxy.cutRequestsAfter(image.size() * 2 / 3);
            assertThat(docker.ok("push", name)).contains("digest: " + image.digest());
            assertThat(other.api().digest("push/cut", "1")).isEqualTo(image.digest());
        }
    }

    /// What was compressed for a push that failed is kept: the next one goes on in the middle of it. And
    /// it is what was loaded, as whoever pulls it finds.
    @Test
    void aLoadedImageGoesOnAfterTheCut(Lab lab) {
        Client docker = lab.engine().docker();
        new Image("loaded/push:1")
                .layer(Published.noiseLayer(806, 3_000_000))
                .layer(Published.noiseLayer(807, 3_000_000))
                .config("\"Cmd\":[\"x\"]")
                .load(lab.engine());
        String id = docker.ok("image", "inspect", "-f", "{{.Id}}", "loaded/push:1");
        try (var folder = Scratch.folder("corten-push");
                var other = RegistryProcess.ours(folder.path());
                var proxy = FaultProxy.before(other.host())) {
            String name = proxy.host() + "/loaded/push:1";
            docker.ok("tag", "loaded/push:1", name);
            proxy.cutRequestsAfter(4_000_000);
            proxy.staysDownAfterTheCut();
            assertThat(docker.run("push", name).status()).isEqualTo(1);
            proxy.recover();
            assertThat(docker.ok("push", name)).contains("digest: sha256:");
            assertThat(proxy.sent(FaultProxy.Exchange::isUpload)).isLessThan(7_000_000);
            docker.ok("rmi", "loaded/push:1", name);
            docker.ok("pull", "-q", name);
            assertThat(docker.ok("image", "inspect", "-f", "{{.Id}}", name)).isEqualTo(id);
        }
    }

    @Test
    void tooBusyOnce(Lab lab) {
        Client docker = lab.engine().docker();
        docker.ok("pull", "-q", "alpine");
        for (String status : List.of("503 Service Unavailable", "429 Too Many Requests")) {
            String name = lab.name("busy/push" + status.substring(0, 3) + ":1");
            docker.ok("tag", "alpine", name);
            lab.proxy()
                    .answerOnce(
                            exchange -> exchange.method().equals("POST"),
                            "HTTP/1.1 " + status + "\r\nRetry-After: 1");
            assertThat(docker.ok("push", name)).contains("digest: sha256:");
        }
    }

    /// The registry is killed in the middle of an upload and comes back with what it had.
    @Test
    @Shows("REG-18")
    void theRegistryIsKilled(Lab lab) {
        Client docker = lab.engine().docker();
        Published image = Published.noise(802, 2_000_000, 2_000_000);
        image.publish(lab.registry().api(), "killed/source", "1");
        docker.ok("pull", "-q", lab.name("killed/source:1"));
        try (var folder = Scratch.folder("corten-push");
                var other = RegistryProcess.ours(folder.path());
                var proxy = FaultProxy.before(other.host())) {
            String name = proxy.host() + "/killed/push:1";
            docker.ok("tag", lab.name("killed/source:1"), name);
            proxy.staysDownAfterTheCut();
            proxy.cutRequestsAfter(image.size() / 2);
            proxy.staysDownAfterTheCut();
            Finished first = docker.run("push", name);
            assertThat(first.status()).isEqualTo(1);
            other.kill();
            other.open();
            proxy.recover();
            assertThat(other.api().manifest("killed/push", "1").status()).isEqualTo(404);
            assertThat(docker.ok("push", name)).contains("digest: " + image.digest());
            for (var layer : image.layers()) {
                assertThat(other.api().blob("killed/push", layer.digest()).ok().body())
                        .isEqualTo(layer.blob());
            }
        }
    }

    @Test
    @Shows("IMG-18")
    void whatIsThereIsNotSent(Lab lab) {
        Client docker = lab.engine().docker();
        Published image = Published.noise(803, 500_000);
        image.publish(lab.registry().api(), "there/one", "1");
        docker.ok("pull", lab.name("there/one:1"));
        docker.ok("tag", lab.name("there/one:1"), lab.name("there/two:1"));
        assertThat(docker.ok("push", lab.name("there/two:1"))).contains("Mounted from there/one");
        assertThat(docker.ok("push", lab.name("there/two:1"))).contains("Layer already exists");
        assertThat(lab.proxy().sent(FaultProxy.Exchange::isUpload)).isLessThan(10_000);
        docker.ok("run", "--name", "c1", lab.name("there/one:1"), "sh", "-c", "echo x > /x");
        docker.ok("commit", "c1", lab.name("there/two:2"));
        assertThat(docker.ok("push", lab.name("there/two:2")))
                .contains("Pushed", "Layer already exists");
        assertThat(lab.proxy().sent(FaultProxy.Exchange::isUpload)).isLessThan(50_000);
    }

    @Test
    @Shows("IMG-19")
    void allTagsAndOnePlatform(Lab lab) {
        Client docker = lab.engine().docker();
        docker.ok("pull", "-q", "alpine");
        for (String tag : List.of("a", "b", "c")) {
            docker.ok("tag", "alpine", lab.name("all/tags:" + tag));
        }
        docker.ok("push", "-q", "-a", lab.name("all/tags"));
        assertThat(lab.registry().api().tags("all/tags")).containsExactlyInAnyOrder("a", "b", "c");
        var one = Published.noise(804, 1000).oci();
        Published.publish(
                lab.registry().api(),
                "platforms/source",
                "1",
                one,
                Published.noise(805, 1000).oci().architecture("s390x"));
        docker.ok("pull", "-q", lab.name("platforms/source:1"));
        docker.ok("tag", lab.name("platforms/source:1"), lab.name("platforms/one:1"));
        docker.ok(
                "push", "--platform", "linux/" + Image.architecture(), lab.name("platforms/one:1"));
        assertThat(lab.registry().api().digest("platforms/one", "1")).isEqualTo(one.digest());
    }
}
