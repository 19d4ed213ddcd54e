package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `corten` beside the `docker` command line, both against the same daemon.
@ExtendWith(PrivateEngine.class)
class SameAsDockerTest {
    private Client corten;
    private Client docker;

    @BeforeEach
    void clients(Engine engine) {
        engine.answersAsItself();
        corten = engine.corten();
        docker = engine.docker();
    }

    /// What Docker's help hides from a daemon like ours (swarm's, checkpoints) is not among them.
    @Test
    @Shows({"CLI-07", "CLI-10"})
    void hasEachOptionOfDockers() {
        var missing = new TreeSet<String>();
        for (String command :
                List.of(
                        "attach",
                        "create",
                        "diff",
                        "events",
                        "exec",
                        "images",
                        "import",
                        "info",
                        "inspect",
                        "kill",
                        "load",
                        "logs",
                        "pause",
                        "port",
                        "ps",
                        "pull",
                        "rename",
                        "restart",
                        "rm",
                        "rmi",
                        "run",
                        "start",
                        "stats",
                        "stop",
                        "tag",
                        "top",
                        "unpause",
                        "update",
                        "version",
                        "wait",
                        "commit",
                        "export",
                        "history",
                        "login",
                        "logout",
                        "push",
                        "save",
                        "search",
                        "manifest annotate",
                        "manifest create",
                        "manifest inspect",
                        "manifest push",
                        "manifest rm",
                        "container ls",
                        "container prune",
                        "image inspect",
                        "image prune",
                        "network ls",
                        "network inspect",
                        "network prune",
                        "system df",
                        "system prune",
                        "volume create",
                        "volume ls",
                        "volume rm",
                        "volume prune",
                        "context create",
                        "context ls",
                        "context update",
                        "context rm")) {
            var words = new ArrayList<>(List.of(command.split(" ")));
            words.add("--help");
            String[] arguments = words.toArray(String[]::new);
            var options = new TreeSet<>(options(docker.ok(arguments)));
            options.removeAll(options(corten.ok(arguments)));
            options.forEach(option -> missing.add(command + " " + option));
        }
        assertThat(missing).isEmpty();
    }

    private static List<String> options(String help) {
        return Pattern.compile("^ +(?:-\\w, )?(--[\\w-]+)", Pattern.MULTILINE)
                .matcher(help)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @ParameterizedTest
    @Shows({
        "CLI-04", "CLI-06", "CLI-26", "CLI-27", "CLI-30", "CTR-26", "CTR-27", "CTR-28", "CTR-38"
    })
    @ValueSource(
            strings = {
                "ps -q",
                "ps -aq --no-trunc",
                "ps --format {{.Names}}|{{.Image}}|{{.Ports}}|{{.State}}|{{.Label\u00a0\"a.b\"}}",
                "ps --format table\u00a0{{.Names}}\\t{{.Label\u00a0\"a.b\"}}\\t{{upper\u00a0.Image}}",
                "images",
                "images --digests --no-trunc",
                "images --format {{.Repository}}\u00a0{{.Tag}}\u00a0{{.ID}}\u00a0{{.Size}}\u00a0{{.CreatedAt}}",
                "port same",
                "port same 80",
                "top same",
                "diff same",
                "network ls --format {{.Name}}\u00a0{{.Driver}}\u00a0{{.Scope}}",
                "system df --format json",
                "version -f {{.Server.Version}}\u00a0{{.Server.APIVersion}}",
                "info -f {{.Driver}}\u00a0{{.NCPU}}\u00a0{{.Swarm.LocalNodeState}}",
                "inspect same",
                "inspect -f {{.State.Status}}\u00a0{{.State.Health}}\u00a0{{.HostConfig.PidsLimit}} same",
                "inspect -f {{json\u00a0.Config.Labels}}\u00a0{{.Config.Volumes}} same",
                "inspect -f {{range\u00a0$k,$v:=.Config.Labels}}{{$k}}={{$v}},{{end}} same",
                "inspect -f {{.HostConfig.RestartPolicy}}\u00a0{{.HostConfig.LogConfig}} same",
                "inspect -f {{.Nope}} same",
                "inspect -f {{index\u00a0.Config.Env\u00a099}} same",
                "inspect -f {{foo}} same",
                "inspect nothing-of-that-name",
                "ps --format {{.Nope}}",
                "ps x",
                "ps -n x",
                "tag a",
                "rename absent b",
                "start absent",
                "rm absent",
                "run --pull foo busybox",
                "run --ulimit foo=1 busybox",
                "run --sysctl foo=1 busybox",
                "run --device-cgroup-rule foo busybox",
                "run --gpus foo=bar busybox",
                "run --pid foo busybox",
                "run --platform a/b/c/d busybox",
                "system prune -f --volumes --filter until=1h"
            })
    void saysTheSame(String line) {
        if (line.contains("same")) {
            docker.ok(
                    "run",
                    "-d",
                    "--name",
                    "same",
                    "-l",
                    "a.b=c",
                    "-p",
                    "80",
                    "busybox",
                    "sh",
                    "-c",
                    "touch /made; sleep 100");
            Eventually.holds("it is there", () -> docker.ok("diff", "same").contains("/made"));
        }
        String[] arguments = line.split(" ");
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i].replace('\u00a0', ' ');
        }
        Finished theirs = docker.run(arguments);
        Finished ours = corten.run(arguments);
        assertThat(normal(ours.out())).isEqualTo(normal(theirs.out()));
        assertThat(normal(ours.err())).isEqualTo(normal(theirs.err()));
        assertThat(ours.status()).isEqualTo(theirs.status());
    }

    private static String normal(String text) {
        return text.replace("docker", "corten").replace("Docker", "Corten");
    }
}
