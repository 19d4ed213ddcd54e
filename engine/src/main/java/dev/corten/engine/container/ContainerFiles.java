package dev.corten.engine.container;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.corten.engine.sandbox.SandboxRecord;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// What `config.v2.json`, `hostconfig.json` and `state.json` of a container hold, and their JSON.
///
/// Each file has a `Format`; this version writes and reads 1, see `docs/formats/on-disk.md`. Names
/// are much like Docker's, but the files are our own.
final class ContainerFiles {
    static final String CONFIG = "config.v2.json";
    static final String HOST_CONFIG = "hostconfig.json";
    static final String STATE = "state.json";

    private static final int FORMAT = 1;

    private final JsonMapper json =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                    .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .addMixIn(Config.class, OptionalMounts.class)
                    .addMixIn(HostConfig.class, OptionalLimits.class)
                    .addMixIn(MountPoint.class, TypedMount.class)
                    .build();

    private final JsonMapper brief =
            json.rebuild().addMixIn(Config.class, WithoutCopy.class).build();

    @JsonIgnoreProperties("HostConfig")
    private interface WithoutCopy {}

    /// A container without mounts has no such member, as before there were any.
    private interface OptionalMounts {
        @SuppressWarnings("UnusedMethod") // Jackson looks for its annotation
        @JsonInclude(JsonInclude.Include.NON_NULL)
        List<MountPoint> mounts();
    }

    /// Seldom asked for, and absent before they could be.
    private interface OptionalLimits {
        @SuppressWarnings("UnusedMethod") // Jackson looks for its annotation
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Map<String, String> cgroupConf();

        @SuppressWarnings("UnusedMethod")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        String rdtClass();
    }

    /// Each mount says what it is.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "Type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = MountPoint.Bind.class, name = "bind"),
        @JsonSubTypes.Type(value = MountPoint.Volume.class, name = "volume"),
        @JsonSubTypes.Type(value = MountPoint.Tmpfs.class, name = "tmpfs"),
        @JsonSubTypes.Type(value = MountPoint.Image.class, name = "image")
    })
    private interface TypedMount {}

    /// What never changes but for the name.
    ///
    /// It is the one file of a container that is on disk when its creation is answered, so that it
    /// has also what makes good the loss of the others.
    ///
    /// @param mounts null for none, and absent in the file
    /// @param chain the chain ID of its image, `""` for one without layers; null if unknown
    /// @param hostConfig as in `hostconfig.json` when this was written; null if unknown
    public record Config(
            int format,
            String id,
            String name,
            Instant created,
            String path,
            List<String> args,
            String image,
            String platform,
            ContainerConfig config,
            Map<String, EndpointConfig> endpoints,
            @Nullable List<MountPoint> mounts,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String chain,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable HostConfig hostConfig) {
        /// With what makes good the loss of other files.
        Config with(String chainId, HostConfig host) {
            return new Config(
                    format, id, name, created, path, args, image, platform, config, endpoints,
                    mounts, chainId, host);
        }

        ContainerId containerId() {
            return new ContainerId(id);
        }

        Digest imageId() {
            return Digest.parse(image);
        }
    }

    public record Host(int format, HostConfig hostConfig) {}

    /// What changes with each start and exit.
    ///
    /// @param bootId of the boot in which the process was started: its pid means nothing in another
    /// @param stopped a user asked for the stop
    /// @param finishedAt of the last run that has ended
    /// @param restartAt when the restart is due; only while it is awaited
    /// @param restartDelayMillis the last delay; null before the first
    public record State(
            int format,
            String status,
            int pid,
            long pidStartTime,
            String bootId,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int exitCode,
            boolean oomKilled,
            boolean paused,
            String error,
            int restartCount,
            boolean stopped,
            boolean started,
            String sandboxId,
            Map<String, EndpointState> networks,
            Map<String, List<PortBinding>> ports,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant restartAt,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long restartDelayMillis) {
        ContainerStatus toStatus() {
            Instant start = startedAt == null ? Instant.EPOCH : startedAt;
            Instant end = finishedAt == null ? Instant.EPOCH : finishedAt;
            var last = new ContainerStatus.Exited(exitCode, oomKilled, start, end, error);
            return switch (status) {
                case "created" -> new ContainerStatus.Created(error, exitCode);
                case "running" ->
                        new ContainerStatus.Running(
                                pid, pidStartTime, start, paused, Optional.ofNullable(finishedAt));
                case "restarting" ->
                        new ContainerStatus.Restarting(last, restartAt == null ? end : restartAt);
                case "exited" -> last;
                case "removing" -> new ContainerStatus.Removing(exitCode);
                case "dead" -> new ContainerStatus.Dead(error, exitCode);
                default -> throw new IllegalStateException("unknown container status: " + status);
            };
        }

        BackOff backOff() {
            return new BackOff(
                    restartCount,
                    restartDelayMillis == null
                            ? Duration.ZERO
                            : Duration.ofMillis(restartDelayMillis),
                    false);
        }
    }

    static State stateOf(
            ContainerStatus status,
            String bootId,
            BackOff backOff,
            boolean stopped,
            boolean started,
            String sandboxId,
            Map<String, EndpointState> networks,
            Map<String, List<PortBinding>> ports) {
        int pid = 0;
        long pidStart = 0;
        Instant startedAt = null;
        Instant finishedAt = null;
        boolean oom = false;
        boolean paused = false;
        String error = "";
        Instant restartAt = null;
        switch (status) {
            case ContainerStatus.Created c -> error = c.error();
            case ContainerStatus.Running r -> {
                pid = r.pid();
                pidStart = r.pidStartTime();
                startedAt = r.startedAt();
                finishedAt = r.endedBefore().orElse(null);
                paused = r.paused();
            }
            case ContainerStatus.Restarting r -> restartAt = r.due();
            case ContainerStatus.Exited _, ContainerStatus.Removing _ -> {}
            case ContainerStatus.Dead d -> error = d.error();
        }
        if (status.lastRun().isPresent()) {
            ContainerStatus.Exited last = status.lastRun().get();
            oom = last.oomKilled();
            startedAt = last.startedAt();
            finishedAt = last.finishedAt();
            error = last.error();
        }
        return new State(
                FORMAT,
                paused ? "running" : status.word(),
                pid,
                pidStart,
                bootId,
                startedAt,
                finishedAt,
                status.exitCode(),
                oom,
                paused,
                error,
                backOff.restarts(),
                stopped,
                started,
                sandboxId,
                networks,
                ports,
                restartAt,
                backOff.delay().isZero() ? null : backOff.delay().toMillis());
    }

    static Config config(
            ContainerId id,
            String name,
            Instant created,
            String path,
            List<String> args,
            Digest image,
            String platform,
            ContainerConfig config,
            Map<String, EndpointConfig> endpoints,
            List<MountPoint> mounts) {
        return new Config(
                FORMAT,
                id.hex(),
                name,
                created,
                path,
                args,
                image.toString(),
                platform,
                config,
                endpoints,
                mounts.isEmpty() ? null : mounts,
                null,
                null);
    }

    static Host host(HostConfig hostConfig) {
        return new Host(FORMAT, hostConfig);
    }

    byte[] write(Object file) {
        return json.writeValueAsBytes(file);
    }

    /// A configuration without the copy of the host configuration, which is needed seldom and is
    /// most of the work.
    ///
    /// @throws IllegalStateException if the file is damaged or of a later format
    Config readConfig(byte[] bytes) {
        return read(brief, bytes, Config.class);
    }

    /// @throws IllegalStateException if the file is damaged or of a later format
    <T> T read(byte[] bytes, Class<T> type) {
        return read(json, bytes, type);
    }

    private static <T> T read(JsonMapper json, byte[] bytes, Class<T> type) {
        try {
            T file = json.readValue(bytes, type);
            int format =
                    switch (file) {
                        case Config c -> c.format();
                        case Host h -> h.format();
                        case State s -> s.format();
                        case SandboxRecord r -> r.format();
                        default -> throw new IllegalStateException("not a container file: " + type);
                    };
            if (format != FORMAT) {
                throw new IllegalStateException(
                        "written in format " + format + ", this version reads " + FORMAT);
            }
            return file;
        } catch (JacksonException e) {
            throw new IllegalStateException("damaged: " + e.getOriginalMessage(), e);
        }
    }
}
