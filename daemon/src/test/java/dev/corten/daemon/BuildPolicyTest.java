package dev.corten.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.cache.PruneRule;
import dev.corten.daemon.settings.BuilderSettings;
import dev.corten.daemon.settings.BuilderSettings.Rule;
import dev.corten.daemon.settings.BuilderSettings.Space;
import dev.corten.model.InvalidParameter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BuildPolicyTest {
    private static final long DISK = 252L << 30;

    private static BuilderSettings settings(boolean collects, Space usual, Rule... rules) {
        return new BuilderSettings(
                collects,
                usual,
                rules.length == 0 ? Optional.empty() : Optional.of(List.of(rules)),
                true,
                false);
    }

    @Test
    void withoutSettingsItIsTheUsual() {
        assertThat(BuildPolicy.of(BuilderSettings.USUAL, DISK)).hasSize(4);
        assertThat(BuildPolicy.of(settings(false, new Space(0, 0, 0)), DISK)).isEmpty();
        assertThat(
                        BuildPolicy.of(settings(true, new Space(7, 8, 9)), DISK)
                                .getLast()
                                .maxUsedSpace())
                .isEqualTo(8);
    }

    @Test
    void rulesAreTakenAsWritten() {
        var filters = List.of("unused-for=2h30m", "type==regular");
        List<PruneRule> rules =
                BuildPolicy.of(
                        settings(
                                true,
                                new Space(7, 0, 0),
                                new Rule(false, filters, new Space(0, 5, 0)),
                                new Rule(true, List.of(), new Space(0, 0, 0))),
                        DISK);
        assertThat(rules).hasSize(2);
        assertThat(rules.getFirst().unusedFor()).isEqualTo(Duration.ofMinutes(150));
        assertThat(rules.getFirst().maxUsedSpace()).isEqualTo(5);
        assertThat(rules.getFirst().reservedSpace()).isZero();
        assertThat(rules.getLast().all()).isTrue();
        assertThat(rules.getLast().reservedSpace()).isEqualTo(7);
    }

    @Test
    void wrongFiltersAreRefused() {
        for (String filter : List.of("bogus=1", "until=soon", "unused-for=")) {
            var rule = new Rule(false, List.of(filter), new Space(0, 0, 0));
            assertThatThrownBy(() -> BuildPolicy.of(settings(true, new Space(0, 0, 0), rule), DISK))
                    .as(filter)
                    .isInstanceOf(InvalidParameter.class);
        }
    }
}
