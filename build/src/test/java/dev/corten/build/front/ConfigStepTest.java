package dev.corten.build.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.ImageConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigStepTest {
    private static ImageConfig after(String body) throws DockerfileException {
        Dockerfile file =
                Dockerfile.parse(("FROM scratch\n" + body).getBytes(StandardCharsets.UTF_8));
        ImageConfig config = ImageConfig.EMPTY;
        var variables = Variables.of(List.of());
        for (Instruction written : file.stages().getFirst().instructions()) {
            Instruction instruction =
                    Expander.expand(written, file.escape(), variables).instruction();
            config = ConfigStep.apply(config, instruction);
            if (instruction instanceof Instruction.Env env) {
                env.assignments().forEach(a -> variables.set(a.name(), String.valueOf(a.value())));
            }
        }
        return config;
    }

    @Test
    void variablesAreReplacedByWhatTheyWereBeforeTheInstruction() throws Exception {
        assertThat(after("ENV a=1\nENV a=2 b=$a\nENV c \"x  y\" $b").env())
                .containsExactly("a=2", "b=1", "c=x  y 1");
    }

    @Test
    void everythingThatAnImageKeeps() throws Exception {
        ImageConfig config =
                after(
                        """
                        ENV dir=app port=80
                        WORKDIR /usr
                        WORKDIR $dir/../src/./
                        EXPOSE $port 53/UDP 9000-9001
                        VOLUME /v ["/w"]
                        VOLUME ["/x y"]
                        USER "me:us"
                        LABEL a=b "c d"='e $port' f="$port"
                        STOPSIGNAL SIGQUIT
                        SHELL ["/bin/bash", "-c"]
                        CMD run $port
                        ENTRYPOINT ["/e"]
                        ONBUILD RUN $x
                        """);
        assertThat(config.workingDir()).isEqualTo("/usr/src");
        assertThat(config.exposedPorts())
                .containsExactly("53/udp", "80/tcp", "9000/tcp", "9001/tcp");
        assertThat(config.volumes()).containsExactly("/v", "/x y", "[/w]");
        assertThat(config.user()).isEqualTo("me:us");
        assertThat(config.labels())
                .containsEntry("a", "b")
                .containsEntry("c d", "e $port")
                .containsEntry("f", "80");
        assertThat(config.stopSignal()).isEqualTo("SIGQUIT");
        assertThat(config.cmd()).containsExactly("/bin/bash", "-c", "run $port");
        assertThat(config.entrypoint()).containsExactly("/e");
        assertThat(config.onBuild()).containsExactly("RUN $x");
    }

    @ParameterizedTest
    @CsvSource({
        "EXPOSE 99999, invalid containerPort: 99999",
        "EXPOSE a, invalid containerPort: a",
        "EXPOSE 80/icmp, invalid proto: icmp",
        "VOLUME $nothing, VOLUME specified can not be an empty string",
    })
    void refuses(String body, String complaint) {
        assertThatThrownBy(() -> after(body))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(complaint);
    }

    @Test
    void documentsAreExpandedUnlessTheirNameIsQuoted() throws Exception {
        Dockerfile file =
                Dockerfile.parse(
                        "FROM scratch\nCOPY <<a <<'b' /d/\nit's $x\na\nit's $x\nb\n"
                                .getBytes(StandardCharsets.UTF_8));
        var variables = Variables.of(List.of("x=1"));
        Instruction written = file.stages().getFirst().instructions().getFirst();
        var copy = (Instruction.Copy) Expander.expand(written, '\\', variables).instruction();
        assertThat(copy.sources().documents())
                .extracting(document -> document.content())
                .containsExactly("it's 1\n", "it's $x\n");
    }
}
