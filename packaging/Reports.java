import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/// Sums the reports of JUnit below a folder for `./verify`. Prints a line for each test that failed
/// or was skipped, and at the end `PASSED FAILED SKIPPED`.
final class Reports {
    private static final int MAX_REASON = 400;

    private static int passed;
    private static int failed;
    private static int skipped;

    private Reports() {}

    public static void main(String[] args)
            throws IOException, ParserConfigurationException, SAXException {
        List<Path> reports;
        try (Stream<Path> modules = Files.list(Path.of(args[0]))) {
            reports = modules.flatMap(module -> reportsOf(module.resolve("target"))).toList();
        }
        for (Path report : reports) {
            var document = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            var cases = document.parse(report.toFile()).getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                count((Element) cases.item(i));
            }
        }
        System.out.println(passed + " " + failed + " " + skipped);
    }

    private static Stream<Path> reportsOf(Path target) {
        return Stream.of("surefire-reports", "failsafe-reports")
                .map(target::resolve)
                .filter(Files::isDirectory)
                .flatMap(folder -> {
                    try (Stream<Path> files = Files.list(folder)) {
                        return files
                                .filter(f -> f.getFileName().toString().startsWith("TEST-"))
                                .sorted()
                                .toList()
                                .stream();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
    }

    /// A report holds the whole; here it must not flood the screen.
    private static String shortened(String reason) {
        return reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON) + "…";
    }

    private static void count(Element test) {
        for (String outcome : List.of("failure", "error", "skipped")) {
            if (test.getElementsByTagName(outcome).item(0) instanceof Element why) {
                boolean skip = outcome.equals("skipped");
                if (skip) {
                    skipped++;
                } else {
                    failed++;
                }
                String reason = why.getAttribute("message").strip().replaceAll("\\s+", " ");
                System.out.printf(
                        "%-5s %s.%s%s%n",
                        skip ? "SKIP" : "FAIL",
                        test.getAttribute("classname"),
                        test.getAttribute("name"),
                        reason.isEmpty() ? "" : ": " + shortened(reason));
                return;
            }
        }
        passed++;
    }
}
