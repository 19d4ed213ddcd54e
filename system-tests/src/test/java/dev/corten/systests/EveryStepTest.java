package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The daemon ends before each durable step of each operation, one after the other; the next one
/// finds the state before the operation or the one after it, and nothing else on the machine.
@ExtendWith(PrivateEngine.class)
class EveryStepTest {
    private static final int MOST_STEPS = 80;
    private static final List<String> COVERED = new ArrayList<>();

    /// What is done to an engine that dies of it. What [#state] says afterwards must be one of the
    /// words in `allowed`.
    enum Operation {
        LOAD("absent", "there") {
            @Override
            void work(Api api) {
                ok(
                        api.call("POST", "/images/load", EXTRA.archive(), "application/x-tar"),
                        "Loaded image");
            }

            @Override
            String state(Engine engine) {
                return image(engine, "extra:latest");
            }
        },
        TAG("absent", "there") {
            @Override
            void work(Api api) {
                ok(api.call("POST", "/images/busybox/tag?repo=second&tag=name"));
            }

            @Override
            String state(Engine engine) {
                return image(engine, "second:name");
            }
        },
        UNTAG("absent", "there") {
            @Override
            void before(Engine engine) {
                ok(engine.api().call("POST", "/images/busybox/tag?repo=second&tag=name"));
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/images/second:name"));
            }

            @Override
            String state(Engine engine) {
                return image(engine, "second:name");
            }
        },
        REMOVE_IMAGE("absent", "there") {
            @Override
            void before(Engine engine) {
                EXTRA.load(engine);
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/images/extra"));
            }

            @Override
            String state(Engine engine) {
                return image(engine, "extra:latest");
            }
        },
        CREATE("absent", "created") {
            @Override
            void work(Api api) {
                create(api, "\"sleep\",\"1000\"", false);
            }
        },
        START("created", "running") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"sleep\",\"1000\"", false);
            }

            @Override
            void work(Api api) {
                ok(api.call("POST", "/containers/box/start"));
            }
        },
        STOP("running", "exited 137") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"sleep\",\"1000\"", false);
                ok(engine.api().call("POST", "/containers/box/start"));
            }

            @Override
            void work(Api api) {
                ok(api.call("POST", "/containers/box/stop?t=0"));
            }

            @Override
            boolean isFinished(Engine engine) {
                return state(engine).startsWith("exited");
            }
        },
        EXIT("exited 7") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"sh\",\"-c\",\"exit 7\"", false);
            }

            /// The start is not what this is about: it goes on until the container has ended.
            @Override
            void work(Api api) {
                ok(api.call("POST", "/containers/box/start"));
                ok(api.call("POST", "/containers/box/wait"), "StatusCode");
            }

            @Override
            boolean isAllowed(String state) {
                // Not yet started is as good as before.
                return state.equals("created") || super.isAllowed(state);
            }
        },
        RENAME("absent", "created") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"true\"", false);
                ok(engine.api().call("POST", "/containers/box/rename?name=other"));
            }

            @Override
            void work(Api api) {
                ok(api.call("POST", "/containers/other/rename?name=box"));
            }
        },
        REMOVE("absent", "exited 0") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"true\"", false);
                ok(engine.api().call("POST", "/containers/box/start"));
                ok(engine.api().call("POST", "/containers/box/wait"), "StatusCode");
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/containers/box"));
            }
        },
        REMOVE_RUNNING("absent", "running", "exited 137") {
            @Override
            void before(Engine engine) {
                create(engine.api(), "\"sleep\",\"1000\"", false);
                ok(engine.api().call("POST", "/containers/box/start"));
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/containers/box?force=1"));
            }
        },
        RUN_AND_REMOVE("absent", "created", "running") {
            @Override
            void work(Api api) {
                create(api, "\"true\"", true);
                ok(api.call("POST", "/containers/box/start"));
                awaitRemoval(api);
            }
        },
        CREATE_VOLUME("absent", "there") {
            @Override
            void work(Api api) {
                ok(api.call("POST", "/volumes/create", "{\"Name\":\"named\"}"));
            }

            @Override
            String state(Engine engine) {
                return volume(engine);
            }
        },
        REMOVE_VOLUME("absent", "there") {
            @Override
            void before(Engine engine) {
                ok(engine.api().call("POST", "/volumes/create", "{\"Name\":\"named\"}"));
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/volumes/named"));
            }

            @Override
            String state(Engine engine) {
                return volume(engine);
            }
        },
        CREATE_WITH_VOLUMES("absent", "created") {
            @Override
            void work(Api api) {
                createWithVolumes(api, false);
            }

            @Override
            String state(Engine engine) {
                return withVolumes(engine, super.state(engine));
            }
        },
        REMOVE_WITH_VOLUMES("absent", "created") {
            @Override
            void before(Engine engine) {
                createWithVolumes(engine.api(), false);
            }

            @Override
            void work(Api api) {
                ok(api.call("DELETE", "/containers/box?v=1"));
            }

            @Override
            String state(Engine engine) {
                return withVolumes(engine, super.state(engine));
            }
        },
        RUN_AND_REMOVE_WITH_VOLUMES("absent", "created", "running") {
            @Override
            void work(Api api) {
                createWithVolumes(api, true);
                ok(api.call("POST", "/containers/box/start"));
                awaitRemoval(api);
            }

            @Override
            String state(Engine engine) {
                return withVolumes(engine, super.state(engine));
            }
        };

        private static final Image EXTRA =
                new Image("extra:latest")
                        .layer(Image.busyboxLayer())
                        .layer(new Tar().file("etc/extra", "more\n").bytes())
                        .config("\"Cmd\":[\"cat\",\"/etc/extra\"]");

        private final List<String> allowed;

        Operation(String... allowed) {
            this.allowed = List.of(allowed);
        }

        void before(Engine engine) {}

        abstract void work(Api api);

        /// Whether nothing of it goes on in the background.
        boolean isFinished(Engine engine) {
            return true;
        }

        boolean isAllowed(String state) {
            return allowed.contains(state);
        }

        /// Of the container `box`, unless the operation is about something else.
        String state(Engine engine) {
            var answer = engine.api().get("/containers/box/json");
            if (answer.status() == 404) {
                return "absent";
            }
            String word = answer.json().path("State").path("Status").asString();
            return word.equals("exited")
                    ? word + " " + answer.json().path("State").path("ExitCode").asInt()
                    : word;
        }

        private static String image(Engine engine, String name) {
            if (engine.api().get("/images/" + name + "/json").status() == 404) {
                return "absent";
            }
            Finished run = engine.docker().run("run", "--rm", name, "echo", "whole");
            return run.out().equals("whole\n") ? "there" : "broken: " + run;
        }

        private static String volume(Engine engine) {
            return engine.api().get("/volumes/named").status() == 404 ? "absent" : "there";
        }

        /// With a named volume that is filled from the image, and two without a name.
        private static void createWithVolumes(Api api, boolean autoRemove) {
            ok(
                    api.call(
                            "POST",
                            "/containers/create?name=box",
                            "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"Volumes\":{\"/a\":{}},"
                                    + "\"HostConfig\":{\"AutoRemove\":"
                                    + autoRemove
                                    + ",\"Binds\":[\"named:/etc\",\"/b\"]}}"));
        }

        /// The container's state, if its volumes are as they have to be: those without a name come
        /// and go with it, the named one is full where it has to be, and never half full.
        private static String withVolumes(Engine engine, String container) {
            boolean there = !container.equals("absent");
            int unnamed = 0;
            for (var volume : engine.api().get("/volumes").json().path("Volumes")) {
                unnamed += volume.path("Name").asString().length() == 64 ? 1 : 0;
            }
            String content =
                    volume(engine).equals("absent")
                            ? ""
                            : engine.docker()
                                    .ok("run", "--rm", "-v", "named:/v", "busybox", "ls", "/v");
            boolean full = content.contains("group") && content.contains("passwd");
            boolean right = unnamed == (there ? 2 : 0) && (full || (!there && content.isEmpty()));
            return right
                    ? container
                    : container + ", " + unnamed + " unnamed, named has " + content;
        }

        private static void create(Api api, String command, boolean autoRemove) {
            ok(
                    api.call(
                            "POST",
                            "/containers/create?name=box",
                            "{\"Image\":\"busybox\",\"Cmd\":["
                                    + command
                                    + "],\"HostConfig\":{\"AutoRemove\":"
                                    + autoRemove
                                    + ",\"PortBindings\":{\"80/tcp\":[{}]}}}"));
        }

        private static void ok(Api.Answer answer) {
            assertThat(answer.status()).as(answer.toString()).isBetween(200, 299);
        }

        /// It may be gone before anybody can ask.
        private static void awaitRemoval(Api api) {
            var answer = api.call("POST", "/containers/box/wait?condition=removed");
            if (answer.status() != 404) {
                ok(answer, "StatusCode");
            }
        }

        /// An answer that comes in parts is whole only with the last one.
        private static void ok(Api.Answer answer, String last) {
            ok(answer);
            assertThat(answer.text()).contains(last);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theNextDaemonFindsBeforeOrAfter(Operation operation, Engine engine) throws Exception {
        int step = 1;
        while (dies(operation, step, engine)) {
            step++;
            assertThat(step).as("steps of " + operation).isLessThan(MOST_STEPS);
        }
        COVERED.add(operation.name().toLowerCase(java.util.Locale.ROOT) + " " + (step - 1));
    }

    /// @return false if the operation has fewer steps
    private static boolean dies(Operation operation, int step, Engine engine) throws Exception {
        operation.before(engine);
        engine.terminate();
        if (engine.openDoomed(step)) {
            try {
                operation.work(engine.api());
                Eventually.holds(
                        "nothing goes on", () -> !engine.isAlive() || operation.isFinished(engine));
            } catch (AssertionError | UncheckedIOException e) {
                Eventually.holds("it ends: " + e, () -> !engine.isAlive());
            }
        }
        boolean died = !engine.isAlive();
        if (!died) {
            engine.kill();
        }
        engine.open();
        String when = operation + ", before step " + step;
        String state = Eventually.get(when, () -> operation.state(engine), operation::isAllowed);
        assertThat(operation.isAllowed(state)).as(when + ": " + state).isTrue();
        Eventually.get("order after " + when, () -> Disorder.of(engine), Set<String>::isEmpty);
        clean(engine);
        return died;
    }

    private static void clean(Engine engine) {
        engine.removeContainers();
        for (String name : Arrays.asList("extra", "second:name")) {
            engine.api().call("DELETE", "/images/" + name);
        }
    }

    @AfterAll
    static void tell() {
        int sum = COVERED.stream().mapToInt(c -> Integer.parseInt(c.split(" ")[1])).sum();
        System.out.println("Steps covered by EveryStepTest: " + sum + " (" + COVERED + ")");
    }
}
