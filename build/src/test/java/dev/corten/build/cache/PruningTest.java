package dev.corten.build.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a rule removes of a list, and in which order.
class PruningTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final long MANY = 1L << 40;

    private final List<CacheUsage> all = new ArrayList<>();
    private final List<String> stuck = new ArrayList<>();

    private void add(String id, String parent, String type, long size, int hoursAgo, int uses) {
        all.add(
                new CacheUsage(
                        id,
                        parent.isEmpty() ? List.of() : List.of(parent),
                        type,
                        "step " + id,
                        id.endsWith("!"),
                        id.endsWith("*"),
                        size,
                        NOW.minus(Duration.ofHours(hoursAgo)),
                        NOW.minus(Duration.ofHours(hoursAgo)),
                        uses));
    }

    private List<String> prune(PruneRule rule, long free) throws Exception {
        return new Pruning(rule, all, NOW, usage -> !stuck.contains(usage.id()))
                .run(free).stream().map(CacheUsage::id).toList();
    }

    private static PruneRule rule(boolean all, Map<String, List<String>> filters, Duration age) {
        return new PruneRule(all, CacheFilter.of(filters), age, 0, 0, 0);
    }

    private static PruneRule keeping(long reserved, long max, long free) {
        return new PruneRule(true, CacheFilter.ALL, Duration.ZERO, reserved, max, free);
    }

    private void three() {
        add("a", "", "regular", 100, 30, 1);
        add("b", "a", "regular", 100, 20, 1);
        add("c", "b", "regular", 100, 10, 1);
    }

    @Test
    void whatOthersLieOnGoesAfterThem() throws Exception {
        three();
        assertThat(prune(PruneRule.everything(), MANY)).containsExactly("c", "b", "a");
    }

    @Test
    void whatIsUsedStaysWithAllBelowIt() throws Exception {
        three();
        add("d!", "b", "regular", 1, 1, 1);
        assertThat(prune(PruneRule.everything(), MANY)).containsExactly("c");
    }

    @Test
    void whatCannotGoEndsNothing() throws Exception {
        three();
        add("d", "", "regular", 1, 1, 1);
        stuck.add("c");
        assertThat(prune(PruneRule.everything(), MANY)).containsExactly("d");
    }

    @Test
    void whatImagesShareGoesOnlyWithAll() throws Exception {
        add("a*", "", "regular", 100, 10, 1);
        add("b", "", "regular", 100, 10, 1);
        add("c", "", "internal", 100, 10, 1);
        assertThat(prune(rule(false, Map.of(), Duration.ZERO), MANY)).containsExactly("b");
        assertThat(prune(rule(true, Map.of(), Duration.ZERO), MANY))
                .containsExactlyInAnyOrder("a*", "b", "c");
    }

    @Test
    void whatWasUsedLatelyStays() throws Exception {
        three();
        add("d", "", "regular", 1, 25, 1);
        assertThat(prune(rule(true, Map.of(), Duration.ofHours(24)), MANY)).containsExactly("d");
    }

    @Test
    void filtersChoose() throws Exception {
        add("aaa", "", "regular", 1, 1, 1);
        add("aab", "", "exec.cachemount", 1, 1, 1);
        add("b*", "aaa", "regular", 1, 1, 1);
        var expected =
                Map.of(
                        Map.of("id", List.of("aa")), List.of("aab"),
                        Map.of("id", List.of("^b")), List.of("b*"),
                        Map.of("type", List.of("exec.cachemount")), List.of("aab"),
                        Map.of("description", List.of("step aab")), List.of("aab"),
                        Map.of("shared", List.<String>of()), List.of("b*"),
                        Map.of("private", List.of("true")), List.of("aab"),
                        Map.of("parents", List.of("aaa")), List.of("b*"),
                        Map.of("inuse", List.of("")), List.<String>of(),
                        Map.of("type", List.of("regular"), "id", List.of("b")), List.of("b*"));
        for (var entry : expected.entrySet()) {
            assertThat(prune(rule(true, entry.getKey(), Duration.ZERO), MANY))
                    .as(entry.getKey().toString())
                    .isEqualTo(entry.getValue());
        }
    }

    @Test
    void badFiltersAreRefused() {
        assertThatThrownBy(() -> CacheFilter.of(Map.of("bogus", List.of("x"))))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid filter 'bogus'");
        assertThatThrownBy(() -> CacheFilter.of(Map.of("id", List.of("x", "y"))))
                .hasMessage("filters expect only one value");
        assertThatThrownBy(() -> CacheFilter.of(Map.of("id", List.of("("))))
                .isInstanceOf(InvalidParameter.class);
    }

    @Test
    void aBoundIsKept() throws Exception {
        add("old", "", "regular", 100, 30, 1);
        add("new", "", "regular", 100, 1, 1);
        add("used", "", "regular", 100, 20, 5);
        assertThat(prune(keeping(0, 1000, 0), MANY)).isEmpty();
        assertThat(prune(keeping(0, 250, 0), MANY)).containsExactly("old");
        assertThat(prune(keeping(150, 0, 0), MANY)).hasSize(2).first().isEqualTo("old");
        assertThat(prune(keeping(150, 50, 0), MANY)).hasSize(2);
    }

    @Test
    void spaceIsMadeOnADiskThatIsFull() throws Exception {
        add("a", "", "regular", 100, 3, 1);
        add("b", "", "regular", 100, 2, 1);
        add("c", "", "regular", 100, 1, 1);
        assertThat(prune(keeping(0, 0, 500), 500)).isEmpty();
        assertThat(prune(keeping(0, 0, 500), 450)).containsExactly("a");
        assertThat(prune(keeping(0, 0, 500), 0)).containsExactly("a", "b", "c");
        assertThat(prune(keeping(250, 0, 500), 0)).containsExactly("a");
    }

    @Test
    void whatIsSharedTakesNoSpace() throws Exception {
        add("a*", "", "regular", 1000, 3, 1);
        add("b", "", "regular", 100, 2, 1);
        assertThat(prune(keeping(0, 200, 0), MANY)).isEmpty();
    }

    /// The figures are those of Docker 28.5 on a disk of 252 GiB.
    @Test
    void theUsualPolicyFollowsFromTheDisk() {
        List<PruneRule> usual = PruneRule.usual(252L << 30, 0, 0, 0);
        assertThat(usual).hasSize(4);
        assertThat(usual.getFirst().unusedFor()).isEqualTo(Duration.ofHours(48));
        assertThat(usual.getFirst().maxUsedSpace()).isBetween(3_590_000_000L, 3_595_000_000L);
        for (PruneRule rule : usual.subList(1, 4)) {
            assertThat(rule.reservedSpace()).isEqualTo(26_000_000_000L);
            assertThat(rule.maxUsedSpace()).isEqualTo(202_000_000_000L);
            assertThat(rule.minFreeSpace()).isEqualTo(51_000_000_000L);
        }
        assertThat(usual.stream().map(PruneRule::all)).containsExactly(false, false, false, true);
        assertThat(PruneRule.usual(252L << 30, 5, 0, 0).getLast().reservedSpace()).isEqualTo(5);
    }
}
