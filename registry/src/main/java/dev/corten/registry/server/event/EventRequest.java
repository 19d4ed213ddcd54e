package dev.corten.registry.server.event;

/// The request by which something has happened.
///
/// @param id made up, unlike any other
/// @param user `""` for nobody in particular
public record EventRequest(
        String id, String address, String host, String method, String userAgent, String user) {}
