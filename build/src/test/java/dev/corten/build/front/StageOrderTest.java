package dev.corten.build.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Stage;
import dev.corten.model.InvalidParameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StageOrderTest {
    private static StageOrder order(String text, String target) throws DockerfileException {
        return StageOrder.of(Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8)), target);
    }

    private static final String DIAMOND =
            """
            FROM x AS base
            FROM base AS left
            FROM base AS right
            RUN --mount=from=tools,target=/t true
            FROM y AS unused
            FROM scratch AS Tools
            FROM left
            COPY --from=2 /a /b
            COPY --from=image:1 /a /b
            """;

    @Test
    void onlyWhatTheTargetNeeds() throws Exception {
        StageOrder order = order(DIAMOND, "");
        assertThat(order.target().index()).isEqualTo(5);
        assertThat(order.wanted()).extracting(Stage::index).containsExactly(0, 1, 2, 4, 5);
        assertThat(order(DIAMOND, "LEFT").wanted()).extracting(Stage::index).containsExactly(0, 1);
        assertThat(order(DIAMOND, "3").wanted()).extracting(Stage::index).containsExactly(3);
    }

    @Test
    void aBaseIsAnEarlierStageOnly() throws Exception {
        StageOrder order = order("FROM b AS a\nFROM a AS b\n", "");
        assertThat(order.base(order.wanted().getFirst())).isEmpty();
        assertThat(order.wanted()).extracting(Stage::label).containsExactly("a", "b");
        // The nearest one of two with the same name.
        order = order("FROM x AS n\nFROM y AS n\nFROM n\n", "");
        assertThat(order.wanted()).extracting(Stage::index).containsExactly(1, 2);
    }

    @Test
    void aBaseIsMeantByWhatItsVariablesSay() throws Exception {
        Dockerfile file =
                Dockerfile.parse(
                        "ARG B=one\nFROM x AS one\nFROM x AS two\nFROM ${B}\n"
                                .getBytes(StandardCharsets.UTF_8));
        StageOrder order =
                StageOrder.of(
                        file, "", stage -> stage.from().base().replace("${B}", "Two"), List.of());
        assertThat(order.wanted()).extracting(Stage::label).containsExactly("two", "2");
    }

    @Test
    void aContextTakesThePlaceOfAStage() throws Exception {
        Dockerfile file =
                Dockerfile.parse(
                        "FROM x AS one\nFROM one AS two\nCOPY --from=ONE / /\n"
                                .getBytes(StandardCharsets.UTF_8));
        StageOrder order = StageOrder.of(file, "", stage -> stage.from().base(), List.of("One"));
        assertThat(order.wanted()).extracting(Stage::label).containsExactly("two");
        assertThat(order.base(order.target())).isEmpty();
    }

    @Test
    void circlesAndStagesThatAreNotThereAreRefused() {
        assertThatThrownBy(() ->
                        order(
                                "FROM x AS a\nCOPY --from=b /x /x\nFROM x AS b\n"
                                        + "COPY --from=a /x /x\n",
                                ""))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageStartingWith("circular dependency detected on stage: ");
        assertThatThrownBy(() -> order("FROM x AS a\nCOPY --from=a /x /x\n", ""))
                .hasMessage("circular dependency detected on stage: a");
        assertThatThrownBy(() -> order("FROM x\nCOPY --from=5 /x /x\n", ""))
                .hasMessage("invalid stage index 5");
        assertThatThrownBy(() -> order("FROM x\n", "nope"))
                .hasMessage("target stage \"nope\" could not be found");
    }
}
