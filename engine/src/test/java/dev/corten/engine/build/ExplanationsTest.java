package dev.corten.engine.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.solve.Listener.Decision;
import dev.corten.build.solve.Operation;
import dev.corten.build.solve.Vertex;
import dev.corten.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationsTest {
    private final Explanations explanations = new Explanations();
    private final List<String> told = new ArrayList<>();

    private record Step(Digest definition, boolean readsPart) implements Operation {
        @Override
        public boolean readsPartOf(int input) {
            return readsPart && input == 1;
        }
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Vertex source(String name) {
        return new Vertex(name, new Step(digest(name), false), List.of());
    }

    private static Vertex copy(String name, String definition) {
        return new Vertex(
                name,
                new Step(digest(definition), true),
                List.of(source("[1/2] FROM busybox"), source("[internal] load build context")));
    }

    private String runs(String project, Vertex vertex, String... inputs) {
        List<Digest> digests = List.of(inputs).stream().map(ExplanationsTest::digest).toList();
        told.clear();
        explanations
                .of(project, (step, why) -> told.add(why))
                .decided(vertex, Decision.RUNS, digests);
        return String.join("; ", told);
    }

    @Test
    void saysWhichInputHasChanged() {
        Vertex copy = copy("[2/2] COPY . /", "copy");
        assertThat(runs("web", copy, "base", "files"))
                .isEqualTo("it was not built since the daemon has started");
        assertThat(runs("web", copy, "base", "others"))
                .isEqualTo("files that it reads of [internal] load build context changed");
        assertThat(runs("web", copy, "another", "others"))
                .isEqualTo("the result of [1/2] FROM busybox changed");
        assertThat(runs("web", copy, "another", "others"))
                .isEqualTo("its result was removed from the cache");
    }

    @Test
    void saysWhatElseItIsNow() {
        runs("web", copy("[2/2] COPY . /", "copy"), "base", "files");
        assertThat(runs("web", copy("[2/2] COPY . /", "with mode"), "base", "files"))
                .isEqualTo("its definition has changed: flags, variables, user or directory");
        assertThat(runs("web", copy("[2/2] COPY a /", "other"), "base", "files"))
                .isEqualTo("it is another step now, it was [2/2] COPY . /");
    }

    @Test
    void doesNotCompareWithAnotherProject() {
        runs("web", copy("[2/2] COPY . /", "copy"), "base", "files");
        assertThat(runs("shop", copy("[2/2] COPY . /", "copy"), "base", "others"))
                .isEqualTo("it was not built since the daemon has started");
    }

    @Test
    void nothingIsSaidOfWhatIsMadeOfNothing() {
        assertThat(runs("web", source("[1/2] FROM busybox"))).isEmpty();
    }
}
