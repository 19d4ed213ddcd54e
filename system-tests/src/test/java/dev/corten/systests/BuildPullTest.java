package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The image that a build begins with has become another one in the registry.
@ExtendWith(WithRegistry.class)
class BuildPullTest {
    private static void publish(Lab lab, String repository, String version) {
        new Published()
                .layer(Image.busyboxLayer())
                .layer(new Tar().file("v", version).bytes())
                .config("\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]")
                .publish(lab.registry().api(), repository, "1");
    }

    private static String made(Lab lab) {
        return lab.engine().docker().ok("run", "--rm", "made", "cat", "/w");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-14")
    void theImageIsTakenAnewOnlyIfAskedFor(String program, Lab lab) {
        String repository = "pulled/" + program;
        try (var build = BuildFolder.of(lab.engine(), program)) {
            build.dockerfile("FROM " + lab.name(repository) + ":1", "RUN cp /v /w");
            publish(lab, repository, "one");
            build.build("-t", "made").ok();
            assertThat(made(lab)).isEqualTo("one");
            publish(lab, repository, "two");
            build.build("-t", "made").ok();
            assertThat(made(lab)).isEqualTo("one");
            build.build("-t", "made", "--pull").ok();
            assertThat(made(lab)).isEqualTo("two");
            // What has not changed is no reason to do anything again.
            build.build("-t", "made", "--pull").ok();
            assertThat(build.said()).contains(build.isDocker() ? "Using cache" : "CACHED");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("BLD-14")
    void whatIsHereIsNotEnoughIfTheRegistryIsToBeAsked(String program, Lab lab) {
        String repository = "pulled/gone-" + program;
        try (var build = BuildFolder.of(lab.engine(), program)) {
            String name = lab.name(repository) + ":1";
            build.dockerfile("FROM " + name, "RUN cp /v /w");
            publish(lab, repository, "one");
            build.build("-t", "made").ok();
            new Image(lab.name(repository) + ":2")
                    .layer(Image.busyboxLayer())
                    .layer(new Tar().file("v", "two").bytes())
                    .load(lab.engine());
            build.dockerfile("FROM " + lab.name(repository) + ":2", "RUN cp /v /w");
            build.build("-t", "made").ok();
            assertThat(made(lab)).isEqualTo("two");
            assertThat(build.build("-t", "made", "--pull").status()).isEqualTo(1);
            build.refused(repository + ":2", "not found");
        }
    }
}
