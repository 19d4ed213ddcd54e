package dev.corten.systests;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.List;

/// Our command line, with an end at which the JVM writes its recording: the real one halts, since it
/// has nothing to write. Runs on the runtime under test, so it is all reflection.
final class TracedCorten {
    private TracedCorten() {}

    public static void main(String[] args) throws ReflectiveOperationException {
        Class<?> console = Class.forName("dev.corten.cli.console.Console");
        Class<?> environment = Class.forName("dev.corten.cli.console.Environment");
        Method run =
                Class.forName("dev.corten.cli.Main")
                        .getMethod("run", List.class, console, environment);
        Constructor<?> terminal =
                Class.forName("dev.corten.cli.console.SystemConsole").getConstructor();
        Method ofProcess = environment.getMethod("ofProcess");
        System.exit(
                (int)
                        run.invoke(
                                null,
                                List.of(args),
                                terminal.newInstance(),
                                ofProcess.invoke(null)));
    }
}
