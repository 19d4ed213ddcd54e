package dev.corten.api.build;

import dev.corten.api.wire.ContainerJson;
import dev.corten.api.wire.JsonInput;
import dev.corten.api.wire.RegistryAuth;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.RegistryCredentials;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The JSON that opens a build, understood.
///
/// @param dockerfile empty if it lies in a remote context
/// @param call `check`, `outline`, `targets`, or `""` for a build
record ProtocolRequest(
        Optional<byte[]> dockerfile,
        String dockerfileName,
        byte[] ignoreFile,
        Optional<ContextJson> context,
        Map<String, ContextJson> contexts,
        String target,
        Map<String, String> arguments,
        SortedMap<String, String> labels,
        SortedMap<String, String> annotations,
        List<Reference> tags,
        List<Platform> platforms,
        boolean noCache,
        Set<String> noCacheStages,
        boolean pull,
        String call,
        boolean explain,
        boolean keepFailed,
        HostConfig host,
        Set<String> allowed,
        Set<String> secrets,
        Set<String> agents,
        List<Typed> outputs,
        List<Typed> cacheFrom,
        List<Typed> cacheTo,
        SortedMap<String, String> attestations,
        Map<String, RegistryCredentials> credentials) {
    private static final Set<String> CALLS = Set.of("", "build", "check", "outline", "targets");

    /// As BuildKit has it; containers' networks are for the classic builder.
    private static final Set<String> NETWORKS = Set.of("", "default", "bridge", "none", "host");

    /// @param attributes such as `dest`
    record Typed(String type, SortedMap<String, String> attributes) {
        static Typed read(JsonInput in) {
            return new Typed(in.text("type"), sorted(in.map("attributes")));
        }
    }

    static ProtocolRequest read(JsonInput in) {
        Optional<ContextJson> context =
                Optional.ofNullable(in.object("context")).map(ContextJson::read);
        Optional<byte[]> dockerfile =
                in.has("dockerfile") ? Optional.of(bytes(in, "dockerfile")) : Optional.empty();
        boolean remote =
                context.isPresent()
                        && (context.get() instanceof ContextJson.Git
                                || context.get() instanceof ContextJson.Http
                                || context.get() instanceof ContextJson.Tar);
        if (dockerfile.isEmpty() && !remote) {
            throw new InvalidParameter("the request has no Dockerfile");
        }
        String call = in.flag("checkOnly") ? "check" : in.text("call");
        if (!CALLS.contains(call)) {
            throw new InvalidParameter("unknown call: " + call);
        }
        return new ProtocolRequest(
                dockerfile,
                in.text("dockerfileName", "Dockerfile"),
                bytes(in, "ignoreFile"),
                context,
                map(in.objectsByKey("contexts", ContextJson::read)),
                in.text("target"),
                map(in.map("buildArgs")),
                sorted(in.map("labels")),
                sorted(in.map("annotations")),
                list(in.texts("tags")).stream().map(Reference::parse).toList(),
                list(in.texts("platforms")).stream().map(Platform::parse).toList(),
                in.flag("noCache"),
                set(in.texts("noCacheFilter")),
                in.flag("pull"),
                call.equals("build") ? "" : call,
                in.flag("explainCache"),
                in.flag("debugShell"),
                host(in),
                set(in.texts("allow")),
                set(in.texts("secrets")),
                set(in.texts("ssh")),
                list(in.objects("outputs", Typed::read)),
                list(in.objects("cacheFrom", Typed::read)),
                list(in.objects("cacheTo", Typed::read)),
                sorted(in.map("attestations")),
                map(in.objectsByKey("auth", RegistryAuth::read)));
    }

    private static HostConfig host(JsonInput in) {
        HostConfig host = ContainerJson.readHost(in.object("host"));
        if (!NETWORKS.contains(host.networkMode())) {
            throw new InvalidParameter(
                    "network mode \"" + host.networkMode() + "\" not supported by buildkit");
        }
        return host;
    }

    private static byte[] bytes(JsonInput in, String key) {
        try {
            return Base64.getDecoder().decode(in.text(key));
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(key + " is not base64", e);
        }
    }

    private static SortedMap<String, String> sorted(@Nullable Map<String, String> map) {
        return map == null ? new TreeMap<>() : new TreeMap<>(map);
    }

    private static <T> Map<String, T> map(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : map;
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static Set<String> set(@Nullable List<String> list) {
        return list == null ? Set.of() : Set.copyOf(list);
    }
}
