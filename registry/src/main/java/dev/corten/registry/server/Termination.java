package dev.corten.registry.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// SIGTERM and SIGINT, caught so that the log is still there at the end and the exit status is 0.
///
/// `sun.misc.Signal` by reflection, because javac's warning about it can neither be suppressed nor be
/// without effect where warnings are errors.
final class Termination {
    private Termination() {}

    /// A latch that opens with the first signal. The second one ends the process at once.
    static CountDownLatch expect() {
        var latch = new CountDownLatch(1);
        for (String name : List.of("TERM", "INT")) {
            handle(
                    name,
                    () -> {
                        if (latch.getCount() == 0) {
                            Runtime.getRuntime().halt(1);
                        }
                        latch.countDown();
                    });
        }
        return latch;
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            InvocationHandler run =
                    (_, _, _) -> {
                        action.run();
                        return null;
                    };
            Object handler =
                    Proxy.newProxyInstance(
                            handlers.getClassLoader(), new Class<?>[] {handlers}, run);
            Class<?> signals = Class.forName("sun.misc.Signal");
            Object signal = signals.getConstructor(String.class).newInstance(name);
            signals.getMethod("handle", signals, handlers).invoke(null, signal, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle SIG" + name, e);
        }
    }
}
