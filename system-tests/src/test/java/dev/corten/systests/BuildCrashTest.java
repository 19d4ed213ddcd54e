package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `kill -9` of the daemon at many instants of builds: the next one finds no debris, and what is in
/// the cache is right. A failure names its seed; `-Dseed=N -Dcrashes=N` repeats it.
@ExtendWith(PrivateEngine.class)
class BuildCrashTest {
    private static final int ROUNDS = Math.max(3, Integer.getInteger("crashes", 30) / 10);
    private static final long LONGEST_MILLIS = 2500;
    private static final int MOST_STEPS = 60;

    private static final String FILE =
            """
            FROM busybox AS one
            ARG ROUND
            RUN --mount=type=cache,target=/c echo $ROUND >> /c/x; mkdir /one; cd /one; \\
                for i in 1 2 3 4 5 6 7 8 9; do echo $i > f$i; done; ln f1 g1; ln -s f2 g2
            FROM busybox AS two
            ARG ROUND
            WORKDIR /two
            COPY . .
            RUN sleep 0.2; echo $ROUND > round & sleep 0.3; rm /bin/wget
            FROM busybox
            ARG ROUND
            COPY --from=one /one /one
            COPY --from=two /two /two
            COPY --link big /linked
            RUN --mount=type=tmpfs,target=/t --mount=type=bind,source=f,target=/in/f \\
                cp /in/f /read; echo $ROUND > /t/x; cp /t/x /tmp/x
            """;

    private static final String CLASSIC =
            """
            FROM busybox
            ARG ROUND
            RUN sleep 0.1; echo $ROUND > /a
            COPY . /b
            RUN cat /a > /c; sleep 0.1
            """;

    private final long seed = Long.getLong("seed", System.nanoTime());

    @Test
    void whateverItWasBuildingTheNextDaemonBuildsIt(Engine engine) {
        var random = new Random(seed);
        TreeSet<String> before = layers(engine);
        try (var build = BuildFolder.of(engine, "corten");
                var classic = BuildFolder.of(engine, "docker")) {
            build.file("Dockerfile", FILE).file("f", "read").file("d/e", "deep");
            build.file("big", "0123456789abcdef".repeat(1 << 17));
            classic.file("Dockerfile", CLASSIC).file("f", "read");
            for (int i = 0; i < ROUNDS; i++) {
                String when = "crash " + i + " of seed " + seed;
                // Something of the context is another one each time.
                build.file("d/round", "" + i);
                crash(engine, random, i, build, classic);
                Eventually.get("order after " + when, () -> disorder(engine), Set<String>::isEmpty);
                String again = built(build, i);
                classic.build("-t", "classic", "--build-arg", "ROUND=" + i).ok();
                assertThat(engine.docker().ok("run", "--rm", "classic", "cat", "/c", "/b/f"))
                        .as(when)
                        .isEqualTo(i + "\nread");
                assertThat(
                                engine.docker()
                                        .ok(
                                                "run",
                                                "--rm",
                                                "crash",
                                                "sh",
                                                "-c",
                                                "cat /one/g2 /two/round /tmp/x /read; echo; cat"
                                                        + " /two/d/round; echo;"
                                                        + " cmp /linked /two/big && echo same"))
                        .as(when)
                        .isEqualTo("2\n" + i + "\n" + i + "\nread\n" + i + "\nsame");
                if (i % 2 == 1) {
                    prune(engine);
                    Eventually.get(
                            "no layer is left, " + when, () -> layers(engine), before::equals);
                }
                assertThat(built(build, i, "--no-cache")).as(when).isEqualTo(again);
            }
            prune(engine);
            Eventually.get("no layer is left, seed " + seed, () -> layers(engine), before::equals);
        }
        Eventually.get("order, seed " + seed, () -> disorder(engine), Set<String>::isEmpty);
    }

    private static String[] options(int round, String... more) {
        var options =
                new ArrayList<String>(
                        List.of("-t", "crash", "--build-arg", "ROUND=" + round, "--build-arg"));
        options.add("SOURCE_DATE_EPOCH=1700000000");
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private static String built(BuildFolder build, int round, String... more) {
        Path id = build.path("../" + build.path(".").getParent().getFileName() + ".id");
        var options = new ArrayList<String>(List.of(options(round, more)));
        options.addAll(List.of("--iidfile", id.toString()));
        build.build(options.toArray(String[]::new)).ok();
        try {
            String text = Files.readString(id);
            Files.delete(id);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Now after a time, now at something that it does to the disk.
    private static void crash(
            Engine engine, Random random, int round, BuildFolder build, BuildFolder classic) {
        boolean atStep = random.nextBoolean();
        if (atStep) {
            engine.kill();
            engine.openDoomed(1 + random.nextInt(MOST_STEPS));
        }
        try (Running one = build.start(options(round));
                Running two = classic.start("--build-arg", "ROUND=" + round);
                Running three = build.start(options(round, "--no-cache"))) {
            List.of(one, two, three).forEach(Running::closeInput);
            if (!atStep) {
                long millis = random.nextLong(LONGEST_MILLIS);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
                engine.kill();
            }
            // A daemon that was to die later than their end is killed below.
            List.of(one, two, three).forEach(Running::await);
        }
        engine.kill();
        engine.open();
    }

    private static void prune(Engine engine) {
        engine.docker().ok("image", "rm", "-f", "crash", "classic");
        engine.docker().ok("image", "prune", "-f");
        engine.docker().ok("builder", "prune", "-af");
    }

    private static TreeSet<String> layers(Engine engine) {
        TreeSet<String> names = names(engine.dataRoot().resolve("overlay2"));
        names.removeIf(name -> name.startsWith("."));
        return names;
    }

    private static Set<String> disorder(Engine engine) throws IOException {
        var wrong = new TreeSet<>(Disorder.of(engine));
        for (Path path :
                List.of(
                        engine.execRoot().resolve("steps"),
                        engine.execRoot().resolve("agents"),
                        engine.dataRoot().resolve("tmp"))) {
            names(path).forEach(name -> wrong.add(path + "/" + name));
        }
        // The places where layers are begun stay.
        Path begun = engine.dataRoot().resolve("overlay2/.new");
        for (String place : names(begun)) {
            names(begun.resolve(place)).forEach(name -> wrong.add(place + "/" + name));
        }
        return wrong;
    }

    private static TreeSet<String> names(Path directory) {
        if (!Files.exists(directory)) {
            return new TreeSet<>();
        }
        try (Stream<Path> all = Files.list(directory)) {
            var names = new TreeSet<String>();
            all.forEach(path -> names.add(path.getFileName().toString()));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
