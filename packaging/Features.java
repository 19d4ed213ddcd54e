import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Says for `./verify`, by area, how many rows of the feature table have a test that ran and passed,
/// and which have none.
///
/// Arguments: the table (`features.tsv`: id, words, and a reason if no test is asked for), and the file
/// that the system tests have written (a line a test: its rows, a tab, its name).
final class Features {
    private record Row(String id, String words, String excluded) {}

    private Features() {}

    public static void main(String[] args) throws IOException {
        var shown = new TreeSet<String>();
        Path file = Path.of(args[1]);
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                shown.addAll(List.of(line.split("\t")[0].split(" ")));
            }
        }
        int missing = 0;
        for (var area : areas(Path.of(args[0])).entrySet()) {
            missing += report(area.getKey(), area.getValue(), shown);
        }
        System.out.println(
                missing == 0
                        ? "features: no row without a test, but for those that are left out"
                        : "features: " + missing + " rows without a test");
    }

    private static Map<String, List<Row>> areas(Path table) throws IOException {
        var areas = new LinkedHashMap<String, List<Row>>();
        for (String line : Files.readAllLines(table)) {
            String[] cells = line.split("\t");
            if (!line.startsWith("#") && cells[0].contains("-")) {
                areas.computeIfAbsent(
                                cells[0].substring(0, cells[0].indexOf('-')),
                                a -> new ArrayList<>())
                        .add(new Row(cells[0], cells[1], cells.length > 2 ? cells[2] : ""));
            }
        }
        return areas;
    }

    private static int report(String area, List<Row> rows, TreeSet<String> shown) {
        List<Row> tested = rows.stream().filter(row -> shown.contains(row.id())).toList();
        List<Row> open =
                rows.stream()
                        .filter(row -> !shown.contains(row.id()) && row.excluded().isEmpty())
                        .toList();
        System.out.printf(
                "features: %s %d of %d rows have a test, %d are left out for now%n",
                area, tested.size(), rows.size(), rows.size() - tested.size() - open.size());
        open.forEach(row -> System.out.println("  no test: " + row.id() + " " + row.words()));
        return open.size();
    }
}
