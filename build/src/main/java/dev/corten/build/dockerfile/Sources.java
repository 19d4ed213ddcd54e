package dev.corten.build.dockerfile;

import java.util.List;

/// What `COPY` and `ADD` take, and where to.
///
/// @param paths as they are written
/// @param documents here-documents, each a file of its name
public record Sources(List<String> paths, List<Heredoc> documents, String destination) {
    public Sources {
        paths = List.copyOf(paths);
        documents = List.copyOf(documents);
    }
}
