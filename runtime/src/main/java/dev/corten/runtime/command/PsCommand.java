package dev.corten.runtime.command;

import dev.corten.runtime.bundle.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `ps`: the processes of a container, as `ps` shows them.
final class PsCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(Set.of(), Set.of("format"), Map.of("f", "format"), true);

    private final Place place;
    private final PrintStream out;

    PsCommand(Place place, PrintStream out) {
        this.place = place;
        this.out = out;
    }

    void run(Flags flags) throws IOException, Failure {
        ContainerRecord container = place.load(flags.id("ps"));
        List<Integer> pids = container.group().pids();
        if (flags.find("format").orElse("table").equals("json")) {
            out.println(new String(Document.write(pids), StandardCharsets.UTF_8));
            return;
        }
        var command = new ArrayList<String>();
        command.add("ps");
        List<String> options = flags.arguments().subList(1, flags.arguments().size());
        command.addAll(options.isEmpty() ? List.of("-ef") : options);
        Process ps = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> lines =
                new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
        int column = lines.isEmpty() ? -1 : columns(lines.getFirst()).indexOf("PID");
        if (column < 0) {
            throw new Failure("couldn't find PID field in ps output");
        }
        out.println(lines.getFirst());
        for (String line : lines.subList(1, lines.size())) {
            List<String> fields = columns(line);
            if (fields.size() > column && pids.contains(number(fields.get(column)))) {
                out.println(line);
            }
        }
    }

    private static List<String> columns(String line) {
        return List.of(line.strip().split("\\s+", -1));
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
    }
}
