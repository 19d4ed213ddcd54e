package dev.corten.engine.container;

/// What a client wants of a container's streams.
///
/// @param logs first what the log has
/// @param stream then what comes
/// @param framed whether streams are told apart by frames, which a terminal never has
/// @param detachKeys as the client wrote them (`ctrl-p,ctrl-q`), `""` for the default
public record AttachRequest(
        boolean logs,
        boolean stream,
        boolean stdin,
        boolean stdout,
        boolean stderr,
        boolean framed,
        String detachKeys) {}
