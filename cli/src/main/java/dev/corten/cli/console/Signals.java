package dev.corten.cli.console;

import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/// Signals to this process that concern a container: passed on to it, or changes of the window.
///
/// Handlers run in a thread of the JVM; the former ones come back at [#close()]. SIGQUIT stays the
/// JVM's own, SIGKILL and SIGSTOP the kernel's.
///
/// `sun.misc.Signal` of module `jdk.unsupported` is the only way to catch a signal without native
/// code. It is used by reflection, the only place that is, because javac's warning about it can
/// neither be suppressed nor be without effect where warnings are errors.
public final class Signals implements AutoCloseable {
    private static final String[] FORWARDED = {
        "HUP", "INT", "TERM", "USR1", "USR2", "CONT", "ALRM", "TSTP", "TTIN", "TTOU", "IO"
    };

    /// A signal and the handler that it had before.
    private record Former(Object signal, Object handler) {}

    private final List<Former> former = new ArrayList<>();

    /// Sends what comes to the container.
    public void forwardTo(ApiClient api, String container) {
        for (String name : FORWARDED) {
            handle(name, () -> forward(api, container, name));
        }
    }

    private static void forward(ApiClient api, String container, String signal) {
        try {
            String path = "/containers/" + Request.segment(container) + "/kill";
            api.call(Request.post(path).query("signal", signal));
        } catch (IOException | CortenException e) {
            api.trace("signal " + signal + " not delivered: " + e.getMessage());
        }
    }

    /// Calls [action] for each change of the window's size.
    void onResize(Runnable action) {
        handle("WINCH", action);
    }

    /// Nothing happens on this signal.
    public void ignore(String name) {
        handle(name, () -> {});
    }

    public void onSignal(String name, Runnable action) {
        handle(name, action);
    }

    private void handle(String name, Runnable action) {
        try {
            Class<?> handlers = Class.forName("sun.misc.SignalHandler");
            Object handler =
                    Proxy.newProxyInstance(
                            handlers.getClassLoader(),
                            new Class<?>[] {handlers},
                            (proxy, method, arguments) -> {
                                action.run();
                                return null;
                            });
            Object signal =
                    Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
            former.add(new Former(signal, install(signal, handler)));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) {
                throw new IllegalStateException("cannot handle SIG" + name, e);
            }
            // The JVM needs this one itself; it is not forwarded.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no module jdk.unsupported", e);
        }
    }

    private static Object install(Object signal, Object handler)
            throws ReflectiveOperationException {
        Class<?> handlers = Class.forName("sun.misc.SignalHandler");
        Method handle = signal.getClass().getMethod("handle", signal.getClass(), handlers);
        return handle.invoke(null, signal, handler);
    }

    @Override
    public void close() {
        for (Former each : former) {
            try {
                install(each.signal, each.handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot restore " + each.signal, e);
            }
        }
        former.clear();
    }
}
