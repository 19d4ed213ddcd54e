package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers that know each other by `--link`; what Docker's client sees of a simple one is in the
/// transcript `links`.
@ExtendWith(PrivateEngine.class)
class LinksTest {
    private static String links(Client docker, String name) {
        return docker.ok("inspect", "-f", "{{json .HostConfig.Links}}", name);
    }

    private static String address(Client docker, String name) {
        return docker.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", name);
    }

    private static String hosts(Client docker, String name) {
        return docker.ok("exec", name, "cat", "/etc/hosts");
    }

    private static void run(Client docker, String name, String... options) {
        var command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sleep", "1000"));
        docker.ok(command.toArray(String[]::new));
    }

    @Test
    @Shows("RUN-20")
    void aNewAddressIsToldAndNewNamesToo(Client docker) {
        run(docker, "db");
        run(docker, "web", "--link", "db:store");
        String before = address(docker, "db");
        assertThat(hosts(docker, "web")).contains(before + "\tstore ");

        docker.ok("stop", "-t0", "db");
        assertThat(docker.run("exec", "web", "true").err())
                .isEqualTo(
                        "Error response from daemon: Cannot link to a non running container: /db AS"
                                + " /web/store\n");
        run(docker, "other");
        docker.ok("start", "db");
        assertThat(address(docker, "db")).isNotEqualTo(before);
        assertThat(hosts(docker, "web"))
                .contains(address(docker, "db") + "\tstore ")
                .doesNotContain(before + "\tstore");

        docker.ok("rename", "web", "front");
        docker.ok("rename", "db", "base");
        assertThat(links(docker, "front")).isEqualTo("[\"/base:/front/store\"]");
        assertThat(docker.ok("inspect", "-f", "{{.Name}}", "front/store")).isEqualTo("/base");
        assertThat(docker.ok("exec", "front", "env")).contains("STORE_NAME=/front/store");
    }

    @Test
    @Shows("RUN-20")
    void aDaemonThatStartsKnowsThemAndARemovedOneStaysRemoved(Engine engine, Client docker) {
        run(docker, "db");
        run(docker, "web", "--link", "db:one", "--link", "db:two");
        docker.ok("rm", "--link", "/web/one");
        assertThat(hosts(docker, "web")).doesNotContain("one").contains("\ttwo ");
        engine.kill();
        engine.open();
        assertThat(links(docker, "web")).isEqualTo("[\"/db:/web/two\"]");
        assertThat(docker.ok("ps", "--no-trunc", "--format", "{{.Names}}").lines())
                .containsExactly("web", "db,web/two");
        docker.ok("restart", "-t0", "web");
        assertThat(hosts(docker, "web")).contains(address(docker, "db") + "\ttwo ");
        assertThat(docker.run("rm", "--link", "web").err())
                .contains("Conflict, cannot remove the default link name of the container");
        assertThat(docker.run("rm", "--link", "web/one").err())
                .contains("No such container: web/one");
    }

    @Test
    @Shows("RUN-20")
    void ourOwnCommandLineKnowsThemToo(Engine engine, Client docker) {
        engine.answersAsItself();
        Client corten = engine.corten();
        run(docker, "db", "--expose", "5432");
        assertThat(corten.ok("run", "--rm", "--link=db:store", "busybox", "env"))
                .contains("STORE_PORT=tcp://" + address(docker, "db") + ":5432");
        corten.ok("create", "--name=web", "--link=db", "busybox");
        assertThat(corten.ok("ps", "--no-trunc", "--format={{.Names}}")).isEqualTo("db,web/db");
        assertThat(corten.ok("ps", "--format={{.Names}}")).isEqualTo("db");
        assertThat(corten.ok("inspect", "-f", "{{.Name}}", "web/db")).isEqualTo("/db");
        assertThat(corten.ok("rm", "--link", "/web/db")).isEqualTo("/web/db");
        assertThat(links(docker, "web")).isEqualTo("null");
    }

    @Test
    @Shows("RUN-20")
    void withoutTheOtherThereIsNoStart(Client docker, Api api) {
        docker.ok("create", "--name", "db", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "web", "--link", "db", "busybox", "sleep", "1000");
        Api.Answer refused = api.call("POST", "/containers/web/start");
        assertThat(refused.status()).isEqualTo(500);
        assertThat(refused.message())
                .isEqualTo("Cannot link to a non running container: /db AS /web/db");
        assertThat(docker.ok("inspect", "-f", "{{.State.ExitCode}}", "web")).isEqualTo("128");

        docker.ok("rm", "db");
        assertThat(links(docker, "web")).isEqualTo("[\"/db:/web/db\"]");
        assertThat(docker.run("start", "web").err())
                .contains("Cannot link to a non running container: /db AS /web/db");

        run(docker, "lonely", "--network", "none");
        docker.ok("create", "--name", "w2", "--link", "lonely", "busybox", "true");
        assertThat(docker.run("start", "w2").err()).contains("not attached to default bridge");
    }

    @Test
    @Shows("RUN-20")
    void linksThatCannotBeAreRefusedBeforeAnyEffect(Client docker, Api api) {
        run(docker, "hosty", "--network", "host");
        record Wrong(String host, int status, String message) {}
        String undefined = " can't be used with links. This would result in undefined behavior";
        for (Wrong wrong :
                List.of(
                        new Wrong("\"Links\":[\"a:b:c\"]", 500, "bad format for links: a:b:c"),
                        new Wrong("\"Links\":[\"\"]", 500, "empty string specified for links"),
                        new Wrong(
                                "\"Links\":[\"no\"]",
                                400,
                                "could not get container for no: No such container: no"),
                        new Wrong(
                                "\"Links\":[\"hosty\"]",
                                400,
                                "conflicting options: host type networking" + undefined),
                        new Wrong(
                                "\"Links\":[\"hosty\"],\"NetworkMode\":\"host\"",
                                400,
                                "conflicting options: host type networking" + undefined),
                        new Wrong(
                                "\"Links\":[\"hosty\"],\"NetworkMode\":\"container:hosty\"",
                                400,
                                "conflicting options: container type network" + undefined),
                        new Wrong(
                                "\"Links\":[\"hosty:../x\"]",
                                400,
                                "invalid alias for a link: \"../x\""))) {
            String body = "{\"Image\":\"busybox\",\"HostConfig\":{" + wrong.host() + "}}";
            Api.Answer answer = api.call("POST", "/containers/create", body);
            assertThat(answer.message()).as(wrong.host()).isEqualTo(wrong.message());
            assertThat(answer.status()).as(wrong.host()).isEqualTo(wrong.status());
        }
        assertThat(docker.ok("ps", "-aq").lines()).hasSize(1);
    }
}
