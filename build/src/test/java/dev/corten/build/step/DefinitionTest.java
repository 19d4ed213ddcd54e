package dev.corten.build.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.dockerfile.RunMount.Sharing;
import dev.corten.build.file.CopyRequest;
import dev.corten.build.work.Session;
import dev.corten.model.Digest;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.Ulimit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// What tells two steps apart: without it one would get what the other has made.
class DefinitionTest {
    private static Digest copy(CopyRequest request) {
        return new FileOperation(
                        true,
                        List.of(new FileAction.Copy(1, request)),
                        Optional.empty(),
                        true,
                        false)
                .definition();
    }

    @Test
    void aNameWithACommaIsNotTwoNames() {
        assertThat(copy(CopyRequest.of(List.of("a", "b"), "/d/")))
                .isNotEqualTo(copy(CopyRequest.of(List.of("a, b"), "/d/")));
    }

    @Test
    void howFilesGetThereIsNoPartOfIt() {
        CopyRequest request = CopyRequest.of(List.of("a"), "/d/");
        assertThat(copy(request)).isEqualTo(copy(request.withLinkable(true)));
        assertThat(copy(request)).isNotEqualTo(copy(request.withOwners()));
    }

    private static RunOperation run(HostConfig host, RunInput... mounts) {
        return new RunOperation(
                true,
                List.of("true"),
                List.of(),
                List.of(),
                "",
                "/",
                "",
                host,
                List.of(mounts),
                Optional.empty(),
                Optional.empty(),
                Session.NONE,
                false,
                true,
                false);
    }

    private static RunInput cache(Sharing sharing, OptionalInt mode, OptionalInt uid) {
        return new RunInput.Cache(
                "/c", "c", -1, "", sharing, false, mode, uid, OptionalInt.empty());
    }

    private static Digest mounted(RunInput mount) {
        return run(HostConfig.DEFAULT, mount).definition();
    }

    @Test
    void whatACommandSeesOfAMountIsAPartOfIt() {
        var none = OptionalInt.empty();
        var nought = OptionalInt.of(0);
        assertThat(
                        List.of(
                                mounted(cache(Sharing.SHARED, none, none)),
                                mounted(cache(Sharing.LOCKED, none, none)),
                                mounted(cache(Sharing.SHARED, nought, none)),
                                mounted(cache(Sharing.SHARED, none, nought)),
                                mounted(new RunInput.Secret("/s", "s", "", false, 0400, 0, 0)),
                                mounted(new RunInput.Secret("/s", "s", "", true, 0400, 0, 0)),
                                mounted(new RunInput.Secret("/s", "s", "", false, 0444, 0, 0)),
                                mounted(new RunInput.Secret("/s", "s", "", false, 0400, 7, 0)),
                                mounted(new RunInput.Agent("/s", "s", false, 0600, 0, 0)),
                                mounted(new RunInput.Agent("/s", "s", false, 0600, 0, 7))))
                .doesNotHaveDuplicates();
    }

    @Test
    void limitsThatACommandSeesAreAPartOfIt() {
        var limited = HostConfig.DEFAULT.edit();
        limited.ulimits = List.of(new Ulimit("nofile", 99, 99));
        var small = HostConfig.DEFAULT.edit();
        small.shmSize = 4096;
        assertThat(
                        List.of(
                                run(HostConfig.DEFAULT).definition(),
                                run(limited.done()).definition(),
                                run(small.done()).definition()))
                .doesNotHaveDuplicates();
    }

    @Test
    void aCommandWithASecretIsItsBuildsOwn() {
        assertThat(run(HostConfig.DEFAULT).isShared()).isTrue();
        RunInput secret = new RunInput.Secret("/s", "s", "", false, 0400, 0, 0);
        assertThat(run(HostConfig.DEFAULT, secret).isShared()).isFalse();
    }
}
