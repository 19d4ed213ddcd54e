package dev.corten.cli.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.cli.container.ListContainers;
import dev.corten.cli.container.RemoveContainers;
import dev.corten.cli.container.RunCommand;
import dev.corten.cli.failure.UsageFailure;
import dev.corten.model.Suggestions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlagTableTest {
    private static Flags run(String... args) {
        return new RunCommand().flags().parse(List.of(args), false);
    }

    private static Flags ps(String... args) {
        return new ListContainers().flags().parse(List.of(args), true);
    }

    @Test
    void shortFlagsJoin() {
        assertThat(run("-it", "a").isSet("interactive")).isTrue();
        assertThat(run("-it", "a").isSet("tty")).isTrue();
        assertThat(run("-it=false", "a").isSet("tty")).isFalse();
        assertThat(run("-itw/x", "a").text("workdir")).isEqualTo("/x");
        assertThat(run("-w=/x", "a").text("workdir")).isEqualTo("/x");
        assertThat(ps("-aq").isSet("quiet")).isTrue();
        assertThat(ps("-n3").integer("last", -1)).isEqualTo(3);
    }

    @Test
    void longFlagsTakeTheirValueEitherWay() {
        assertThat(run("--name=a=b", "i").text("name")).isEqualTo("a=b");
        assertThat(run("--name", "x", "i").text("name")).isEqualTo("x");
        assertThat(run("--rm", "i").arguments()).containsExactly("i");
        assertThat(run("--rm=false", "i").isSet("rm")).isFalse();
        assertThat(run("--net", "host", "i").list("network")).containsExactly("host");
    }

    @Test
    void optionsAfterTheImageBelongToTheCommand() {
        Flags flags = run("-d", "busybox", "ls", "-l", "--name", "x");
        assertThat(flags.arguments()).containsExactly("busybox", "ls", "-l", "--name", "x");
        assertThat(flags.isGiven("name")).isFalse();
        assertThat(run("--", "-d").arguments()).containsExactly("-d");
    }

    @Test
    void optionsMayFollowArgumentsElsewhere() {
        Flags flags =
                new RemoveContainers().flags().parse(List.of("a", "-f", "b", "--", "-v"), true);
        assertThat(flags.isSet("force")).isTrue();
        assertThat(flags.arguments()).containsExactly("a", "b", "-v");
    }

    @Test
    void listsCollectAndTheLastOfOthersCounts() {
        Flags flags = run("-e", "A=1", "--env", "B=2", "--name", "x", "--name", "y", "i");
        assertThat(flags.list("env")).containsExactly("A=1", "B=2");
        assertThat(flags.text("name")).isEqualTo("y");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nam|unknown flag: --nam",
                "-z|unknown shorthand flag: 'z' in -z",
                "-iz|unknown shorthand flag: 'z' in -z",
                "--=x|bad flag syntax: --=x",
                "---x|bad flag syntax: ---x",
                "--name|flag needs an argument: --name",
                "-e|flag needs an argument: 'e' in -e",
                "--rm=xyz|invalid argument \"xyz\" for \"--rm\" flag: strconv.ParseBool: parsing"
                        + " \"xyz\": invalid syntax",
                "-m=abc|invalid argument \"abc\" for \"-m, --memory\" flag: invalid size: 'abc'",
                "--cpus=abc|invalid argument \"abc\" for \"--cpus\" flag: failed to parse abc as a"
                        + " rational number",
                "--pids-limit=x|invalid argument \"x\" for \"--pids-limit\" flag:"
                        + " strconv.ParseInt: parsing \"x\": invalid syntax",
                "-e==x|invalid argument \"=x\" for \"-e, --env\" flag: invalid environment"
                        + " variable: =x",
                "--ulimit=x|invalid argument \"x\" for \"--ulimit\" flag: invalid ulimit argument:"
                        + " x",
                "--mount=x|invalid argument \"x\" for \"--mount\" flag: invalid field 'x' must be a"
                        + " key=value pair",
                "--health-interval=x|invalid argument \"x\" for \"--health-interval\" flag: time:"
                        + " invalid duration \"x\"",
                "-a=foo|invalid argument \"foo\" for \"-a, --attach\" flag: valid streams are"
                        + " STDIN, STDOUT and STDERR",
            })
    void refusalsUseTheWordsOfPflag(String argument, String message) {
        assertThatThrownBy(() -> run(argument))
                .isInstanceOf(UsageFailure.class)
                .message()
                .startsWith(message);
    }

    @Test
    void nearNamesAreSuggested() {
        assertThatThrownBy(() -> run("--no-helthcheck"))
                .message()
                .endsWith("Did you mean --no-healthcheck?");
        assertThat(Suggestions.nearest("rnu", List.of("run", "rm"))).isEqualTo("run");
        assertThat(Suggestions.nearest("connet", List.of("connect", "create")))
                .isEqualTo("connect");
        assertThat(Suggestions.nearest("xyzzy", List.of("run", "ps"))).isEmpty();
    }
}
