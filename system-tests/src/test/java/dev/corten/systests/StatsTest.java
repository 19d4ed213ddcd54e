package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/// What containers use.
@ExtendWith(PrivateEngine.class)
class StatsTest {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    /// What Docker 28.5.2 says of a container that does not run.
    private static final String NOTHING =
            "\"read\":\"0001-01-01T00:00:00Z\",\"preread\":\"0001-01-01T00:00:00Z\","
                    + "\"pids_stats\":{},\"blkio_stats\":{\"io_service_bytes_recursive\":null,"
                    + "\"io_serviced_recursive\":null,\"io_queue_recursive\":null,"
                    + "\"io_service_time_recursive\":null,\"io_wait_time_recursive\":null,"
                    + "\"io_merged_recursive\":null,\"io_time_recursive\":null,"
                    + "\"sectors_recursive\":null},\"num_procs\":0,\"storage_stats\":{},"
                    + "\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":0,\"usage_in_kernelmode\":0,"
                    + "\"usage_in_usermode\":0},\"throttling_data\":{\"periods\":0,"
                    + "\"throttled_periods\":0,\"throttled_time\":0}},"
                    + "\"precpu_stats\":{\"cpu_usage\":{\"total_usage\":0,"
                    + "\"usage_in_kernelmode\":0,\"usage_in_usermode\":0},"
                    + "\"throttling_data\":{\"periods\":0,\"throttled_periods\":0,"
                    + "\"throttled_time\":0}},\"memory_stats\":{}}\n";

    /// And of one that runs, on control groups of version 1: numbers as 0, times as "".
    private static final String SHAPE =
            "{\"name\":\"/c1\",\"id\":\"\",\"read\":\"\",\"preread\":\"\","
                    + "\"pids_stats\":{\"current\":0,\"limit\":0},"
                    + "\"blkio_stats\":{\"io_service_bytes_recursive\":[],"
                    + "\"io_serviced_recursive\":[],\"io_queue_recursive\":[],"
                    + "\"io_service_time_recursive\":[],\"io_wait_time_recursive\":[],"
                    + "\"io_merged_recursive\":[],\"io_time_recursive\":[],"
                    + "\"sectors_recursive\":[]},\"num_procs\":0,\"storage_stats\":{},"
                    + "\"cpu_stats\":{\"cpu_usage\":{\"total_usage\":0,\"percpu_usage\":[],"
                    + "\"usage_in_kernelmode\":0,\"usage_in_usermode\":0},\"system_cpu_usage\":0,"
                    + "\"online_cpus\":0,\"throttling_data\":{\"periods\":0,"
                    + "\"throttled_periods\":0,\"throttled_time\":0}},"
                    + "\"precpu_stats\":{\"cpu_usage\":{\"total_usage\":0,\"percpu_usage\":[],"
                    + "\"usage_in_kernelmode\":0,\"usage_in_usermode\":0},\"system_cpu_usage\":0,"
                    + "\"online_cpus\":0,\"throttling_data\":{\"periods\":0,"
                    + "\"throttled_periods\":0,\"throttled_time\":0}},"
                    + "\"memory_stats\":{\"usage\":0,\"max_usage\":0,\"stats\":{\"active_anon\":0,"
                    + "\"active_file\":0,\"cache\":0,\"dirty\":0,\"hierarchical_memory_limit\":0,"
                    + "\"hierarchical_memsw_limit\":0,\"inactive_anon\":0,\"inactive_file\":0,"
                    + "\"mapped_file\":0,\"pgfault\":0,\"pgmajfault\":0,\"pgpgin\":0,"
                    + "\"pgpgout\":0,\"rss\":0,\"rss_huge\":0,\"total_active_anon\":0,"
                    + "\"total_active_file\":0,\"total_cache\":0,\"total_dirty\":0,"
                    + "\"total_inactive_anon\":0,\"total_inactive_file\":0,"
                    + "\"total_mapped_file\":0,\"total_pgfault\":0,\"total_pgmajfault\":0,"
                    + "\"total_pgpgin\":0,\"total_pgpgout\":0,\"total_rss\":0,"
                    + "\"total_rss_huge\":0,\"total_unevictable\":0,\"total_writeback\":0,"
                    + "\"unevictable\":0,\"writeback\":0},\"limit\":0},"
                    + "\"networks\":{\"eth0\":{\"rx_bytes\":0,\"rx_packets\":0,\"rx_errors\":0,"
                    + "\"rx_dropped\":0,\"tx_bytes\":0,\"tx_packets\":0,\"tx_errors\":0,"
                    + "\"tx_dropped\":0}}}\n";

    @Test
    @Shows({"CTR-36", "RES-02", "RES-16"})
    void theTableShowsLimitsAndUse(Client docker) {
        docker.ok("run", "-d", "--name", "small", "-m", "50m", "busybox", "sleep", "1000");
        docker.ok("run", "-d", "--name", "free", "--network", "none", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "never", "busybox");
        List<String> rows = docker.run("stats", "--no-stream").lines();
        assertThat(rows.getFirst())
                .matches(
                        "CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O"
                                + " +PIDS");
        assertThat(rows).hasSize(3);
        assertThat(rows.get(2))
                .matches(
                        "[0-9a-f]{12} +small +[0-9.]+% +[0-9.]+[KM]iB / 50MiB +[0-9.]+%"
                                + " +[0-9.]+k?B / [0-9.]+k?B +[0-9.]+[kM]?B / [0-9.]+[kM]?B +1");
        assertThat(rows.get(1)).matches(".* / [0-9.]+GiB .*0B / 0B +[0-9].*");
        assertThat(docker.ok("stats", "-a", "--no-stream", "--format", "{{.Name}} {{.PIDs}}"))
                .isEqualTo("never 0\nfree 1\nsmall 1");
        String id = docker.ok("inspect", "-f", "{{.Id}}", "small");
        assertThat(docker.ok("stats", "--no-stream", "--no-trunc", "--format", "{{.ID}}", "small"))
                .isEqualTo(id);
    }

    @Test
    @Shows({"CTR-35", "CTR-36"})
    void cortenShowsTheSameTable(Client docker, Engine engine) {
        docker.ok("run", "-d", "--name", "small", "-m", "50m", "busybox", "sleep", "1000");
        docker.ok("create", "--name", "never", "busybox");
        String format = "{{.Name}} {{.MemPerc}} {{.PIDs}} {{.Container}}";
        Client corten = engine.corten();
        assertThat(corten.ok("stats", "--no-stream", "--format", format, "small", "never"))
                .matches("small [0-9.]+% 1 small\nnever 0.00% 0 never");
        // How wide a column is depends on what was measured at that moment.
        assertThat(corten.run("stats", "--no-stream", "-a").lines())
                .hasSize(3)
                .first()
                .asString()
                .isEqualToNormalizingWhitespace(
                        docker.run("stats", "--no-stream", "-a").lines().getFirst());
        var absent = corten.run("stats", "nope");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).isEqualTo("Error response from daemon: No such container: nope\n");
        try (var live = corten.start("stats")) {
            String seen = live.out().awaitText("two tables", s -> s.split("NAME").length == 3);
            assertThat(seen).startsWith("\033[H").contains("small").doesNotContain("never");
            docker.ok("start", "never");
            docker.ok("run", "-d", "--name", "late", "busybox", "sleep", "1000");
            live.out().await("late");
            docker.ok("rm", "-f", "small", "late");
            live.interrupt();
        }
    }

    @Test
    void theJsonIsDockers(Client docker, Api api) {
        Machine.hasControlGroupsOfVersion1();
        String id =
                docker.ok(
                        "run", "-d", "--name", "c1", "--pids-limit", "9", "busybox", "sleep", "99");
        var answer = api.get("/v1.51/containers/c1/stats?stream=0");
        assertThat(answer.headers()).containsEntry("Content-Type", "application/json");
        assertThat(shape(answer.text(), id)).isEqualTo(SHAPE);
        var once = api.get("/v1.51/containers/c1/stats?stream=0&one-shot=1").json();
        assertThat(once.propertyNames().iterator().next()).isEqualTo("read");
        assertThat(once.path("preread").asString()).isEqualTo(NEVER);
        assertThat(once.path("precpu_stats").path("cpu_usage").path("total_usage").asLong())
                .isZero();
        var both = api.get("/v1.51/containers/c1/stats?one-shot=1");
        assertThat(both.status()).isEqualTo(400);
        assertThat(both.message()).isEqualTo("cannot have stream=true and one-shot=true");
        assertThat(api.get("/v1.51/containers/nope/stats").message())
                .isEqualTo("No such container: nope");
    }

    private static String shape(String json, String id) {
        return json.replace(id, "")
                .replaceAll("\"(read|preread)\":\"2[^\"]*\"", "\"$1\":\"\"")
                .replaceAll(":[0-9]+", ":0")
                .replaceAll("\\[[0-9,]+\\]", "[]");
    }

    @Test
    void aContainerThatDoesNotRunUsesNothing(Client docker, Api api) {
        String id = docker.ok("create", "--name", "c1", "busybox");
        assertThat(api.get("/v1.51/containers/c1/stats?stream=0").text())
                .isEqualTo("{\"name\":\"/c1\",\"id\":\"" + id + "\"," + NOTHING);
    }

    @Test
    void theShareOfAProcessorIsThatOfNow(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "busy", "busybox", "sh", "-c", "while :; do :; done");
        docker.ok("run", "-d", "--name", "idle", "busybox", "sleep", "1000");
        assertThat(share(api, "idle")).isLessThan(0.1);
        assertThat(share(api, "busy")).isBetween(0.02, 1.1);
        docker.ok("pause", "busy");
        // The second one has nothing before the pause to be compared with.
        Eventually.get("it does nothing", () -> share(api, "busy"), s -> s == 0);
    }

    /// Of one processor.
    private static double share(Api api, String name) {
        JsonNode stats = api.get("/v1.51/containers/" + name + "/stats?stream=0").json();
        assertThat(stats.path("preread").asString()).isLessThan(stats.path("read").asString());
        JsonNode now = stats.path("cpu_stats");
        JsonNode before = stats.path("precpu_stats");
        double used = number(now, "cpu_usage", "total_usage");
        double host = now.path("system_cpu_usage").asLong();
        double share =
                (used - number(before, "cpu_usage", "total_usage"))
                        / (host - before.path("system_cpu_usage").asLong());
        return share * now.path("online_cpus").asLong();
    }

    private static double number(JsonNode node, String first, String second) {
        return node.path(first).path(second).asLong();
    }

    @Test
    void theStreamEndsWithTheContainer(Client docker, Api api) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        try (var connection = api.connect()) {
            connection.send(Api.head("GET", "/v1.51/containers/c1/stats", 0, "", "close"));
            connection
                    .received()
                    .awaitText("two reports", s -> s.split("\"networks\"").length == 3);
            // It goes on with nothing while the container does not run, and is over when it is
            // gone.
            docker.ok("kill", "c1");
            connection.received().awaitText("a report of nothing", s -> s.contains(NOTHING));
            docker.ok("rm", "c1");
            Api.Answer answer = Api.Answer.parse(connection.received().awaitEnd());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers()).doesNotContainKey("Content-Type");
            List<String> reports = answer.text().lines().toList();
            assertThat(reports.getFirst()).contains("\"preread\":\"" + NEVER);
            String read = reports.getFirst().replaceAll(".*\"read\":\"([^\"]*)\".*", "$1");
            assertThat(reports.get(1)).contains("\"preread\":\"" + read);
        }
    }
}
