package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.image.ImageConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Docker 28.5.2 makes of `commit --change`.
final class ConfigChangeTest {
    private static ImageConfig apply(String... changes) {
        return ConfigChange.apply(ImageConfig.EMPTY, List.of(changes));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    BOGUS                               | BOGUS is not a valid change command
                    SHELL ["a"]                         | SHELL is not a valid change command
                    ENV                                 | ENV requires at least one argument
                    ENV A                               | ENV must have two arguments
                    ENV =b                              | ENV names can not be blank
                    ENV a=b c                           | Syntax error - can't find = in "c". Must be of the form: name=value
                    EXPOSE abc                          | Invalid containerPort: abc
                    EXPOSE 99999                        | Invalid containerPort: 99999
                    EXPOSE 82-80                        | Invalid containerPort: 82-80
                    EXPOSE 80/foo                       | Invalid proto: foo
                    USER                                | USER requires exactly one argument
                    WORKDIR                             | WORKDIR requires exactly one argument
                    STOPSIGNAL                          | STOPSIGNAL requires exactly one argument
                    STOPSIGNAL x                        | invalid signal: x
                    VOLUME                              | VOLUME requires at least one argument
                    CMD ["a", 1]                        | when using JSON array syntax, arrays must be comprised of strings only
                    HEALTHCHECK                         | HEALTHCHECK requires at least one argument
                    HEALTHCHECK --foo=1 CMD x           | unknown flag: --foo
                    HEALTHCHECK --interval CMD a        | missing a value on flag: --interval
                    HEALTHCHECK --interval=x CMD x      | time: invalid duration "x"
                    HEALTHCHECK --interval=1us CMD x    | Interval "interval" cannot be less than 1ms
                    HEALTHCHECK --interval=-1s CMD x    | Interval "interval" cannot be less than 1ms
                    HEALTHCHECK --retries=x CMD a       | strconv.ParseInt: parsing "x": invalid syntax
                    HEALTHCHECK --retries=-1 CMD a      | --retries cannot be negative (-1)
                    HEALTHCHECK NONE x                  | HEALTHCHECK NONE takes no arguments
                    HEALTHCHECK CMD                     | Missing command after HEALTHCHECK CMD
                    """)
    void whatIsWrongIsSaidInDockersWords(String change, String message) {
        assertThatThrownBy(() -> apply(change))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(message);
    }

    @Test
    void oneArgumentMayHaveBlanks() {
        assertThat(apply("USER a b").user()).isEqualTo("a b");
        assertThat(apply("WORKDIR \"a b\"").workingDir()).isEqualTo("/a b");
        assertThat(apply("ENV A b   c").env()).containsExactly("A=b   c");
        assertThat(apply("STOPSIGNAL 9").stopSignal()).isEqualTo("9");
    }

    @Test
    void anEmptyCommandIsTheShell() {
        assertThat(apply("cmd").cmd()).containsExactly("/bin/sh", "-c");
        assertThat(apply("CMD []").cmd()).isEmpty();
        assertThat(apply("ENTRYPOINT [\"x\"]", "ENTRYPOINT").entrypoint()).containsExactly("x");
    }

    @Test
    void ports() {
        assertThat(apply("EXPOSE 80-81/UDP 1:90 0").exposedPorts())
                .containsExactly("0/tcp", "80/udp", "81/udp", "90/tcp");
    }

    @Test
    void variablesAreWhatTheEnvironmentSays() {
        var config =
                apply(
                        "ENV P=/bin X=1",
                        "ENV Q=${P}:/b R='$P' S=\\$P T=\"$P\" U=$N V=${N:-o} W=${P:+i}",
                        "WORKDIR $P/x",
                        "LABEL a=\"$P\"",
                        "USER $NOBODY",
                        "EXPOSE 8$X",
                        "CMD echo $P");
        assertThat(config.env())
                .containsExactly(
                        "P=/bin", "X=1", "Q=/bin:/b", "R=$P", "S=$P", "T=/bin", "U=", "V=o", "W=i");
        assertThat(config.workingDir()).isEqualTo("/bin/x");
        assertThat(config.labels()).containsEntry("a", "/bin");
        assertThat(config.user()).isEmpty();
        assertThat(config.exposedPorts()).containsExactly("81/tcp");
        assertThat(config.cmd()).containsExactly("/bin/sh", "-c", "echo $P");
    }
}
