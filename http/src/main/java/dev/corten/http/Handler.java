package dev.corten.http;

/// Answers requests. Called on a virtual thread of its own for each request; may block.
@FunctionalInterface
public interface Handler {
    /// Answers one request. A stream that is still open on return is ended properly; after an
    /// exception the connection is cut (or, when nothing was sent yet, the answer is 500), so that
    /// the client never takes half an answer for a whole one.
    ///
    /// @throws Exception when the answer cannot be completed
    void handle(Exchange exchange) throws Exception;
}
