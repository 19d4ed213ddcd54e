package dev.corten.registry.server.event;

import dev.corten.store.document.Json;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// One thing that has happened.
record Event(
        String id, OffsetDateTime time, String action, EventTarget target, EventRequest request) {
    private static final String INSTANCE = UUID.randomUUID().toString();

    static Event of(String action, EventTarget target, EventRequest request) {
        return new Event(
                UUID.randomUUID().toString(),
                OffsetDateTime.now(ZoneOffset.UTC),
                action,
                target,
                request);
    }

    /// The envelope of Docker Registry's notifications, of one event.
    ///
    /// @param source the address of this server
    byte[] envelope(String source) {
        var about = new LinkedHashMap<String, Object>();
        put(about, "mediaType", target.mediaType());
        if (target.size() > 0) {
            about.put("size", target.size());
        }
        put(about, "digest", target.digest());
        if (target.size() > 0) {
            about.put("length", target.size());
        }
        put(about, "repository", target.repository());
        put(about, "fromRepository", target.from());
        put(about, "url", target.url());
        put(about, "tag", target.tag());
        var by = new LinkedHashMap<String, Object>();
        by.put("id", request.id());
        put(by, "addr", request.address());
        put(by, "host", request.host());
        by.put("method", request.method());
        by.put("useragent", request.userAgent());
        var actor = new LinkedHashMap<String, Object>();
        put(actor, "name", request.user());
        var event = new LinkedHashMap<String, Object>();
        event.put("id", id);
        event.put("timestamp", time.toString());
        event.put("action", action);
        event.put("target", about);
        event.put("request", by);
        event.put("actor", actor);
        event.put("source", Map.of("addr", source, "instanceID", INSTANCE));
        return Json.MAPPER.writeValueAsBytes(Map.of("events", List.of(event)));
    }

    private static void put(Map<String, Object> map, String name, String value) {
        if (!value.isEmpty()) {
            map.put(name, value);
        }
    }

    /// This host as events name it, with the port of the server's address.
    static String source(int port) {
        try {
            return InetAddress.getLocalHost().getHostName() + ":" + port;
        } catch (UnknownHostException _) {
            return "localhost:" + port;
        }
    }
}
