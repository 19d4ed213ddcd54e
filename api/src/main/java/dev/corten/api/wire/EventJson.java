package dev.corten.api.wire;

import dev.corten.engine.event.Event;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Events: the stream and its filters.
public final class EventJson {
    /// Actions with their object behind a colon (`exec_start: ls`), which are filtered by the word.
    private static final List<String> WORDS = List.of("exec_create", "exec_start", "health_status");

    /// Kinds whose objects a filter of the same name picks.
    private static final List<String> KINDS =
            List.of(
                    "container",
                    "network",
                    "volume",
                    "daemon",
                    "plugin",
                    "node",
                    "service",
                    "secret",
                    "config");

    private EventJson() {}

    /// Container and image events begin with what older clients read.
    public static Json.Document write(Event event) {
        return Json.escapedObject(o -> {
            boolean container = event.type().equals("container");
            if (container || event.type().equals("image")) {
                o.text("status", event.action()).text("id", event.actorId());
            }
            if (container) {
                o.textIfAny("from", event.attributes().getOrDefault("image", ""));
            }
            o.text("Type", event.type())
                    .text("Action", event.action())
                    .object(
                            "Actor",
                            a ->
                                    a.text("ID", event.actorId())
                                            .map("Attributes", event.attributes()))
                    .text("scope", "local")
                    .number("time", event.time().getEpochSecond())
                    .number("timeNano", GoTime.unixNanos(event.time()));
        });
    }

    /// Which events these filters let pass; keys that nobody knows are ignored, as Docker does.
    public static Predicate<Event> filter(Filters filters) {
        return event ->
                matchesAction(event, filters.get("event"))
                        && filters.matches("type", event.type())
                        && filters.matches("scope", "local")
                        && filters.matchesLabels("label", event.attributes())
                        && KINDS.stream().allMatch(kind -> matchesActor(event, kind, filters))
                        && matchesImage(event, filters.get("image"));
    }

    private static boolean matchesAction(Event event, Set<String> wanted) {
        if (wanted.isEmpty() || wanted.contains(event.action())) {
            return true;
        }
        return WORDS.stream()
                .anyMatch(word -> wanted.contains(word) && event.action().startsWith(word));
    }

    private static boolean matchesActor(Event event, String kind, Filters filters) {
        Set<String> wanted = filters.get(kind);
        if (wanted.isEmpty()) {
            return true;
        }
        String name = event.attributes().getOrDefault("name", "");
        return event.type().equals(kind)
                && wanted.stream()
                        .anyMatch(w ->
                                event.actorId().startsWith(w)
                                        || name.equals(w.startsWith("/") ? w.substring(1) : w));
    }

    /// With or without a tag, and for containers too.
    private static boolean matchesImage(Event event, Set<String> wanted) {
        if (wanted.isEmpty()) {
            return true;
        }
        String name = event.attributes().getOrDefault("name", "");
        String image =
                switch (event.type()) {
                    case "image" -> name;
                    case "container" -> event.attributes().getOrDefault("image", "");
                    default -> "";
                };
        return wanted.stream()
                .anyMatch(w ->
                        (event.type().equals("image") && event.actorId().equals(w))
                                || (!image.isEmpty()
                                        && (image.equals(w) || withoutTag(image).equals(w))));
    }

    private static boolean hasTag(String name) {
        return name.lastIndexOf(':') > name.lastIndexOf('/');
    }

    private static String withoutTag(String name) {
        return hasTag(name) ? name.substring(0, name.lastIndexOf(':')) : name;
    }
}
