package dev.corten.engine.container.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    private final Names names = new Names(new Random(42));
    private final ContainerId first = id('a');
    private final ContainerId second = id('b');

    private static ContainerId id(char digit) {
        return new ContainerId("ab" + String.valueOf(digit).repeat(62));
    }

    @Test
    void aTakenNameIsAConflictInDockersWords() {
        names.reserve(Optional.of("/web"), first);
        assertThatThrownBy(() -> names.reserve(Optional.of("web"), second))
                .isInstanceOf(Conflict.class)
                .hasMessage(
                        "Conflict. The container name \"/web\" is already in use by container \""
                                + first
                                + "\". You have to remove (or rename) that container to be able to"
                                + " reuse that name.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "-ab", "a b", "a/b", "//", "ä1", ".x"})
    void aBadNameIsRefused(String name) {
        assertThatThrownBy(() -> names.reserve(Optional.of(name), first))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(
                        "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
                        name);
    }

    @Test
    void resolvesIdThenNameThenPrefix() {
        names.reserve(Optional.of("web"), first);
        names.reserve(Optional.of("abb"), second);
        assertThat(names.resolve(first.hex())).isEqualTo(first);
        assertThat(names.resolve("/web")).isEqualTo(first);
        assertThat(names.resolve("aba")).isEqualTo(first);
        assertThat(names.resolve("abb")).isEqualTo(second);
        assertThatThrownBy(() -> names.resolve("ab"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("multiple IDs found with provided prefix: ab");
        assertThatThrownBy(() -> names.resolve("zz"))
                .isInstanceOf(NotFound.class)
                .hasMessage("No such container: zz");
    }

    @Test
    void madeUpNamesAreNeverTaken() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 5000; i++) {
            assertThat(seen.add(names.reserve(Optional.empty(), ContainerId.random()))).isTrue();
        }
    }

    @Test
    void aReleasedNameCanBeTaken() {
        names.reserve(Optional.of("web"), first);
        names.release("web", first);
        assertThat(names.reserve(Optional.of("web"), second)).isEqualTo("web");
    }

    @Test
    void renameKeepsToTheRules() {
        names.reserve(Optional.of("web"), first);
        names.reserve(Optional.of("db"), second);
        assertThatThrownBy(() -> names.rename(first, "web", "web"))
                .hasMessage("Renaming a container with the same name as its current name");
        assertThatThrownBy(() -> names.rename(first, "web", "db"))
                .hasMessageStartingWith("Error when allocating new name: Conflict.");
        assertThat(names.rename(first, "web", "/www")).isEqualTo("www");
        assertThat(names.resolve("www")).isEqualTo(first);
        // Nobody gets the old name before the new one is written down.
        assertThat(names.resolve("web")).isEqualTo(first);
        assertThatThrownBy(() -> names.rename(second, "db", "web")).isInstanceOf(Conflict.class);
        names.free("web", first);
        assertThatThrownBy(() -> names.resolve("web")).isInstanceOf(NotFound.class);
    }
}
