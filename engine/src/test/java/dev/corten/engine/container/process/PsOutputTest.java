package dev.corten.engine.container.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Internal;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The host's `ps`, cut down to one container.
class PsOutputTest {
    @Test
    void onlyTheContainersProcessesAreKept() {
        ProcessTable table =
                PsOutput.parse("  PID CMD\n    1 init  now\n   20 sleep   1000\n", Set.of(20, 21));
        assertThat(table.titles()).containsExactly("PID", "CMD");
        assertThat(table.rows()).containsExactly(List.of("20", "sleep 1000"));
    }

    @Test
    void threadsGoWithTheirProcess() {
        ProcessTable table =
                PsOutput.parse("PID LWP\n1 -\n- 1\n20 -\n- 20\n- 22\n30 -\n- 30\n", Set.of(20));
        assertThat(table.rows())
                .containsExactly(List.of("20", "-"), List.of("-", "20"), List.of("-", "22"));
    }

    @Test
    void withoutTheNumberNobodyKnowsWhoseProcessItIs() {
        assertThatThrownBy(() -> PsOutput.parse("COMMAND\nsleep\n", Set.of(1)))
                .isInstanceOf(Internal.class)
                .hasMessage("Couldn't find PID field in ps output");
        assertThatThrownBy(() -> PsOutput.check("-o ppid=PID"))
                .hasMessage("specifying \"ppid=PID\" is not allowed");
        PsOutput.check("-o pid=PID");
    }
}
