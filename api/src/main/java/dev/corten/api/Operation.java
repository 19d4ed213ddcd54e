package dev.corten.api;

/// What a route does.
@FunctionalInterface
interface Operation {
    /// @throws Exception of which [Failures] makes the answer
    Response answer(Request request) throws Exception;
}
