package dev.corten.engine.event;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// One thing that happened to one object.
///
/// @param type `container`, `image`, `network`, `volume`, `daemon`
/// @param action Docker's word: `create`, `start`, `exec_create: ls`
/// @param actorId the object's ID
/// @param attributes what else is known, in bytewise order of the keys
public record Event(
        String type,
        String action,
        String actorId,
        SortedMap<String, String> attributes,
        Instant time) {
    public Event {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    public static Event of(
            String type,
            String action,
            String actorId,
            Map<String, String> attributes,
            Instant time) {
        return new Event(type, action, actorId, new TreeMap<>(attributes), time);
    }
}
