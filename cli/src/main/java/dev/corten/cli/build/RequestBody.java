package dev.corten.cli.build;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Environment;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Addresses;
import dev.corten.cli.option.Fields;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The request of a build (docs/formats/build-protocol.md), from the command line.
final class RequestBody {
    /// Those that a build takes from the environment without being told to.
    private static final String[] PROXIES = {
        "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"
    };

    private static final Set<String> NETWORKS = Set.of("", "default", "bridge", "none", "host");

    private final Invocation invocation;
    private final Flags flags;
    private final JsonWriter json = new JsonWriter();

    RequestBody(Invocation invocation) {
        this.invocation = invocation;
        this.flags = invocation.flags();
    }

    /// @param caches those of `--cache-from` and `--cache-to`
    JsonWriter write(
            Definition definition,
            Map<String, Source> contexts,
            List<ResultOutput> outputs,
            Caches caches,
            Set<String> secrets,
            Set<String> agents)
            throws IOException {
        json.object();
        if (definition.dockerfile().isPresent()) {
            json.name("dockerfile").value(base64(definition.dockerfile().get()));
        }
        json.name("dockerfileName").value(definition.name());
        if (definition.ignoreFile().isPresent()) {
            json.name("ignoreFile").value(base64(definition.ignoreFile().get()));
        }
        if (!(definition.context() instanceof Source.Nothing)) {
            json.name("context");
            definition.context().write(json);
        }
        json.name("contexts").object();
        for (var named : contexts.entrySet()) {
            json.name(named.getKey());
            named.getValue().write(json);
        }
        json.end();
        writeResult();
        writeWay();
        writeHost();
        json.name("secrets").values(secrets);
        json.name("ssh").values(agents);
        json.name("outputs").array();
        for (ResultOutput output : outputs) {
            output.attributes().write(json);
        }
        json.end();
        caches.write(json);
        writeAttestations();
        writeAuth();
        return json.end();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private void writeResult() {
        json.name("target").value(flags.text("target"));
        json.name("buildArgs").values(arguments());
        json.name("labels").values(pairs(flags.list("label")));
        json.name("annotations").values(annotations());
        json.name("tags").array();
        for (String tag : flags.list("tag")) {
            json.value(tag(tag));
        }
        json.end();
        json.name("platforms").values(platforms());
    }

    private static String tag(String text) {
        try {
            Reference reference = Reference.parse(text);
            if (reference.digest().isPresent()) {
                throw BuildFailures.of(
                        "invalid tag \"" + text + "\": a tag cannot contain a digest");
            }
            return reference.orLatest().toString();
        } catch (InvalidParameter e) {
            String prefix = "invalid reference format: ";
            String why = e.message();
            why = why.startsWith(prefix) ? why.substring(prefix.length()) : why;
            String uppercase = "must be lowercase";
            why = why.endsWith(uppercase) ? "repository name " + uppercase : why;
            throw BuildFailures.of("invalid tag \"" + text + "\": " + why);
        }
    }

    private Map<String, String> arguments() {
        Environment environment = invocation.environment();
        var arguments = new LinkedHashMap<String, String>();
        Json proxies = invocation.config().get("proxies").get("default");
        for (String name : PROXIES) {
            String configured = proxies.get(member(name)).text("");
            if (!configured.isEmpty()) {
                arguments.put(name, configured);
                arguments.put(name.toLowerCase(java.util.Locale.ROOT), configured);
            }
        }
        for (String text : flags.list("build-arg")) {
            int equals = text.indexOf('=');
            if (equals >= 0) {
                arguments.put(text.substring(0, equals), text.substring(equals + 1));
            } else if (environment.variables().containsKey(text)) {
                arguments.put(text, environment.get(text));
            }
        }
        return arguments;
    }

    /// `HTTP_PROXY` is `httpProxy` in the configuration.
    private static String member(String variable) {
        int end = variable.indexOf('_');
        return variable.substring(0, end).toLowerCase(java.util.Locale.ROOT) + "Proxy";
    }

    private static Map<String, String> pairs(List<String> given) {
        var pairs = new LinkedHashMap<String, String>();
        for (String text : given) {
            int equals = text.indexOf('=');
            if (equals == 0) {
                throw new Failure("ERROR: invalid key-value pair \"" + text + "\": empty key");
            }
            pairs.put(
                    equals < 0 ? text : text.substring(0, equals),
                    equals < 0 ? "" : text.substring(equals + 1));
        }
        return pairs;
    }

    private Map<String, String> annotations() {
        for (String text : flags.list("annotation")) {
            if (text.indexOf('=') < 0) {
                throw BuildFailures.of(
                        "parse annotations: invalid annotation \""
                                + text
                                + "\", expected key=value");
            }
        }
        return pairs(flags.list("annotation"));
    }

    private List<String> platforms() {
        var platforms = new ArrayList<String>();
        List<String> given = flags.list("platform");
        String usual =
                invocation
                        .environment()
                        .first("CORTEN_DEFAULT_PLATFORM", "DOCKER_DEFAULT_PLATFORM");
        if (given.isEmpty() && !usual.isEmpty()) {
            given = List.of(usual);
        }
        for (String text : given) {
            for (String platform : text.split(",")) {
                try {
                    platforms.add(Platforms.normalize(platform.strip()));
                } catch (Refusal e) {
                    throw BuildFailures.of(e.message());
                }
            }
        }
        return platforms;
    }

    private void writeWay() {
        if (flags.isSet("no-cache") && flags.isGiven("no-cache-filter")) {
            throw BuildFailures.of(
                    "--no-cache and --no-cache-filter cannot currently be used together");
        }
        json.name("noCache").value(flags.isSet("no-cache"));
        var stages = new ArrayList<String>();
        for (String text : flags.list("no-cache-filter")) {
            stages.addAll(List.of(text.split(",")));
        }
        json.name("noCacheFilter").values(stages);
        json.name("pull").value(flags.isSet("pull"));
        String call = Calls.method(flags);
        json.name("call").value(call.equals("build") ? "" : call);
        json.name("explainCache").value(flags.isSet("explain-cache"));
        json.name("debugShell").value(flags.isSet("debug-shell"));
        json.name("allow").values(allowed());
    }

    private List<String> allowed() {
        for (String entitlement : flags.list("allow")) {
            boolean known =
                    entitlement.equals("network.host")
                            || entitlement.equals("security.insecure")
                            || entitlement.equals("device")
                            || entitlement.startsWith("device=");
            if (!known) {
                throw BuildFailures.of("unknown entitlement " + entitlement);
            }
        }
        var allowed = new LinkedHashSet<>(flags.list("allow"));
        if (flags.text("network").equals("host")) {
            allowed.add("network.host"); // who asks for it has nothing against it
        }
        return List.copyOf(allowed);
    }

    /// As `HostConfig` has it; what was not given is left out.
    private void writeHost() {
        json.name("host").object();
        if (!NETWORKS.contains(flags.text("network"))) {
            throw BuildFailures.of(
                    "network mode \"" + flags.text("network") + "\" not supported by buildkit");
        }
        text("NetworkMode", "network");
        text("CgroupParent", "cgroup-parent");
        text("CpusetCpus", "cpuset-cpus");
        text("CpusetMems", "cpuset-mems");
        text("Isolation", "isolation");
        bytes("ShmSize", "shm-size");
        bytes("Memory", "memory");
        bytes("MemorySwap", "memory-swap");
        integer("CpuShares", "cpu-shares");
        integer("CpuPeriod", "cpu-period");
        integer("CpuQuota", "cpu-quota");
        if (flags.isGiven("add-host")) {
            json.name("ExtraHosts").array();
            for (String host : flags.list("add-host")) {
                for (String each : host.split(",")) {
                    if (!Addresses.hostRefusal(each).isEmpty()) {
                        throw BuildFailures.of("invalid host " + each);
                    }
                    json.value(Addresses.extraHost(each));
                }
            }
            json.end();
        }
        if (flags.isGiven("security-opt")) {
            var options = new ArrayList<String>();
            for (String text : flags.list("security-opt")) {
                options.addAll(Fields.of(text));
            }
            json.name("SecurityOpt").values(options);
        }
        if (flags.isGiven("ulimit")) {
            json.name("Ulimits").array();
            flags.list("ulimit").forEach(this::ulimit);
            json.end();
        }
        json.end();
    }

    private void text(String name, String flag) {
        if (flags.isGiven(flag)) {
            json.name(name).value(flags.text(flag));
        }
    }

    private void bytes(String name, String flag) {
        if (flags.isGiven(flag)) {
            json.name(name).value(flags.bytes(flag));
        }
    }

    private void integer(String name, String flag) {
        if (flags.isGiven(flag)) {
            json.name(name).value(flags.integer(flag, 0));
        }
    }

    private void ulimit(String given) {
        int equals = given.indexOf('=');
        String limits = given.substring(equals + 1);
        int colon = limits.indexOf(':');
        String soft = colon < 0 ? limits : limits.substring(0, colon);
        json.object().name("Name").value(given.substring(0, equals));
        json.name("Soft").value(Long.parseLong(soft));
        json.name("Hard").value(Long.parseLong(limits.substring(colon + 1))).end();
    }

    private void writeAttestations() {
        var attestations = new LinkedHashMap<String, String>();
        for (String text : flags.list("attest")) {
            Attributes given = attestation(text);
            if (given.type().isEmpty()) {
                throw new Failure("ERROR: attestation type not specified");
            }
            attestations.put(given.type(), joined(given));
        }
        for (String type : new String[] {"provenance", "sbom"}) {
            if (flags.isGiven(type)) {
                attestations.put(type, shorthand(flags.text(type)));
            }
        }
        attestations.values().removeIf(value -> value.equals("disabled=true"));
        json.name("attestations").values(attestations);
    }

    private static Attributes attestation(String text) {
        try {
            return Attributes.parse(text);
        } catch (Failure e) {
            throw new Failure("ERROR: invalid value " + text);
        }
    }

    private static String joined(Attributes attributes) {
        var text = new StringBuilder();
        for (var value : attributes.values().entrySet()) {
            text.append(text.isEmpty() ? "" : ",");
            text.append(value.getKey()).append('=').append(value.getValue());
        }
        return text.toString();
    }

    /// `true`, `false`, or attributes.
    private static String shorthand(String value) {
        return switch (value) {
            case "true", "1" -> "";
            case "false", "0" -> "disabled=true";
            default -> {
                attestation(value);
                yield value;
            }
        };
    }

    private void writeAuth() throws IOException {
        Json all = Json.parse(new Credentials(invocation).all().toBytes());
        json.name("auth").value(all.get("auths"));
    }
}
