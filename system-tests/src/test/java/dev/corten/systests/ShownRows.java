package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.FileSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/// Writes down which rows of the feature table were shown by tests that ran and passed, for
/// `packaging/Features.java`. JUnit finds this by its service file.
public final class ShownRows implements TestExecutionListener {
    /// `verify` removes it with the reports.
    private static final Path FILE = Path.of("target/failsafe-reports/shown-rows");

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest()
                || Limits.againstStub()
                || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            return;
        }
        Set<String> rows = rows(test);
        if (!rows.isEmpty()) {
            append(String.join(" ", rows) + "\t" + test.getDisplayName() + "\n");
        }
    }

    private static Set<String> rows(TestIdentifier test) {
        var rows = new TreeSet<String>();
        switch (test.getSource().orElse(null)) {
            case MethodSource method -> {
                add(rows, method.getJavaMethod().getAnnotation(Shows.class));
                for (Class<?> type = method.getJavaClass();
                        type != null;
                        type = type.getEnclosingClass()) {
                    add(rows, type.getAnnotation(Shows.class));
                }
            }
            case FileSource file -> rows.addAll(rows(file.getFile().toPath()));
            case null, default -> {}
        }
        return rows;
    }

    private static List<String> rows(Path file) {
        return file.toString().endsWith(".case")
                ? BuildCase.read(file).shows()
                : Transcript.read(file).shows();
    }

    private static void add(Set<String> rows, Shows shows) {
        if (shows != null) {
            rows.addAll(Set.of(shows.value()));
        }
    }

    private static void append(String line) {
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(
                    FILE, line, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
