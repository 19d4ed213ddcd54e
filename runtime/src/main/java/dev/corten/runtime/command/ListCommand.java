package dev.corten.runtime.command;

import dev.corten.runtime.bundle.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `list`: all containers of this root.
final class ListCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(
                    Set.of("quiet"), Set.of("format"), Map.of("q", "quiet", "f", "format"), false);

    private static final List<String> TITLES =
            List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER");
    private static final int MIN_WIDTH = 12;

    private final Place place;
    private final PrintStream out;

    ListCommand(Place place, PrintStream out) {
        this.place = place;
        this.out = out;
    }

    void run(Flags flags) throws IOException, Failure {
        List<ContainerRecord> all = place.all();
        if (flags.has("quiet")) {
            all.forEach(container -> out.println(container.id()));
            return;
        }
        String format = flags.find("format").orElse("table");
        switch (format) {
            case "json" -> {
                var trees = new ArrayList<Object>();
                for (ContainerRecord container : all) {
                    trees.add(container.listed(place));
                }
                // Go's empty list.
                Object tree = trees.isEmpty() ? null : trees;
                out.println(new String(Document.write(tree), StandardCharsets.UTF_8));
            }
            case "table" -> table(all);
            default -> throw new Failure("invalid format option");
        }
    }

    private void table(List<ContainerRecord> all) throws IOException {
        var rows = new ArrayList<List<String>>();
        rows.add(TITLES);
        for (ContainerRecord container : all) {
            ContainerRecord.Status status = container.status(place);
            boolean stopped = status == ContainerRecord.Status.STOPPED;
            rows.add(
                    List.of(
                            container.id(),
                            Integer.toString(stopped ? 0 : container.init().pid()),
                            status.word(),
                            container.bundle(),
                            container.created(),
                            "root"));
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width =
                        rows.stream()
                                .mapToInt(r -> Math.max(MIN_WIDTH, r.get(at).length() + 1))
                                .max()
                                .orElse(MIN_WIDTH);
                String text = row.get(column);
                line.append(text);
                if (column + 1 < row.size()) {
                    line.repeat(' ', width - text.length());
                }
            }
            out.println(line);
        }
    }
}
