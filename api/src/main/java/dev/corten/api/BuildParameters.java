package dev.corten.api;

import dev.corten.api.wire.JsonInput;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.engine.build.classic.ClassicRequest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.Ulimit;
import dev.corten.model.image.RegistryCredentials;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads what `POST /build` asks for, in Docker's order: the first mistake is the answer.
final class BuildParameters {
    private final Request request;
    private final boolean experimental;

    private BuildParameters(Request request, boolean experimental) {
        this.request = request;
        this.experimental = experimental;
    }

    static ClassicRequest read(Request request, boolean experimental) {
        return new BuildParameters(request, experimental).read();
    }

    private ClassicRequest read() {
        if (request.query().has("securityopt")) {
            throw new InvalidParameter("security options are not supported on linux");
        }
        Optional<Platform> platform =
                request.version().atLeast(32)
                        ? request.optional("platform").map(Platform::parse)
                        : Optional.empty();
        if (request.version().atLeast(40) && request.optional("outputs").isPresent()) {
            json("outputs", "invalid outputs specified");
            // Docker's classic builder takes them and makes an image all the same.
        }
        HostConfig host = host();
        Map<String, Object> given = object("buildargs", "error reading build args");
        Map<String, String> arguments = new LinkedHashMap<>();
        given.forEach((name, value) -> {
            if (value != null) {
                arguments.put(name, text(value, "error reading build args"));
            }
        });
        SortedMap<String, String> labels = new TreeMap<>();
        object("labels", "error reading labels")
                .forEach((name, value) ->
                        labels.put(name, value == null ? "" : text(value, "error reading labels")));
        List<String> cacheFrom = cacheFrom();
        String version = request.text("version");
        switch (version) {
            case "", "1" -> {}
            case "2" ->
                    throw new NotImplemented(
                            "BuildKit is not supported by this engine: build with version 1, or"
                                    + " with `corten build`");
            default -> throw new InvalidParameter("invalid version \"" + version + "\"");
        }
        if (request.flag("squash") && !experimental) {
            throw new InvalidParameter("squash is only supported with experimental mode");
        }
        if (request.flag("squash")) {
            throw new NotImplemented("squash is not supported by Corten");
        }
        List<Reference> tags = tags();
        String remote = request.text("remote");
        if (remote.equals("client-session")) {
            throw new InvalidParameter(
                    "experimental session with v1 builder is no longer supported, use builder"
                            + " version v2 (BuildKit) instead");
        }
        boolean removeFailed = request.flag("forcerm");
        return new ClassicRequest(
                tags,
                remote,
                request.body(),
                request.text("dockerfile"),
                arguments,
                given.keySet(),
                labels,
                request.text("target"),
                platform,
                request.flag("q"),
                request.flag("nocache"),
                request.flag("pull"),
                removeFailed || request.text("rm").isEmpty() || request.flag("rm"),
                removeFailed,
                host,
                cacheFrom,
                credentials());
    }

    private HostConfig host() {
        var host = HostConfig.DEFAULT.edit();
        host.memorySwap = numberOrZero("memswap");
        host.memory = numberOrZero("memory");
        host.cpuShares = numberOrZero("cpushares");
        host.cpuPeriod = numberOrZero("cpuperiod");
        host.cpuQuota = numberOrZero("cpuquota");
        host.cpusetCpus = request.text("cpusetcpus");
        host.cpusetMems = request.text("cpusetmems");
        host.cgroupParent = request.text("cgroupparent");
        host.networkMode = request.optional("networkmode").orElse("default");
        // Some clients send one list, others a parameter for each.
        host.extraHosts =
                request.query().all("extrahosts").stream()
                        .flatMap(hosts -> List.of(hosts.split(",")).stream())
                        .filter(name -> !name.isEmpty())
                        .toList();
        String shm = request.text("shmsize");
        if (!shm.isEmpty()) {
            try {
                host.shmSize = Long.parseLong(shm);
            } catch (NumberFormatException e) {
                throw new Internal("strconv.ParseInt: parsing \"" + shm + "\": invalid syntax", e);
            }
        }
        String isolation = request.text("isolation");
        if (!isolation.isEmpty() && !isolation.equals("default")) {
            throw new InvalidParameter("unsupported isolation: \"" + isolation + "\"");
        }
        host.ulimits = ulimits();
        return host.done();
    }

    private long numberOrZero(String name) {
        try {
            return Long.parseLong(request.text(name));
        } catch (NumberFormatException e) {
            // As Docker reads it.
            return 0;
        }
    }

    private @Nullable List<Ulimit> ulimits() {
        String complaint = "error reading ulimit settings";
        return member(
                "ulimits",
                complaint,
                in ->
                        in.objects(
                                "",
                                u ->
                                        new Ulimit(
                                                u.text("Name"),
                                                u.number("Hard"),
                                                u.number("Soft"))));
    }

    private List<String> cacheFrom() {
        List<String> names = member("cachefrom", "error reading cache-from", in -> in.texts(""));
        return names == null ? List.of() : names;
    }

    private void json(String name, String complaint) {
        member(name, complaint, in -> in.has(""));
    }

    private Map<String, Object> object(String name, String complaint) {
        Map<String, Object> members = member(name, complaint, in -> in.raw(""));
        return members == null ? Map.of() : members;
    }

    private static String text(Object value, String complaint) {
        if (value instanceof String text) {
            return text;
        }
        String kind =
                switch (value) {
                    case Boolean _ -> "bool";
                    case Number _ -> "number";
                    case List<?> _ -> "array";
                    default -> "object";
                };
        throw new InvalidParameter(
                complaint + ": json: cannot unmarshal " + kind + " into Go value of type string");
    }

    /// A parameter that is JSON.
    private <T> @Nullable T member(
            String name, String complaint, Function<JsonInput, @Nullable T> read) {
        String text = request.text(name);
        if (text.isEmpty()) {
            return null;
        }
        char first = text.stripLeading().isEmpty() ? ' ' : text.stripLeading().charAt(0);
        if ("{[\"-0123456789tfn".indexOf(first) < 0) {
            throw new InvalidParameter(
                    complaint
                            + ": invalid character '"
                            + first
                            + "' looking for beginning of value");
        }
        for (String literal : List.of("true", "false", "null")) {
            literal(text.strip(), literal, complaint);
        }
        try {
            return read.apply(
                    JsonInput.parse(("{\"\":" + text + "}").getBytes(StandardCharsets.UTF_8)));
        } catch (InvalidParameter e) {
            throw new InvalidParameter(complaint + ": " + e.message(), e);
        }
    }

    /// As Go's reader complains of what begins like a literal.
    private static void literal(String text, String literal, String complaint) {
        if (text.isEmpty() || text.charAt(0) != literal.charAt(0)) {
            return;
        }
        for (int i = 1; i < Math.min(text.length(), literal.length()); i++) {
            if (text.charAt(i) != literal.charAt(i)) {
                throw new InvalidParameter(
                        complaint
                                + ": invalid character '"
                                + text.charAt(i)
                                + "' in literal "
                                + literal
                                + " (expecting '"
                                + literal.charAt(i)
                                + "')");
            }
        }
    }

    /// The names of the result, each once.
    private List<Reference> tags() {
        var names = new LinkedHashSet<Reference>();
        for (String tag : request.query().all("t")) {
            if (tag.isEmpty()) {
                continue;
            }
            Reference name;
            try {
                name = Reference.parse(tag);
            } catch (InvalidParameter e) {
                throw new Internal(e.message(), e);
            }
            if (name.digest().isPresent()) {
                throw new Internal("build tag cannot contain a digest");
            }
            names.add(name.orLatest());
        }
        return new ArrayList<>(names);
    }

    /// What cannot be read is not there, as Docker has it.
    private Map<String, RegistryCredentials> credentials() {
        var credentials = new HashMap<String, RegistryCredentials>();
        RegistryAuth.decodeAll(request.headers().first("X-Registry-Config"))
                .forEach((host, value) -> credentials.put(host, Objects.requireNonNull(value)));
        return credentials;
    }
}
