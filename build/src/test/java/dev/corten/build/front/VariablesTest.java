package dev.corten.build.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VariablesTest {
    @Test
    void theLaterOneWins() {
        var variables = Variables.of(List.of("PATH=/bin", "X=image"));
        variables.set("X", "env");
        variables.declare("X", "arg");
        assertThat(variables.get("X")).isEqualTo("arg");
        assertThat(variables.arguments(true)).containsExactly("X=arg");
    }

    /// What BuildKit writes into the history of such a build.
    @Test
    void aStageOnAStageKeepsItsArguments() {
        var first = Variables.of(List.of());
        first.set("X", "env");
        first.declare("X", "arg");
        first.declare("G", "global");
        first.declare("N", null);
        first.set("G", "fromenv");
        Variables second = first.inherited(List.of("X=env", "G=fromenv"));
        assertThat(second.arguments(true)).containsExactly("X=env", "G=fromenv", "N=");
        second.set("Y", "1");
        assertThat(first.get("Y")).isNull();
    }

    @Test
    void whatNobodyAskedForIsUnused() {
        var amd64 = new Platform("linux", "amd64", "");
        var given = Map.of("A", "1", "B", "2", "http_proxy", "p", "BUILDKIT_INLINE_CACHE", "1");
        var arguments = new BuildArguments(given, amd64, amd64, "default");
        assertThat(arguments.take("A")).isEqualTo("1");
        assertThat(arguments.unused()).containsExactly("B");
        assertThat(arguments.proxies()).containsExactly(Map.entry("http_proxy", "p"));
        assertThat(arguments.platforms())
                .containsEntry("TARGETPLATFORM", "linux/amd64")
                .containsEntry("BUILDARCH", "amd64");
    }
}
