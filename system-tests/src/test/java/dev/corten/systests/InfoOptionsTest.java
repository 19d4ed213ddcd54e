package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What `docker info` lists can be used, and is in use: a line of its own is no promise of more.
@ExtendWith(PrivateEngine.class)
class InfoOptionsTest {
    /// Other drivers will be listed when networks of theirs can be made.
    @Test
    @Shows("INF-20")
    void networkDriversAreThoseOfUsableNetworks(Client docker) {
        assertThat(lines(docker)).contains("Network: bridge host null");
        assertThat(docker.ok("network", "ls", "--format", "{{.Driver}}").lines().sorted())
                .containsExactly("bridge", "host", "null");
        for (String line :
                docker.ok("network", "ls", "--format", "{{.Driver}} {{.Name}}").split("\n")) {
            String driver = line.split(" ")[0];
            String network = line.split(" ")[1];
            List<String> links =
                    docker.run(
                                    "run",
                                    "--rm",
                                    "--network",
                                    network,
                                    "busybox",
                                    "ls",
                                    "/sys/class/net")
                            .lines();
            switch (driver) {
                case "bridge" -> assertThat(links).contains("eth0", "lo");
                case "null" -> assertThat(links).contains("lo").doesNotContain("eth0");
                default ->
                        assertThat(links)
                                .containsExactlyInAnyOrderElementsOf(
                                        Running.run("ls", "/sys/class/net").lines());
            }
        }
    }

    @Test
    @Shows("INF-21")
    void everyListedLogDriverWritesAndTellsALog(Client docker) {
        String list = docker.ok("info", "-f", "{{range .Plugins.Log}}{{.}} {{end}}");
        assertThat(list.split(" ")).isSorted().contains("json-file", "local");
        assertThat(lines(docker)).contains("Log: " + list);
        for (String driver : list.split(" ")) {
            docker.ok("run", "--name", driver, "--log-driver", driver, "busybox", "echo", "kept");
            assertThat(docker.ok("logs", driver)).as(driver).isEqualTo("kept");
        }
        // What Docker lists and this engine lacks is refused, not ignored.
        Finished absent = docker.run("create", "--log-driver", "logentries", "busybox");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).contains("logentries");
    }

    /// A line `apparmor` says that containers are confined by a profile; the kernel knows.
    @Test
    @Shows("INF-30")
    void appArmorIsListedWhereContainersAreConfinedByIt(Client docker) {
        String profile =
                docker.ok(
                        "run",
                        "--rm",
                        "busybox",
                        "sh",
                        "-c",
                        "cat /proc/self/attr/apparmor/current /proc/self/attr/current 2>/dev/null;"
                                + " echo :");
        assertThat(profile).endsWith(":");
        assertThat(options(docker).contains("apparmor")).isEqualTo(profile.contains("(enforce)"));
    }

    @Test
    @Shows("INF-32")
    void optionsThatAreInUseAreListed(Client docker) {
        assertThat(options(docker)).contains("seccomp").doesNotContain("no-new-privileges");
        isAsListed(docker);
        Engine other = Engine.start("--no-new-privileges", "--default-cgroupns-mode", "private");
        try {
            if (!Limits.againstStub()) {
                Image.busybox().load(other);
            }
            assertThat(options(other.docker()))
                    .contains("seccomp", "cgroupns", "no-new-privileges");
            isAsListed(other.docker());
        } finally {
            other.closeCleanly();
        }
    }

    private static void isAsListed(Client docker) {
        List<String> options = options(docker);
        List<String> seen =
                docker.run(
                                "run",
                                "--rm",
                                "busybox",
                                "sh",
                                "-c",
                                "awk '/NoNewPrivs/ {print $2}' /proc/self/status; readlink"
                                        + " /proc/self/ns/cgroup; awk '{print $2, $3}'"
                                        + " /proc/self/uid_map; cat /proc/1/attr/current"
                                        + " 2>/dev/null; echo")
                        .lines();
        assertThat(seen.get(0).equals("1")).isEqualTo(options.contains("no-new-privileges"));
        assertThat(!seen.get(1).equals(Running.run("readlink", "/proc/self/ns/cgroup").ok()))
                .isEqualTo(options.contains("cgroupns"));
        boolean mapped = !seen.get(2).equals(hostMap());
        assertThat(options.contains("userns") || options.contains("rootless")).isEqualTo(mapped);
        assertThat(options.contains("selinux")).isEqualTo(seen.get(3).contains("container_t"));
    }

    private static String hostMap() {
        return Running.run("awk", "{print $2, $3}", "/proc/self/uid_map").ok();
    }

    /// The names below `Security Options:`.
    private static List<String> options(Client docker) {
        return docker.ok("info", "-f", "{{range .SecurityOptions}}{{println .}}{{end}}")
                .lines()
                .map(option -> option.replaceFirst("^name=", "").replaceFirst(",.*", ""))
                .toList();
    }

    private static List<String> lines(Client client) {
        return client.ok("info").lines().map(String::strip).toList();
    }
}
