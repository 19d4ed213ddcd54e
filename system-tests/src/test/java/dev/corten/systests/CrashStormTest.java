package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// `kill -9` of the daemon at random instants while several clients work; afterwards everything
/// that is there belongs to a container that the next daemon knows. A failure names its seed;
/// `-Dseed=N -Dcrashes=N` repeats it.
@ExtendWith(PrivateEngine.class)
class CrashStormTest {
    private static final int CLIENTS = 4;
    private static final int CRASHES = Integer.getInteger("crashes", 30);
    private static final long LONGEST_MILLIS = 600;
    private static final Set<String> STATES = Set.of("created", "running", "exited");

    private final long seed = Long.getLong("seed", System.nanoTime());

    @Test
    void whateverItWasDoingTheNextDaemonFindsItsWay(Engine engine) {
        var random = new Random(seed);
        int survivors = 0;
        for (int i = 0; i < CRASHES; i++) {
            var stop = new AtomicBoolean();
            List<Thread> clients = clients(engine, random, stop);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextLong(LONGEST_MILLIS)));
            engine.kill();
            stop.set(true);
            clients.forEach(CrashStormTest::join);
            engine.open();
            String when = "crash " + i + " of seed " + seed;
            survivors += assertContainers(engine, when);
            Eventually.get("order after " + when, () -> Disorder.of(engine), Set<String>::isEmpty);
            if (random.nextInt(3) == 0) {
                engine.removeContainers();
            }
        }
        engine.removeContainers();
        Eventually.get(
                "nothing is left, seed " + seed, () -> Disorder.of(engine), Set<String>::isEmpty);
        assertThat(engine.docker().ok("images", "-q")).isNotEmpty();
        assertThat(survivors).as("containers that ran across a crash").isPositive();
    }

    // ---- the load

    private static List<Thread> clients(Engine engine, Random random, AtomicBoolean stop) {
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++) {
            var own = new Random(random.nextLong());
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                while (!stop.get()) {
                                    life(engine, own);
                                }
                            }));
        }
        byte[] archive = Image.busybox().archive();
        threads.add(
                Thread.ofVirtual()
                        .start(() -> {
                            while (!stop.get()) {
                                quietly(() ->
                                        engine.api()
                                                .call(
                                                        "POST",
                                                        "/images/load",
                                                        archive,
                                                        "application/x-tar"));
                            }
                        }));
        return threads;
    }

    /// A container's life as far as it comes.
    private static void life(Engine engine, Random random) {
        quietly(() -> {
            Api api = engine.api();
            boolean ends = random.nextBoolean();
            String id =
                    api.call(
                                    "POST",
                                    "/containers/create",
                                    "{\"Image\":\"busybox\",\"Cmd\":["
                                            + (ends ? "\"true\"" : "\"sleep\",\"1000\"")
                                            + "],\"HostConfig\":{\"AutoRemove\":"
                                            + random.nextBoolean()
                                            + ",\"NetworkMode\":\""
                                            + (random.nextBoolean() ? "bridge" : "none")
                                            + "\",\"PortBindings\":{\"80/tcp\":[{}]}}}")
                            .json()
                            .path("Id")
                            .asString();
            api.call("POST", "/containers/" + id + "/start");
            if (random.nextInt(3) > 0) {
                String exec =
                        api.call("POST", "/containers/" + id + "/exec", "{\"Cmd\":[\"true\"]}")
                                .json()
                                .path("Id")
                                .asString();
                api.call("POST", "/exec/" + exec + "/start", "{\"Detach\":true}");
            }
            if (random.nextInt(3) > 0) {
                api.call("DELETE", "/containers/" + id + "?force=1");
            }
            return id;
        });
    }

    /// What a client is told when its daemon dies is no matter here.
    private static void quietly(java.util.concurrent.Callable<?> work) {
        try {
            work.call();
        } catch (UncheckedIOException | AssertionError died) {
            Thread.onSpinWait();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    // ---- the checks

    /// Each is in a state that there is, and those that run do so and answer.
    ///
    /// @return how many run
    private static int assertContainers(Engine engine, String when) {
        int running = 0;
        for (JsonNode container : containers(engine)) {
            String id = container.path("Id").asString();
            JsonNode state = engine.api().get("/containers/" + id + "/json").json().path("State");
            String status = state.path("Status").asString();
            assertThat(STATES).as(when).contains(status);
            if (status.equals("running")) {
                assertThat(Path.of("/proc", state.path("Pid").asString())).as(when).exists();
                Finished exec = engine.docker().run("exec", id, "echo", "here");
                boolean ended =
                        exec.status() != 0
                                && !engine.api()
                                        .get("/containers/" + id + "/json")
                                        .json()
                                        .path("State")
                                        .path("Running")
                                        .asBoolean();
                if (!ended) {
                    assertThat(exec.ok()).as(when).isEqualTo("here");
                    running++;
                }
            } else if (status.equals("created")) {
                assertThat(engine.api().call("POST", "/containers/" + id + "/start").status())
                        .as("%s: start of %s: %s", when, id, engine.logText())
                        .isEqualTo(204);
            }
        }
        return running;
    }

    private static JsonNode containers(Engine engine) {
        return engine.api().get("/containers/json?all=1").json();
    }
}
