package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Pulls from a registry at the end of a bad line: what has come is not fetched again.
@ExtendWith(WithRegistry.class)
@Shows("REG-30")
class FaultyPullTest {
    private static final int CUTS = 20;

    /// What may have been under way when the line was cut, and comes again.
    private static final long LOST = 128 << 10;

    /// One image for each cut, each behind a proxy of its own, all at the same time. The registry cannot
    /// be reached any more after the cut, so that the pull fails; the next one gets what is missing.
    @Test
    void cutAtTwentyPoints(Lab lab) throws Exception {
        var work = new ArrayList<Callable<String>>();
        for (int i = 0; i < CUTS; i++) {
            int number = i;
            work.add(() -> cut(lab, number));
        }
        var complaints = new ArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> done : threads.invokeAll(work)) {
                complaints.add(done.get());
            }
        }
        complaints.removeIf(String::isEmpty);
        assertThat(complaints).isEmpty();
    }

    private static String cut(Lab lab, int number) {
        // None has a layer of another: who waits for the same would wait for the other's line.
        var image = new Published().config("\"Cmd\":[\"x\"]");
        for (int i = 0; i < 3; i++) {
            image.layer(Published.noiseLayer(50_000 + number * 10 + i, 300_000));
        }
        String repository = "cut/pull" + number;
        image.publish(lab.registry().api(), repository, "1");
        try (var proxy = FaultProxy.before(lab.registry().host())) {
            Api api = lab.engine().api();
            String create =
                    "/v1.51/images/create?tag=1&fromImage=" + proxy.host() + "/" + repository;
            long all = image.size() + image.configuration().length() + image.manifest().length();
            proxy.staysDownAfterTheCut();
            proxy.cutAnswersAfter(1 + number * (all - 2) / (CUTS - 1));
            proxy.staysDownAfterTheCut();
            var first = api.call("POST", create);
            if (first.status() == 200 && !first.text().contains("errorDetail")) {
                return number + ": the cut was not noticed: " + first.text();
            }
            proxy.recover();
            var second = api.call("POST", create);
            if (!second.text().contains("Downloaded newer image")) {
                return number + ": " + second;
            }
            long fetched = proxy.received(FaultProxy.Exchange::isBlob);
            long most = image.size() + image.configuration().length() + LOST;
            return fetched > most ? number + ": " + fetched + " bytes, not " + most : "";
        }
    }

    /// The daemon goes on by itself if the line is back in time.
    @Test
    @Shows("IMG-07")
    void aCutInBetweenIsNotNoticed(Lab lab) {
        Published image = Published.noise(601, 2_000_000);
        image.publish(lab.registry().api(), "cut/once", "1");
        lab.proxy().cutAnswersAfter(image.size() / 2);
        assertThat(lab.engine().docker().ok("pull", lab.name("cut/once:1")))
                .contains("Downloaded newer image");
        assertThat(lab.proxy().received(FaultProxy.Exchange::isBlob))
                .isLessThan(image.size() + image.configuration().length() + LOST);
        assertThat(lab.proxy().exchanges().stream().filter(e -> e.headers().containsKey("Range")))
                .isNotEmpty();
    }

    @Test
    void tooBusyOnce(Lab lab) {
        Published.noise(602, 1000).publish(lab.registry().api(), "busy", "1");
        for (String status : List.of("503 Service Unavailable", "429 Too Many Requests")) {
            lab.proxy()
                    .answerOnce(
                            FaultProxy.Exchange::isBlob,
                            "HTTP/1.1 " + status + "\r\nRetry-After: 1");
            assertThat(lab.engine().docker().ok("pull", lab.name("busy:1")))
                    .contains("Downloaded newer image");
            lab.removeImages();
        }
    }

    /// A bit that has turned on its way: that blob comes once more, and whole.
    @Test
    void aFalseBit(Lab lab) {
        Published image = Published.noise(603, 500_000);
        image.publish(lab.registry().api(), "false", "1");
        lab.proxy().falsifyAnswerByte(image.size() - 100_000);
        Finished first = lab.engine().docker().run("pull", lab.name("false:1"));
        // Tried again by itself or not: never accepted.
        Finished second = lab.engine().docker().run("pull", lab.name("false:1"));
        assertThat(List.of(first.status(), second.status())).endsWith(0);
        assertThat(
                        lab.engine()
                                .docker()
                                .ok("run", "--rm", lab.name("false:1"), "sha256sum", "/n/603000"))
                .startsWith(noise(603_000, 500_000));
    }

    private static String noise(long seed, int size) {
        byte[] content = new byte[size];
        new java.util.Random(seed).nextBytes(content);
        return Image.sha256(content);
    }

    /// The daemon is killed in the middle of a pull: the next one goes on where it was.
    @Test
    @Shows("DSK-33")
    void killedInTheMiddle(Lab lab) {
        Published image = Published.noise(604, 3_000_000, 3_000_000);
        image.publish(lab.registry().api(), "killed", "1");
        lab.proxy().holdBlobsAfter(image.size() * 2 / 3);
        try (var _ = lab.engine().docker().start("pull", lab.name("killed:1"))) {
            Eventually.holds(
                    "half of it has come",
                    () ->
                            bytesBelow(lab.engine().dataRoot().resolve("content"))
                                    > image.size() / 2);
            lab.engine().kill();
        }
        lab.proxy().letThrough();
        lab.proxy().cutAll();
        lab.proxy().forget();
        lab.engine().open();
        assertThat(lab.engine().docker().ok("images", "-q")).isEmpty();
        lab.engine().docker().ok("pull", lab.name("killed:1"));
        assertThat(lab.proxy().received(FaultProxy.Exchange::isBlob))
                .isLessThan(image.size() * 2 / 3);
        assertThat(lab.engine().docker().ok("run", "--rm", lab.name("killed:1"), "echo", "runs"))
                .isEqualTo("runs");
    }

    private static long bytesBelow(Path folder) {
        return Long.parseLong(Running.run("du", "-sb", folder.toString()).out().split("\t")[0]);
    }

    /// Two that want the same get it over one line, and each is told how it goes on.
    @Test
    void twoAtOnceShare(Lab lab) {
        Published image = Published.noise(605, 2_000_000, 1_000_000);
        image.publish(lab.registry().api(), "shared", "1");
        image.publish(lab.registry().api(), "shared", "2");
        lab.proxy().holdBlobsAfter(image.size() / 2);
        try (var one = lab.engine().docker().start("pull", lab.name("shared:1"));
                var two = lab.engine().docker().start("pull", lab.name("shared:1"));
                var other = lab.engine().docker().start("pull", lab.name("shared:2"))) {
            one.out().await("Pulling fs layer");
            two.out().await("Pulling fs layer");
            other.out().await("Pulling fs layer");
            lab.proxy().letThrough();
            assertThat(one.await().ok()).contains("Status: Downloaded newer image");
            assertThat(two.await().ok()).contains("shared:1");
            assertThat(other.await().ok()).contains("shared:2");
        }
        assertThat(lab.proxy().received(FaultProxy.Exchange::isBlob))
                .isLessThan(image.size() + 3 * image.configuration().length() + LOST);
    }

    /// Whoever leaves does not take the work of the other along.
    @Test
    void oneOfTwoLeaves(Lab lab) {
        Published image = Published.noise(606, 2_000_000);
        image.publish(lab.registry().api(), "left", "1");
        lab.proxy().holdBlobsAfter(image.size() / 2);
        try (var one = lab.engine().docker().start("pull", lab.name("left:1"));
                var two = lab.engine().docker().start("pull", lab.name("left:1"))) {
            one.out().await("Pulling fs layer");
            two.out().await("Pulling fs layer");
            one.interrupt();
            one.await();
            lab.proxy().letThrough();
            assertThat(two.await().ok()).contains("left:1");
        }
        assertThat(lab.proxy().received(FaultProxy.Exchange::isBlob))
                .isLessThan(image.size() + image.configuration().length() + LOST);
    }
}
