package dev.corten.engine.build.remote;

import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.output.ExportRequest.Sink;
import java.util.Optional;
import java.util.SortedMap;

/// Where a client wants a cache to be read from, or written to.
///
/// @param type `registry`, `local`, `inline`
/// @param attributes `ref`, `mode`, `tag`, `digest`, `ignore-error`
/// @param files of a `local` one to read: a directory with an OCI image layout
/// @param sink of a `local` one to write: takes such a directory as a tar
public record CachePlace(
        String type,
        SortedMap<String, String> attributes,
        Optional<TreeSource> files,
        Optional<Sink> sink) {
    String attribute(String name, String otherwise) {
        return attributes.getOrDefault(name, otherwise);
    }
}
