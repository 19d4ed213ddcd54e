package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// Each filter of the list of containers, alone and with others, right and wrong: `ps-filters.tsv`
/// has what Docker 28.5 answered to the same.
@ExtendWith(PrivateEngine.class)
class PsFiltersTest {
    /// @param answer names, newest first, or a message
    private record Case(String filters, String query, int status, String answer) {
        static Case parse(String line) {
            String[] fields = line.split("\t", -1);
            return new Case(fields[0], fields[1], Integer.parseInt(fields[2]), fields[3]);
        }
    }

    private static List<Case> cases() {
        try (InputStream in = PsFiltersTest.class.getResourceAsStream("ps-filters.tsv")) {
            return new String(in.readAllBytes(), UTF_8).lines().map(Case::parse).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void containers(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name=fa",
                "--label=l=1",
                "-p=127.0.0.1:18081:80",
                "-p=127.0.0.1:18053:53/udp",
                "--expose=90",
                "busybox",
                "sleep",
                "1000");
        docker.ok("create", "--name=fb", "--label=l=2", "--expose=80", "busybox");
        docker.run("run", "--name=fc", "busybox", "sh", "-c", "exit 3");
        docker.ok(
                "run",
                "-d",
                "--name=fd",
                "--expose=7000-7002",
                "-v=fvol:/v",
                "busybox",
                "sleep",
                "1000");
        docker.ok("run", "--name=fe", "--network=none", "busybox", "true");
        docker.ok("run", "-d", "--name=ff", "--link=fd:dd", "busybox", "sleep", "1000");
    }

    private static Api.Answer list(Api api, String filters, String query) {
        return api.get(
                "/containers/json?filters=" + URLEncoder.encode(filters, UTF_8) + "&" + query);
    }

    private static String names(Api.Answer answer) {
        if (answer.status() != 200) {
            return answer.message();
        }
        var names = new ArrayList<String>();
        for (JsonNode container : answer.json()) {
            for (JsonNode name : container.path("Names")) {
                String bare = name.asString().substring(1);
                if (!bare.contains("/")) {
                    names.add(bare);
                }
            }
        }
        return String.join(",", names);
    }

    @Test
    @Shows({"CTR-29", "CLI-28"})
    void filtersChooseAsDockersDo(Client docker, Api api) {
        containers(docker);
        var all = new SoftAssertions();
        for (Case wanted : cases()) {
            Api.Answer answer = list(api, wanted.filters(), wanted.query());
            String what = wanted.filters() + " " + wanted.query();
            all.assertThat(answer.status()).as(what).isEqualTo(wanted.status());
            all.assertThat(names(answer)).as(what).isEqualTo(wanted.answer());
        }
        all.assertAll();
        assertThat(docker.ok("ps", "-a", "-f", "publish=18081", "--format={{.Names}}"))
                .isEqualTo("fa");
        assertThat(docker.run("ps", "-f", "publish=9-2").err())
                .contains("Invalid range specified for the Port: 9-2");
    }

    @Test
    @Shows("CTR-29")
    void neighboursAreNamedInFullAndOthersByTheBeginning(Client docker, Api api) {
        String first = docker.ok("create", "--name=first", "busybox");
        String second = docker.ok("create", "--name=second", "busybox");
        String part = second.substring(0, 12);
        assertThat(names(list(api, "{\"id\":[\"" + part + "\"]}", "all=1"))).isEqualTo("second");
        assertThat(names(list(api, "{\"before\":[\"" + second + "\"]}", "all=1")))
                .isEqualTo("first");
        assertThat(names(list(api, "{\"before\":[\"" + part + "\"]}", "all=1")))
                .isEqualTo("No such container: " + part);
        String both = "{\"id\":[\"" + first + "\",\"" + part + "\"],\"name\":[\"first\"]}";
        assertThat(names(list(api, both, "all=1"))).isEqualTo("first");
    }
}
