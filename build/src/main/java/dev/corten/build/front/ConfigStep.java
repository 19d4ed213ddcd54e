package dev.corten.build.front;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.CommandLine;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.ImageConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The instructions that change an image's configuration.
public final class ConfigStep {
    static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

    private ConfigStep() {}

    /// Applies an instruction whose variables have been replaced. Those that make files, and those
    /// that are about the build only, change nothing here but what they say of the configuration.
    ///
    /// @throws InvalidParameter in Docker's words
    public static ImageConfig apply(ImageConfig config, Instruction instruction) {
        var editor = config.edit();
        switch (instruction) {
            case Instruction.Env env ->
                    env.assignments().forEach(a -> editor.env = with(editor.env, a));
            case Instruction.Label label -> {
                var labels = new LinkedHashMap<String, String>();
                var before = editor.labels;
                if (before != null) {
                    labels.putAll(before);
                }
                for (Assignment assignment : label.assignments()) {
                    String value = assignment.value();
                    labels.put(assignment.name(), value == null ? "" : value);
                }
                editor.labels = Collections.unmodifiableMap(labels);
            }
            case Instruction.Cmd cmd -> {
                editor.cmd = command(config, cmd.command());
                editor.argsEscaped = false;
            }
            case Instruction.Entrypoint entrypoint ->
                    editor.entrypoint = command(config, entrypoint.command());
            case Instruction.Expose expose -> {
                SortedSet<String> ports = copy(editor.exposedPorts);
                expose.ports().forEach(port -> ports.addAll(ports(port)));
                editor.exposedPorts = Collections.unmodifiableSortedSet(ports);
            }
            case Instruction.Volume volume -> {
                SortedSet<String> volumes = copy(editor.volumes);
                for (String path : volume.paths()) {
                    if (path.isEmpty()) {
                        throw new InvalidParameter("VOLUME specified can not be an empty string");
                    }
                    volumes.add(path);
                }
                editor.volumes = Collections.unmodifiableSortedSet(volumes);
            }
            case Instruction.User user -> editor.user = user.user();
            case Instruction.Workdir workdir ->
                    editor.workingDir = directory(config.workingDir(), workdir.path());
            case Instruction.StopSignal stop -> editor.stopSignal = stop.signal();
            case Instruction.Healthcheck health -> editor.healthcheck = health.check();
            case Instruction.Shell shell -> editor.shell = shell.words();
            case Instruction.OnBuild trigger -> {
                var triggers = new ArrayList<>(orEmpty(editor.onBuild));
                triggers.add(trigger.trigger());
                editor.onBuild = List.copyOf(triggers);
            }
            case Instruction.From _,
                    Instruction.Arg _,
                    Instruction.Maintainer _,
                    Instruction.Run _,
                    Instruction.Copy _,
                    Instruction.Add _ -> {}
        }
        return editor.done();
    }

    /// The shell of a stage.
    public static List<String> shell(ImageConfig config) {
        List<String> shell = config.shell();
        return shell == null || shell.isEmpty() ? DEFAULT_SHELL : shell;
    }

    private static List<String> command(ImageConfig config, CommandLine command) {
        return command.words().isEmpty() ? List.of() : command.arguments(shell(config));
    }

    private static List<String> with(@Nullable List<String> env, Assignment assignment) {
        String name = assignment.name();
        String value = assignment.value();
        String variable = name + "=" + (value == null ? "" : value);
        var result = new ArrayList<String>();
        boolean replaced = false;
        for (String old : orEmpty(env)) {
            boolean same = old.startsWith(name + "=") || old.equals(name);
            if (!same) {
                result.add(old);
            } else if (!replaced) {
                result.add(variable);
                replaced = true;
            }
        }
        if (!replaced) {
            result.add(variable);
        }
        return List.copyOf(result);
    }

    /// `80`, `80/udp`, `8000-8010`: one element for each port.
    ///
    /// @throws InvalidParameter `invalid containerPort: …`
    public static List<String> ports(String written) {
        int slash = written.indexOf('/');
        String protocol = slash < 0 ? "tcp" : written.substring(slash + 1).toLowerCase(Locale.ROOT);
        String numbers = slash < 0 ? written : written.substring(0, slash);
        // An address and a port of the host may stand before it, and mean nothing.
        String[] range = numbers.substring(numbers.lastIndexOf(':') + 1).split("-", -1);
        if (!protocol.matches("tcp|udp|sctp")) {
            throw new InvalidParameter("invalid proto: " + protocol);
        }
        if (range.length > 2
                || !range[0].matches("\\d{1,5}")
                || !range[range.length - 1].matches("\\d{1,5}")) {
            throw new InvalidParameter("invalid containerPort: " + numbers);
        }
        int first = Integer.parseInt(range[0]);
        int last = Integer.parseInt(range[range.length - 1]);
        if (first < 1 || last > 65535 || last < first) {
            throw new InvalidParameter("invalid containerPort: " + numbers);
        }
        var ports = new ArrayList<String>();
        for (int port = first; port <= last; port++) {
            ports.add(port + "/" + protocol);
        }
        return ports;
    }

    /// A working directory, from the one before it.
    public static String directory(String before, String written) {
        String path = written.startsWith("/") ? written : before + "/" + written;
        var names = new ArrayList<String>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return "/" + String.join("/", names);
    }

    private static SortedSet<String> copy(@Nullable SortedSet<String> set) {
        return set == null ? new TreeSet<>() : new TreeSet<>(set);
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
