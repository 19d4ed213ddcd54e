package dev.corten.systests;

import dev.corten.architecture.Walkthrough;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/// A program of the tree under test, run so that the JVM notes when chosen methods are entered
/// (JEP 520).
final class MethodTrace {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

    private final Path program;
    private final Path recording;
    private final TreeMap<String, Walkthrough.Method> methods = new TreeMap<>();

    /// @param folder for the recording and the launcher
    /// @param name of the program: `corten` or `cortend`
    /// @param main what to start, as the JVM takes it behind its options
    MethodTrace(Path folder, String name, List<Walkthrough.Method> traced, String main)
            throws IOException {
        for (Walkthrough.Method method : traced) {
            methods.put(method.className(REPOSITORY) + "::" + method.name(), method);
        }
        recording = folder.resolve(name + ".jfr");
        Path settings = folder.resolve(name + ".jfc");
        Files.writeString(
                settings,
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <configuration version="2.0">
                  <event name="jdk.MethodTrace">
                    <setting name="enabled">true</setting>
                    <setting name="filter">%s</setting>
                    <setting name="threshold">0 ns</setting>
                    <setting name="stackTrace">false</setting>
                  </event>
                </configuration>
                """
                        .formatted(String.join(";", methods.keySet())));
        program = folder.resolve(name);
        Path lib = Engine.tree().resolve("lib");
        // As the launchers in bin, but without the AOT cache, which a recording makes unfit anyway.
        Files.writeString(
                program,
                """
                #!/bin/sh
                export LC_ALL=C.UTF-8
                exec %1$s/runtime/bin/%2$s -XX:AOTMode=off @%1$s/%2$s.jvm \\
                    -Djava.library.path=%1$s/native -Dcorten.lib=%1$s \\
                    -XX:StartFlightRecording:name=walk,settings=%3$s,filename=%4$s,dumponexit=true \\
                    -XX:FlightRecorderOptions:repository=%5$s \\
                    %6$s "$@"
                """
                        .formatted(
                                lib,
                                name,
                                settings,
                                recording,
                                Files.createDirectory(folder.resolve(name + ".repository")),
                                main));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path program() {
        return program;
    }

    /// Writes the recording of a program that goes on.
    void dump(long pid) throws IOException {
        Files.deleteIfExists(recording);
        Path jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd");
        Running.run(
                        jcmd.toString(),
                        Long.toString(pid),
                        "JFR.dump",
                        "name=walk",
                        "filename=" + recording)
                .ok();
    }

    private record Entry(Instant time, Walkthrough.Method method) {}

    /// The methods that were entered, in the order of time.
    List<Walkthrough.Method> entries() throws IOException {
        var entries = new ArrayList<Entry>();
        try (var file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.MethodTrace")) {
                    RecordedMethod method = event.getValue("method");
                    String name = method.getType().getName() + "::" + method.getName();
                    Walkthrough.Method known = methods.get(name);
                    if (known == null) {
                        throw new AssertionError("traced without being asked: " + name);
                    }
                    entries.add(new Entry(event.getStartTime(), known));
                }
            }
        }
        entries.sort(Comparator.comparing(Entry::time));
        return entries.stream().map(Entry::method).collect(Collectors.toList());
    }
}
