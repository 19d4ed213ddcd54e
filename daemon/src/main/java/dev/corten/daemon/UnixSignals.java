package dev.corten.daemon;

import dev.corten.kernel.Errno;
import dev.corten.kernel.process.Signals;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/// Signals to this process.
///
/// `sun.misc.Signal` of module `jdk.unsupported` is the only way to catch one without native code;
/// by reflection, because javac's warning about it can neither be suppressed nor be without effect
/// where warnings are errors.
final class UnixSignals {
    private UnixSignals() {}

    /// Has the action run, on a thread of the JVM, whenever the signal comes.
    ///
    /// @param number as in [Signals]
    static void handle(int number, Runnable action) throws Errno {
        String name = Signals.name(number).substring("SIG".length());
        // The JVM leaves a signal alone that it was started to ignore, as nohup(1) starts programs.
        Signals.ignoreNoMore(number);
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
