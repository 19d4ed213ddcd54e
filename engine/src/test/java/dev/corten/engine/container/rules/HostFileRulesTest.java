package dev.corten.engine.container.rules;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.cgroup.ClassesOfService;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostFileRulesTest {
    @TempDir private Path resctrl;

    private HostFileRules rules(boolean v1) {
        return new HostFileRules(v1, new ClassesOfService(resctrl.toString()));
    }

    private static HostConfig conf(String key, String value) {
        var host = HostConfig.DEFAULT.edit();
        host.cgroupConf = Map.of(key, value);
        return host.done();
    }

    private static HostConfig rdt(String name) {
        var host = HostConfig.DEFAULT.edit();
        host.rdtClass = name;
        return host.done();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"memory.high", "io.bfq.weight", "hugetlb.2MB.max", "cgroup.max.descendants"})
    void limitsOfVersionTwoAreTaken(String key) {
        assertThatCode(() -> rules(false).check(conf(key, "1"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> rules(true).check(conf(key, "1")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("cannot use --cgroup-conf without cgroup v2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "memory",
                "../memory.high",
                "a/memory.high",
                "..",
                "memory..high",
                "cgroup.procs",
                "cgroup.kill",
                "cgroup.freeze",
                "cgroup.subtree_control",
                "memory.high\n"
            })
    void whatIsNoLimitIsRefused(String key) {
        assertThatThrownBy(() -> rules(false).check(conf(key, "1")))
                .isInstanceOf(InvalidParameter.class);
    }

    @Test
    void aClassMustBeThere() throws IOException {
        assertThatThrownBy(() -> rules(false).check(rdt("gold")))
                .hasMessageContaining("resctrl is not mounted");
        Files.createFile(resctrl.resolve("tasks"));
        assertThatThrownBy(() -> rules(false).check(rdt("gold")))
                .hasMessage("no such RDT class: /sys/fs/resctrl/gold");
        Files.createDirectory(resctrl.resolve("gold"));
        Files.createFile(resctrl.resolve("gold/tasks"));
        assertThatCode(() -> rules(false).check(rdt("gold"))).doesNotThrowAnyException();
        for (String wrong : new String[] {"", "..", "gold/../gold", "info", "mon_groups"}) {
            assertThatThrownBy(() -> rules(false).check(rdt(wrong)))
                    .hasMessage("invalid RDT class \"" + wrong + "\"");
        }
    }
}
