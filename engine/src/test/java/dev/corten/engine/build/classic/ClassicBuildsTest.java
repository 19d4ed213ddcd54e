package dev.corten.engine.build.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.build.context.Folders;
import dev.corten.engine.build.BuildFailure;
import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.image.Images;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClassicBuildsTest {
    private static final String SHORT = ScriptedBuilder.SANDBOX.substring(0, 12);

    @TempDir Path root;

    private Store store;
    private ScriptedBuilder builder;
    private ClassicBuilds builds;
    private Image base;
    private final List<String> tags = new ArrayList<>();
    private final List<String> kept = new ArrayList<>();
    private final Events events = new Events(Clock.systemUTC());
    private final ClassicBuilds.Keeper keeper =
            new ClassicBuilds.Keeper() {
                @Override
                public String name() {
                    return "some_name";
                }

                @Override
                public void keepFailed(Digest image, String name, BuildFailure failure) {
                    kept.add("failed " + name + " of " + image.shortHex());
                }

                @Override
                public void keep(KeptStep step) {
                    kept.add(
                            step.name()
                                    + " "
                                    + String.join("|", step.command())
                                    + " "
                                    + step.status().getClass().getSimpleName()
                                    + " "
                                    + store.images().find(step.image().toString()).isPresent());
                }
            };

    @BeforeEach
    void open() throws Exception {
        store = Store.open(root.resolve("data"), new Durable(), Clock.systemUTC());
        base =
                store.images()
                        .importRootfs(
                                new ByteArrayInputStream(tar("bin/sh", "program")),
                                new Images.ImportRequest(
                                        List.of("CMD sh"),
                                        "",
                                        Optional.of(Reference.parse("base:latest")),
                                        Platform.host()));
        builder = new ScriptedBuilder(store.images());
        builds =
                new ClassicBuilds(
                        builder,
                        new ClassicContexts(
                                new Folders(root.resolve("tmp"), () -> 1L << 30),
                                address -> {
                                    throw new Internal("no " + address);
                                }),
                        store.images(),
                        builder,
                        (image, name) -> tags.add(name.familiar() + " " + image.shortHex()),
                        keeper,
                        events,
                        Clock.systemUTC());
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private static byte[] tar(String... files) throws Exception {
        var bytes = new java.io.ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        for (int i = 0; i < files.length; i += 2) {
            byte[] content = ScriptedBuilder.bytes(files[i + 1]);
            tar.add(TarEntry.file(files[i], 0644, content.length), content);
        }
        tar.finish();
        return bytes.toByteArray();
    }

    private static ClassicRequest request(byte[] context) {
        return request(context, "", false, new TreeMap<>(), false);
    }

    private static ClassicRequest request(
            byte[] context,
            String target,
            boolean quiet,
            SortedMap<String, String> labels,
            boolean noCache) {
        return new ClassicRequest(
                List.of(Reference.parse("made:1")),
                "",
                new ByteArrayInputStream(context),
                "",
                Map.of(),
                Set.of("UNUSED", "Z", "HTTP_PROXY"),
                labels,
                target,
                Optional.empty(),
                quiet,
                noCache,
                false,
                true,
                true,
                HostConfig.DEFAULT,
                List.of(),
                Map.of());
    }

    private ClassicRequest keeping(byte[] context, boolean keepFailed) {
        ClassicRequest asked = request(context);
        return new ClassicRequest(
                asked.tags(),
                asked.remote(),
                asked.body(),
                asked.dockerfile(),
                asked.arguments(),
                asked.names(),
                asked.labels(),
                asked.target(),
                asked.platform(),
                asked.quiet(),
                asked.noCache(),
                asked.pull(),
                false,
                !keepFailed,
                asked.host(),
                asked.cacheFrom(),
                asked.credentials());
    }

    private String build(ClassicRequest request) throws Exception {
        var said = new StringBuilder();
        builds.build(request, message -> said.append(text(message)));
        return said.toString();
    }

    private static String text(ClassicMessage message) {
        return switch (message) {
            case ClassicMessage.Text(String text) -> text;
            case ClassicMessage.Stage(Digest image) -> "aux " + image.shortHex() + "\n";
            case ClassicMessage.Pull _ -> "pull\n";
        };
    }

    private static String masked(String said) {
        return said.replaceAll("(Running in|container) (?!" + SHORT + ")[0-9a-f]{12}", "$1 <c>")
                .replaceAll("(--->|aux|built) [0-9a-f]{12}", "$1 <i>");
    }

    @Test
    void tellsStepsInOrderWithTheirOutput() throws Exception {
        builder.on(
                "RUN make",
                (vertex, observer) -> {
                    observer.runsIn(vertex, ScriptedBuilder.SANDBOX);
                    observer.wrote(vertex, 1, ScriptedBuilder.bytes("out\n"));
                    observer.wrote(vertex, 2, ScriptedBuilder.bytes("err\n"));
                    return 0;
                });
        var context =
                tar("Dockerfile", "FROM base\nARG Z=1\nCMD x\nRUN make\nCOPY f /f\nRUN true\n");
        String said = build(request(context, "", false, new TreeMap<>(Map.of("a", "b")), false));
        assertThat(masked(said))
                .isEqualTo(
                        """
                        Step 1/7 : FROM base
                         ---> <i>
                        Step 2/7 : ARG Z=1
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        Step 3/7 : CMD x
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        Step 4/7 : RUN make
                         ---> Running in SHORT
                        out
                        \u001b[91merr
                        \u001b[0m ---> Removed intermediate container SHORT
                         ---> <i>
                        Step 5/7 : COPY f /f
                         ---> <i>
                        Step 6/7 : RUN true
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        Step 7/7 : LABEL a=b
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        aux <i>
                        [Warning] One or more build-args [UNUSED] were not consumed
                        Successfully built <i>
                        Successfully tagged made:1
                        """
                                .replace("SHORT", SHORT));
        Image image = store.images().find(tags.getFirst().split(" ")[1]).orElseThrow();
        assertThat(image.history().stream().map(History::createdBy).skip(1))
                .containsExactly(
                        "/bin/sh -c #(nop)  ARG Z=1",
                        "/bin/sh -c #(nop)  CMD [\"/bin/sh\" \"-c\" \"x\"]",
                        "|1 Z=1 /bin/sh -c make",
                        "/bin/sh -c #(nop) COPY file:"
                                + image.diffIds().getLast().hex()
                                + " in /f ",
                        "|1 Z=1 /bin/sh -c true",
                        "/bin/sh -c #(nop)  LABEL a=b");
        assertThat(image.history().stream().map(History::emptyLayer).skip(1))
                .containsExactly(true, true, false, false, true, true);
        assertThat(image.diffIds()).hasSize(3);
        Image before = store.images().find(image.parent().orElseThrow()).orElseThrow();
        assertThat(before.diffIds()).isEqualTo(image.diffIds());
        assertThat(before.config().labels()).isNull();
    }

    @Test
    void takesImagesOfEarlierBuilds() throws Exception {
        var context = tar("Dockerfile", "FROM base\nENV A=b\nRUN make\nCOPY f /f\nWORKDIR /w\n");
        String first = build(request(context));
        String second = build(request(context));
        assertThat(second.lines().filter(" ---> Using cache"::equals)).hasSize(4);
        assertThat(second.lines().filter(line -> line.startsWith("Successfully built")))
                .isEqualTo(
                        first.lines()
                                .filter(line -> line.startsWith("Successfully built"))
                                .toList());
        String third = build(request(context, "", false, new TreeMap<>(), true));
        assertThat(third.lines().filter(line -> line.startsWith(" ---> Running in"))).isNotEmpty();
    }

    @Test
    void stagesBeginWithEachOther() throws Exception {
        var context =
                tar(
                        "Dockerfile",
                        "ARG V=latest\nFROM base:$V AS one\nENV A=b\nFROM unused AS two\n"
                                + "FROM one\nUSER 1\n");
        assertThat(masked(build(request(context))))
                .isEqualTo(
                        """
                        Step 1/5 : ARG V=latest
                        Step 2/5 : FROM base:$V AS one
                         ---> <i>
                        Step 3/5 : ENV A=b
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        aux <i>
                        Step 4/5 : FROM one
                         ---> <i>
                        Step 5/5 : USER 1
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        aux <i>
                        [Warning] One or more build-args [UNUSED Z] were not consumed
                        Successfully built <i>
                        Successfully tagged made:1
                        """);
    }

    @Test
    void failedStep() throws Exception {
        builder.on(
                "RUN false",
                (vertex, observer) -> {
                    observer.runsIn(vertex, ScriptedBuilder.SANDBOX);
                    observer.wrote(vertex, 1, ScriptedBuilder.bytes("oh\n"));
                    return 3;
                });
        var context = tar("Dockerfile", "FROM base\nENV A=b\nRUN false\nUSER 1\n");
        var said = new StringBuilder();
        assertThatThrownBy(
                        () -> builds.build(request(context), message -> said.append(text(message))))
                .isInstanceOf(ClassicFailure.class)
                .extracting(e -> ((ClassicFailure) e).code())
                .isEqualTo(3);
        assertThat(said.toString())
                .endsWith(
                        "Step 3/4 : RUN false\n ---> Running in "
                                + SHORT
                                + "\noh\n ---> Removed intermediate container "
                                + SHORT
                                + "\n");
        // What was done before it need not be done again.
        builder.on("RUN false", (vertex, observer) -> 0);
        assertThat(build(request(context))).contains("ENV A=b\n ---> Using cache\n");
    }

    @Test
    void quietBuildsTellTheImageOrAllOfAFailure() throws Exception {
        var context = tar("Dockerfile", "FROM base\nRUN false\n");
        String said = build(request(context, "", true, new TreeMap<>(), false));
        assertThat(said).matches("sha256:[0-9a-f]{64}\n");
        builder.on("RUN false # now", (vertex, observer) -> 1);
        var failing = tar("Dockerfile", "FROM base\nRUN false # now\n");
        var heard = new StringBuilder();
        assertThatThrownBy(() ->
                        builds.build(
                                request(failing, "", true, new TreeMap<>(), false),
                                message -> heard.append(text(message))))
                .isInstanceOf(ClassicFailure.class);
        assertThat(heard.toString()).startsWith("Step 1/2 : FROM base\n");
    }

    @Test
    void stepThatCannotBeDoneIsToldOfAtItsTurn() throws Exception {
        var context = tar("Dockerfile", "FROM base\nENV A=b\nEXPOSE x\nRUN make\n");
        var said = new StringBuilder();
        assertThatThrownBy(
                        () -> builds.build(request(context), message -> said.append(text(message))))
                .isInstanceOf(ClassicFailure.class)
                .hasMessage("Invalid containerPort: x");
        assertThat(masked(said.toString()))
                .isEqualTo(
                        """
                        Step 1/4 : FROM base
                         ---> <i>
                        Step 2/4 : ENV A=b
                         ---> Running in <c>
                         ---> Removed intermediate container <c>
                         ---> <i>
                        Step 3/4 : EXPOSE x
                        """);
    }

    @Test
    void nothingMade() throws Exception {
        var context = tar("Dockerfile", "FROM scratch\n");
        var said = new StringBuilder();
        assertThatThrownBy(
                        () -> builds.build(request(context), message -> said.append(text(message))))
                .isInstanceOf(ClassicFailure.class)
                .hasMessage("No image was generated. Is your Dockerfile empty?");
        assertThat(said.toString()).isEqualTo("Step 1/1 : FROM scratch\n ---> \n");
    }

    @Test
    void mistakesBeforeTheFirstMessage() throws Exception {
        assertThatThrownBy(() -> build(request(tar("f", "x"))))
                .isInstanceOf(Internal.class)
                .hasMessage("Cannot locate specified Dockerfile: Dockerfile");
        assertThatThrownBy(() -> build(request(tar("Dockerfile", ""))))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("the Dockerfile (Dockerfile) cannot be empty");
        assertThatThrownBy(() -> build(request(tar("Dockerfile", "FROM base\nBOGUS\n"))))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("dockerfile parse error on line 2: unknown instruction: BOGUS");
        assertThatThrownBy(() ->
                        build(
                                request(
                                        tar("Dockerfile", "FROM base\n"),
                                        "nope",
                                        false,
                                        new TreeMap<>(),
                                        false)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("target stage \"nope\" could not be found");
    }

    @Test
    void triggersOfTheBase() throws Exception {
        build(request(tar("Dockerfile", "FROM base\nONBUILD RUN make\nONBUILD ENV A=b\n")));
        String id = tags.getFirst().split(" ")[1];
        assertThat(masked(build(request(tar("Dockerfile", "FROM " + id + "\nUSER 1\n")))))
                .contains(
                        "# Executing 2 build triggers\n"
                                + " ---> Running in <c>\n"
                                + " ---> Removed intermediate container <c>\n"
                                + " ---> Running in <c>\n"
                                + " ---> Removed intermediate container <c>\n"
                                + " ---> <i>\n"
                                + "Step 2/2 : USER 1\n");
    }

    @Test
    void keepsContainersOfStepsIfAskedTo() throws Exception {
        builder.on(
                "RUN make",
                (vertex, observer) -> {
                    observer.runsIn(vertex, ScriptedBuilder.SANDBOX);
                    return 0;
                });

        String said = build(keeping(tar("Dockerfile", "FROM base\nENV A=1\nRUN make\n"), false));

        assertThat(said).contains("Running in " + SHORT).doesNotContain("Removed");
        assertThat(kept)
                .containsExactly(
                        "some_name /bin/sh|-c|#(nop) |ENV A=1 Created true",
                        "some_name /bin/sh|-c|make Exited true");
    }

    @Test
    void tellsOfTheContainersOfSteps() throws Exception {
        builder.on(
                "RUN make",
                (vertex, observer) -> {
                    observer.runsIn(vertex, ScriptedBuilder.SANDBOX);
                    return 3;
                });
        var heard = new ArrayList<String>();
        try (Events.Subscription all =
                events.subscribe(Optional.empty(), event -> event.type().equals("container"))) {
            byte[] context = tar("Dockerfile", "FROM base\nLABEL a=1\nRUN make\n");
            assertThatThrownBy(() -> build(request(context))).isInstanceOf(ClassicFailure.class);
            for (int i = 0; i < 7; i++) {
                var event = all.next(null).orElseThrow();
                assertThat(event.attributes())
                        .containsEntry("name", "some_name")
                        .containsEntry("a", "1");
                heard.add(event.action() + event.attributes().getOrDefault("exitCode", ""));
            }
        }

        assertThat(heard)
                .containsExactly(
                        "create", "destroy", "create", "attach", "start", "die3", "destroy");
    }
}
