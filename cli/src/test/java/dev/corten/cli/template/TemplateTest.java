package dev.corten.cli.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.client.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is expected here was printed by docker 28.2.
class TemplateTest {
    private static final String DATA =
            """
            {"Id":"abc","N":5,"T":true,"F":false,"L":["x","y"],"Z":null,
             "Net":{"b":{"IP":"2"},"a":{"IP":"1"}},"Labels":{"com.x":"v"},"Html":"<&>"}\
            """;

    private static final String CONTAINER =
            """
            {"Id":"4e38","Name":"/web","State":{"Status":"created","Pid":0},
             "Config":{"Env":["PATH=/bin","A=b"],"Labels":{"a":"b","c.d":"e"},"Volumes":null},
             "HostConfig":{"LogConfig":{"Type":"json-file","Config":{}},"ConsoleSize":[0,0],
             "PidsLimit":null,"Memory":64,"NanoCpus":1500000000,"PortBindings":
             {"80/tcp":[{"HostIp":"","HostPort":"8080"}]}},"Mounts":[],"ExecIDs":null}\
            """;

    private static Json json(String text) throws IOException {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String apply(String template) throws IOException {
        return Template.parse(template).apply(Value.of(json(DATA), Shape.ANY));
    }

    private static Value container() throws IOException {
        return Value.of(json(CONTAINER), Shapes.get("container.InspectResponse"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain~plain",
                "{{.Id}}-{{ .N }}~abc-5",
                "{{json .L}} {{json .Html}}~[\"x\",\"y\"] \"<&>\"",
                "{{.L}} {{.Labels}} {{.Z}}~[x y] map[com.x:v] <no value>",
                "{{range .Net}}{{.IP}},{{end}}~1,2,",
                "{{range $k, $v := .Net}}{{$k}}={{$v.IP}} {{end}}~a=1 b=2 ",
                "{{range $i, $e := .L}}{{$i}}{{$e}}{{end}}~0x1y",
                "{{range $e := .L}}{{$e}}{{$.Id}}{{end}}~xabcyabc",
                "{{range .L}}{{if eq . \"y\"}}{{break}}{{end}}{{.}}{{end}}~x",
                "{{range .L}}{{if eq . \"x\"}}{{continue}}{{end}}{{.}}{{end}}~y",
                "{{range 3}}{{.}},{{end}}~0,1,2,",
                "{{range $i, $c := 2}}{{$i}}{{$c}} {{end}}~00 11 ",
                "{{if .T}}yes{{else}}no{{end}}~yes",
                "{{if .F}}a{{else if .T}}b{{else}}c{{end}}~b",
                "{{with .Z}}a{{else with .Id}}{{.}}{{end}}~abc",
                "{{if and .T (not .F)}}x{{end}}~x",
                "{{if eq .Id \"abc\"}}same{{end}}~same",
                "{{eq .N 1 5}} {{ne .N 5}} {{lt 1 2}} {{ge .N 5}} {{gt \"b\" \"a\"}}~true false true"
                        + " true true",
                "{{with .Net}}{{.a.IP}}{{end}}~1",
                "{{with $x := .Id}}{{$x}}{{.}}{{end}}~abcabc",
                "{{with .Z}}x{{else}}none{{end}}~none",
                "{{range .Z}}x{{else}}empty{{end}}~empty",
                "{{index .Labels \"com.x\"}}{{index .L 1}}~vy",
                "{{index .Net \"a\" \"IP\"}}~1",
                "{{.Id | upper | printf \"%-5s|\"}}~ABC  |",
                "{{join .L \", \"}}~x, y",
                "{{len .L}}{{truncate .Id 2}}{{pad .Id 1 2}}.~2ab abc  .",
                "{{len .Id}}{{len .Net}}~32",
                "{{$x := .Id}}{{$x}}{{$.N}}~abc5",
                "{{$x := 1}}{{range .L}}{{$x = .}}{{end}}{{$x}}~y",
                "a {{- .Id -}} b~aabcb",
                "a {{- /* trimmed */ -}} b~ab",
                "{{/* nothing */}}x~x",
                "{{(index .Net \"b\").IP}}~2",
                "{{println .Id}}~abc\\n",
                "{{\"}}\"}}~}}",
                "{{`a\\n`}}~a\\\\n",
                "{{(split \"a:b\" \":\")}}~[a b]",
                "{{title \"hello wOrld-x\"}}~Hello WOrld-X",
                "{{slice .Id 1 3}} {{html \"<a>\"}} {{js \"a'b\"}} {{urlquery \"a b&c\"}}~bc &lt;a&gt;"
                        + " a\\'b a+b%26c",
                "{{print 1 2 \"x\" \"y\" 3}}~1 2xy3",
                "{{and 1 0}} {{or \"\" \"x\"}} {{not true}} {{1.5}} {{0x10}} {{1e3}} {{'a'}}~0 x"
                        + " false 1.5 16 1000 97",
                "{{printf \"%d %s %v %q %5.2f|%05d|%x|%t|%%\" 5 \"a\" true \"b\" 3.14159 42 255"
                        + " false}}~5 a true \"b\"  3.14|00042|ff|false|%",
                "{{printf \"%d\" \"a\"}} {{printf \"%s\"}} {{printf \"x\" 1}}~%!d(string=a)"
                        + " %!s(MISSING) x%!(EXTRA int=1)",
                "{{define \"x\"}}[{{.}}]{{end}}{{template \"x\" .Id}}~[abc]",
                "{{block \"y\" .Id}}<{{.}}>{{end}}~<abc>",
                "{{.Nope}} {{.Labels.zz}}~<no value> <no value>",
                "{{if .Nope}}a{{else}}b{{end}}~b",
                "{{.Id|upper|lower|len}}~3"
            })
    void templates(String template, String expected) throws IOException {
        assertThat(apply(template))
                .isEqualTo(
                        expected.replace("\\\\n", "\0").replace("\\n", "\n").replace("\0", "\\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{{.Id~unclosed action",
                "{{foo .Id}}~function \"foo\" not defined",
                "{{if .T}}x~unexpected EOF",
                "{{end}}~unexpected {{end}}",
                "{{else}}~unexpected {{else}}",
                "{{range .L}}{{else}}{{else}}{{end}}~expected end; found {{else}}",
                "{{}}~missing value for command",
                "{{if}}x{{end}}~missing value for if",
                "{{\"abc}}~unterminated quoted string",
                "{{(.Id}}~unclosed left paren",
                "{{.Id)}}~unexpected right paren",
                "{{\"a\" | 3}}~non executable command in pipeline stage 2",
                "{{x:=3}}~function \"x\" not defined",
                "{{$x}}~undefined variable \"$x\"",
                "{{/* a */ }}~comment ends before closing delimiter",
                "{{/* a~unclosed comment",
                "{{.Na%me}}~bad character U+0025 '%'",
                "{{@}}~unexpected \"@\" in command",
                "{{range .L}}{{else if}}{{end}}~unexpected <if> in input",
                "{{break}}~{{break}} outside {{range}}",
                "{{range $a, $b, $c := .L}}{{end}}~too many declarations in range",
                "{{1a}}~bad number syntax: \"1a\""
            })
    void whatIsNotUnderstoodIsRefused(String template, String message) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(TemplateFailure.class)
                .hasMessage("template: :1: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{{index .L 5}}~2~index .L 5~error calling index: index out of range: 5",
                "{{len 3}}~2~len 3~error calling len: len of type int",
                "{{lower 3}}~8~3~expected string; found 3",
                "{{join .Id \",\"}}~7~.Id~wrong type for value; expected []string; got string",
                "{{truncate .Id}}~2~truncate~wrong number of args for truncate: want 2 got 1",
                "{{eq 1 \"a\"}}~2~eq 1 \"a\"~error calling eq: incompatible types for comparison",
                "{{lt 1 2.5}}~2~lt 1 2.5~error calling lt: incompatible types for comparison",
                "{{.Id .N}}~2~.Id~Id is not a method but has arguments",
                "{{3 4}}~2~3~can't give argument to non-function 3",
                "{{nil}}~2~nil~nil is not a command",
                "{{range .Id}}x{{end}}~8~.Id~range can't iterate over abc",
                "{{template \"x\"}}~11~{{template \"x\"}}~template \"x\" not defined",
                "{{.Id.X}}~5~.Id.X~can't evaluate field X in type string"
            })
    void whatCannotBeDoneIsSaidWithItsPlace(
            String template, int column, String node, String message) {
        assertThatThrownBy(() -> apply(template))
                .isInstanceOf(TemplateFailure.class)
                .hasMessage(
                        "template: :1:"
                                + column
                                + ": executing \"\" at <"
                                + node
                                + ">: "
                                + message);
    }

    @Test
    void theLineIsSaid() {
        assertThatThrownBy(() -> Template.parse("a\n{{.Foo"))
                .hasMessage("template: :2: unclosed action");
        assertThatThrownBy(() -> apply("a\nä{{len 3}}")).hasMessageContaining(":2:4: executing");
    }

    @Test
    void absentMembersAreErrorsWhenStrict() throws IOException {
        Value data = Value.of(json(DATA), Shape.ANY);
        assertThatThrownBy(() -> Template.parse("{{.Net.q.r}}").applyStrictly(data))
                .hasMessage(
                        "template: :1:6: executing \"\" at <.Net.q.r>: map has no entry for key"
                                + " \"q\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{{.ID}} {{.State.Status}}~4e38 created",
                "{{if .State.Health}}x{{else}}none{{end}}~none",
                "{{.State}}~{created false false false false false 0 0    <nil>}",
                "{{.HostConfig.PidsLimit}} {{.ExecIDs}} {{.State.Health}} {{.Config.Volumes}}~<nil> []"
                        + " <nil> map[]",
                "{{.HostConfig.LogConfig}} {{.HostConfig.RestartPolicy}}~{json-file map[]} { 0}",
                "{{.HostConfig.Memory}} {{.HostConfig.NanoCPUs}}~64 1500000000",
                "{{index .Config.Labels \"zz\"}}|{{.Config.Labels.zz}}~|<no value>",
                "{{(index (index .HostConfig.PortBindings \"80/tcp\") 0).HostPort}}~8080",
                "{{json .State}}~{\"Status\":\"created\",\"Pid\":0}",
                "{{range .Config.Env}}{{.}};{{end}}~PATH=/bin;A=b;"
            })
    void whatDockersTypesKnow(String template, String expected) throws IOException {
        assertThat(Template.parse(template).apply(container()).strip()).isEqualTo(expected);
    }

    @Test
    void unknownFieldsOfTypesAreNamedWithTheirType() {
        assertThatThrownBy(() -> Template.parse("{{.State.Nope}}").apply(container()))
                .hasMessageEndingWith("can't evaluate field Nope in type *container.State");
        assertThatThrownBy(() -> Template.parse("{{.State.Health.Status}}").apply(container()))
                .hasMessageEndingWith("nil pointer evaluating *container.Health.Status");
    }

    @Test
    void timesAndDurations() throws IOException {
        Value network =
                Value.of(
                        json("{\"Created\":\"2026-11-21T17:38:30.233703575Z\"}"),
                        Shapes.get("network.Inspect"));
        assertThat(Template.parse("{{.Created}}").apply(network))
                .isEqualTo("2026-11-21 17:38:30.233703575 +0000 UTC");
        Value health =
                Value.of(
                        json("{\"Interval\":5000000000,\"Timeout\":90500000000}"),
                        Shapes.get("v1.HealthcheckConfig"));
        assertThat(Template.parse("{{.Interval}} {{.Timeout}} {{.StartPeriod}}").apply(health))
                .isEqualTo("5s 1m30.5s 0s");
    }

    @Test
    void rowsHaveLabelsByName() throws IOException {
        Value row =
                Value.of(
                        json("{\"ID\":\"a\",\"map\":{\"com.x\":\"v\"}}"),
                        Shape.row("formatter.ContainerContext", List.of("ID"), "map"));
        Template template = Template.parse("{{.ID}} {{.Label \"com.x\"}}|{{.Label \"no\"}}");
        assertThat(template.apply(row)).isEqualTo("a v|");
        assertThat(Template.parse("{{.Label \"com.x-y\"}} {{upper .ID}}").applyToTitles(row))
                .isEqualTo("x y a");
        assertThatThrownBy(() -> Template.parse("{{.Nope}}").apply(row))
                .hasMessageEndingWith(
                        "can't evaluate field Nope in type *formatter.ContainerContext");
        assertThatThrownBy(() -> Template.parse("{{.ID 3}}").apply(row))
                .hasMessageEndingWith("wrong number of args for ID: want 0 got 1");
    }

    @Test
    void endlessInclusionEnds() {
        assertThatThrownBy(
                        () -> apply("{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}"))
                .hasMessageContaining("exceeded maximum template depth");
    }
}
