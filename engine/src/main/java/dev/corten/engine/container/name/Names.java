package dev.corten.engine.container.name;

import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Which name and which ID is whose. Thread-safe; a reservation is atomic.
public final class Names {
    private static final int MAX_ATTEMPTS = 50;

    private final NameGenerator generator;

    /// guarded by this
    private final Map<String, ContainerId> byName = new HashMap<>();

    /// By hexadecimal ID, for prefixes; guarded by this.
    private final TreeMap<String, ContainerId> byId = new TreeMap<>();

    public Names(RandomGenerator random) {
        this.generator = new NameGenerator(random);
    }

    /// Takes the name for the container.
    ///
    /// @param requested as the client wrote it, with or without a leading slash
    /// @return the name without slash
    /// @throws InvalidParameter if it is malformed, in Docker's words
    /// @throws Conflict if it is another's
    public synchronized String reserve(Optional<String> requested, ContainerId id) {
        String name;
        if (requested.isPresent() && !requested.get().isEmpty()) {
            name = check(requested.get());
            ContainerId owner = byName.get(name);
            if (owner != null) {
                throw taken(name, owner);
            }
        } else {
            name = generate(id);
        }
        byName.put(name, id);
        byId.put(id.hex(), id);
        return name;
    }

    /// Takes over the name of a container that an earlier daemon made. Should two have the same
    /// (a rename was cut off), the second gets its short ID as name.
    ///
    /// @return the name it has now
    public synchronized String adopt(String name, ContainerId id) {
        String own = byName.containsKey(name) ? id.shortHex() : name;
        byName.put(own, id);
        byId.put(id.hex(), id);
        return own;
    }

    private String generate(ContainerId id) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            String candidate = generator.next(attempt);
            if (!byName.containsKey(candidate)) {
                return candidate;
            }
        }
        return id.shortHex();
    }

    /// Gives a container another name. It has the old one too until that is [#free].
    ///
    /// @return the other name
    public synchronized String rename(ContainerId id, String current, String requested) {
        String name;
        try {
            name = check(requested);
        } catch (InvalidParameter e) {
            // By then Docker has put a slash before it.
            String stored = requested.startsWith("/") ? requested : "/" + requested;
            throw new InvalidParameter(
                    "Error when allocating new name: " + badName(stored).message(), e);
        }
        if (name.equals(current)) {
            throw new InvalidParameter(
                    "Renaming a container with the same name as its current name");
        }
        ContainerId owner = byName.get(name);
        if (owner != null) {
            throw new Conflict("Error when allocating new name: " + taken(name, owner).message());
        }
        byName.put(name, id);
        return name;
    }

    /// One of two names of a container is not its any more.
    public synchronized void free(String name, ContainerId id) {
        byName.remove(name, id);
    }

    public synchronized void release(String name, ContainerId id) {
        byName.remove(name, id);
        byId.remove(id.hex());
    }

    /// Whose exact name this is.
    public synchronized Optional<ContainerId> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// A full ID, a full name, or the unambiguous prefix of an ID, in this order.
    ///
    /// @throws NotFound if there is none
    /// @throws InvalidParameter if several IDs begin so
    public synchronized ContainerId resolve(String reference) {
        ContainerId exact = byId.get(reference);
        if (exact != null) {
            return exact;
        }
        ContainerId named =
                byName.get(reference.startsWith("/") ? reference.substring(1) : reference);
        if (named != null) {
            return named;
        }
        if (!reference.isEmpty()) {
            var from = byId.ceilingEntry(reference);
            if (from != null && from.getKey().startsWith(reference)) {
                var second = byId.higherEntry(from.getKey());
                if (second != null && second.getKey().startsWith(reference)) {
                    throw new InvalidParameter(
                            "multiple IDs found with provided prefix: " + reference);
                }
                return from.getValue();
            }
        }
        throw new NotFound("No such container: " + reference);
    }

    private static Conflict taken(String name, ContainerId owner) {
        return new Conflict(
                "Conflict. The container name \"/"
                        + name
                        + "\" is already in use by container \""
                        + owner
                        + "\". You have to remove (or rename) that container to be able to reuse"
                        + " that name.");
    }

    private static String check(String requested) {
        String name = requested.startsWith("/") ? requested.substring(1) : requested;
        boolean valid = name.length() >= 2 && alphanumeric(name.charAt(0));
        for (int i = 1; valid && i < name.length(); i++) {
            char c = name.charAt(i);
            valid = alphanumeric(c) || c == '_' || c == '.' || c == '-';
        }
        if (!valid) {
            throw badName(requested);
        }
        return name;
    }

    private static InvalidParameter badName(String name) {
        return new InvalidParameter(
                "Invalid container name ("
                        + name
                        + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }

    private static boolean alphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
