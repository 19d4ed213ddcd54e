package dev.corten.daemon;

import dev.corten.model.InvalidParameter;
import dev.corten.store.Durable;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// Ends the daemon at a chosen point, for the tests of what the next one makes of it.
///
/// With `CORTEN_END_BEFORE_STEP=N` in its environment the daemon ends before its N-th durable step as
/// it would by SIGKILL: nothing is closed, finished or told to anybody.
final class Doom {
    private static final String VARIABLE = "CORTEN_END_BEFORE_STEP";

    /// The status of a program that SIGKILL has ended.
    private static final int KILLED = 137;

    private Doom() {}

    static Durable durable(Map<String, String> environment) {
        String number = environment.getOrDefault(VARIABLE, "");
        if (number.isEmpty()) {
            return new Durable();
        }
        AtomicInteger left;
        try {
            left = new AtomicInteger(Integer.parseInt(number));
        } catch (NumberFormatException e) {
            throw new InvalidParameter(VARIABLE + " is no number: " + number, e);
        }
        return new Durable(step -> {
            if (left.decrementAndGet() == 0) {
                Runtime.getRuntime().halt(KILLED);
            }
        });
    }
}
