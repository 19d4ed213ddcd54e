package dev.corten.registry.client;

import java.util.List;

/// What a search found, in the order of the registry.
public record SearchPage(List<Result> results) {
    public SearchPage {
        results = List.copyOf(results);
    }

    /// @param stars how many users like it
    public record Result(
            String name, String description, long stars, boolean official, boolean automated) {}
}
