package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many at once.
@ExtendWith(PrivateEngine.class)
class CrowdTest {
    private static final int MANY = 300;

    @Test
    @Shows("CON-03")
    void threeHundredContainersAreCreatedListedAndRemovedAtOnce(Engine engine, Api api)
            throws Exception {
        List<Api.Answer> created =
                all(i ->
                        api.call(
                                "POST",
                                "/containers/create?name=crowd" + i,
                                "{\"Image\":\"busybox\",\"Cmd\":[\"true\"],"
                                        + "\"Labels\":{\"n\":\""
                                        + i
                                        + "\"}}"));
        assertThat(created).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(201));
        List<Api.Answer> lists = all(i -> api.get("/containers/json?all=1"));
        assertThat(lists).allSatisfy(list -> assertThat(list.json()).hasSize(MANY));
        List<Api.Answer> inspected = all(i -> api.get("/containers/crowd" + i + "/json"));
        assertThat(inspected).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
        List<Api.Answer> removed = all(i -> api.call("DELETE", "/containers/crowd" + i));
        assertThat(removed).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(204));
        assertThat(api.get("/containers/json?all=1").json()).isEmpty();
        Eventually.get("order", () -> Disorder.of(engine), Set<String>::isEmpty);
    }

    /// Of several that ask for the same, one gets it.
    @Test
    void oneOfManyGetsTheName(Api api) throws Exception {
        List<Api.Answer> created =
                all(i ->
                        api.call(
                                "POST",
                                "/containers/create?name=wanted",
                                "{\"Image\":\"busybox\"}"));
        assertThat(created).filteredOn(a -> a.status() == 201).hasSize(1);
        assertThat(created).filteredOn(a -> a.status() == 409).hasSize(MANY - 1);
        List<Api.Answer> removed = all(i -> api.call("DELETE", "/containers/wanted"));
        assertThat(removed).filteredOn(a -> a.status() == 204).hasSize(1);
        assertThat(removed)
                .filteredOn(a -> a.status() != 204)
                .allSatisfy(a -> assertThat(a.status()).isIn(404, 409));
    }

    private static <T> List<T> all(IntFunction<T> work) throws Exception {
        try (var threads = Executors.newFixedThreadPool(50)) {
            List<Future<T>> futures =
                    IntStream.range(0, MANY)
                            .mapToObj(i -> threads.submit(() -> work.apply(i)))
                            .toList();
            return futures.stream().map(CrowdTest::result).toList();
        }
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }
}
