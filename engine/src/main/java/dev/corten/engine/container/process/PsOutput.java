package dev.corten.engine.container.process;

import dev.corten.model.Internal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the host's `ps` prints, cut down to the processes of one container.
public final class PsOutput {
    private static final Pattern TITLE_OPTION = Pattern.compile("\\s+(\\S*)=\\s*(PID\\S*)");

    private PsOutput() {}

    /// The column by which processes are told apart must be theirs: `-o comm=PID` is refused.
    public static void check(String arguments) {
        Matcher titles = TITLE_OPTION.matcher(arguments);
        while (titles.find()) {
            if (!titles.group(1).equals("pid")) {
                throw new Internal(
                        "specifying \""
                                + titles.group(1)
                                + "="
                                + titles.group(2)
                                + "\" is not allowed");
            }
        }
    }

    /// @throws Internal if there is no column `PID`
    public static ProcessTable parse(String output, Set<Integer> pids) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        List<String> titles = lines.isEmpty() ? List.of() : words(lines.getFirst());
        int pidColumn = titles.indexOf("PID");
        if (pidColumn < 0) {
            throw new Internal("Couldn't find PID field in ps output");
        }
        var rows = new ArrayList<List<String>>();
        boolean threadsAreOurs = false;
        for (String line : lines.subList(1, lines.size())) {
            List<String> cells = words(line);
            if (cells.size() <= pidColumn) {
                continue;
            }
            String pid = cells.get(pidColumn);
            // Threads follow their process and have a dash instead of its number.
            boolean ours = pid.equals("-") ? threadsAreOurs : pids.contains(number(pid));
            threadsAreOurs = ours;
            if (ours) {
                rows.add(row(cells, titles.size()));
            }
        }
        return new ProcessTable(titles, rows);
    }

    private static int number(String pid) {
        try {
            return Integer.parseInt(pid);
        } catch (NumberFormatException e) {
            throw new Internal("Unexpected pid '" + pid + "'", e);
        }
    }

    private static List<String> words(String line) {
        return List.of(line.strip().split("\\s+", -1));
    }

    /// The last column has the rest of the line.
    private static List<String> row(List<String> cells, int columns) {
        if (cells.size() <= columns) {
            return cells;
        }
        var row = new ArrayList<>(cells.subList(0, columns - 1));
        row.add(String.join(" ", cells.subList(columns - 1, cells.size())));
        return List.copyOf(row);
    }
}
