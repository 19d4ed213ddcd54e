package dev.corten.engine.container.process;

import java.util.List;

/// The processes of a container, as `ps` shows them.
///
/// @param rows of as many cells as there are titles
public record ProcessTable(List<String> titles, List<List<String>> rows) {
    public ProcessTable {
        titles = List.copyOf(titles);
        rows = List.copyOf(rows);
    }
}
