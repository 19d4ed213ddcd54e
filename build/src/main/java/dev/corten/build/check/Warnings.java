package dev.corten.build.check;

import dev.corten.build.dockerfile.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Collects what the rules that are on have to say.
public final class Warnings {
    private final CheckOptions options;
    private final List<Warning> warnings = new ArrayList<>();

    public Warnings(CheckOptions options) {
        this.options = options;
    }

    public void add(Rule rule, Statement statement, String message) {
        if (options.has(rule)) {
            warnings.add(new Warning(rule, message, statement.firstLine(), statement.lastLine()));
        }
    }

    /// At the last line of a statement only.
    void addAtEnd(Rule rule, Statement statement, String message) {
        if (options.has(rule)) {
            warnings.add(new Warning(rule, message, statement.lastLine(), statement.lastLine()));
        }
    }

    /// In the order of the file.
    public List<Warning> list() {
        return warnings.stream().sorted(Comparator.comparingInt(Warning::firstLine)).toList();
    }
}
