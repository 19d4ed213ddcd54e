package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.client.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateTest {
    private static final String DATA =
            """
            {"Id":"abc","N":5,"T":true,"F":false,"L":["x","y"],"Z":null,
             "Net":{"b":{"IP":"2"},"a":{"IP":"1"}},"Labels":{"com.x":"v"},"Html":"<&>"}\
            """;

    private static String apply(String template) throws IOException {
        return Template.parse(template).apply(Json.parse(DATA.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "plain~plain",
                "{{.Id}}-{{ .N }}~abc-5",
                "{{json .L}} {{json .Html}}~[\"x\",\"y\"] \"<&>\"",
                "{{.L}} {{.Labels}} {{.Z}}~[x y] map[com.x:v] []",
                "{{range .Net}}{{.IP}},{{end}}~1,2,",
                "{{range $k, $v := .Net}}{{$k}}={{$v.IP}} {{end}}~a=1 b=2 ",
                "{{range $i, $e := .L}}{{$i}}{{$e}}{{end}}~0x1y",
                "{{if .T}}yes{{else}}no{{end}}~yes",
                "{{if .F}}a{{else if .T}}b{{else}}c{{end}}~b",
                "{{if and .T (not .F)}}x{{end}}~x",
                "{{if eq .Id \"abc\"}}same{{end}}~same",
                "{{with .Net}}{{.a.IP}}{{end}}~1",
                "{{with .Z}}x{{else}}none{{end}}~none",
                "{{range .Z}}x{{else}}empty{{end}}~empty",
                "{{index .Labels \"com.x\"}}{{index .L 1}}~vy",
                "{{index .Net \"a\" \"IP\"}}~1",
                "{{.Id | upper | printf \"%-5s|\"}}~ABC  |",
                "{{join .L \", \"}}~x, y",
                "{{len .L}}{{truncate .Id 2}}{{pad .Id 1 2}}.~2ab abc  .",
                "{{$x := .Id}}{{$x}}{{$.N}}~abc5",
                "a {{- .Id -}} b~aabcb",
                "{{/* nothing */}}x~x",
                "{{(index .Net \"b\").IP}}~2",
                "{{println .Id}}~abc\\n",
                "{{\"}}\"}}~}}",
                "{{(split \"a:b\" \":\")}}~[a b]"
            })
    void templates(String template, String expected) throws IOException {
        assertThat(apply(template)).isEqualTo(expected.replace("\\n", "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "{{.ID~unclosed action",
                "{{foo .Id}}~function \"foo\" not defined",
                "{{if .T}}x~unexpected EOF",
                "{{end}}~unexpected {{end}}",
                "{{template \"x\"}}~{{template}} is not supported",
                "{{.Id .N}}~can't give argument to non-function .Id",
                "{{range .L}}{{else}}{{else}}{{end}}~expected end",
                "{{}}~missing value for command",
                "{{\"abc}}~unclosed action",
                "{{(.Id}}~unclosed left paren"
            })
    void whatIsNotUnderstoodIsRefused(String template, String message) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(message);
    }

    @Test
    void absentFieldsAreErrors() {
        assertThatThrownBy(() -> apply("{{.Nope}}"))
                .hasMessageContaining("map has no entry for key \"Nope\"");
        assertThatThrownBy(() -> apply("{{.Id.X}}")).hasMessageContaining("can't evaluate field X");
        assertThatThrownBy(() -> apply("{{.Z.X}}")).hasMessageContaining("nil pointer");
    }
}
