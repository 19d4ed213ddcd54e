package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.MountPlanning;
import dev.corten.engine.container.mount.PlannedMount;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.rules.CreateRules;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.engine.container.view.Created;
import dev.corten.engine.image.Images;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.image.Image;
import dev.corten.store.Durable;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes containers. Of one that cannot be made nothing is left.
final class Creation {
    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final Images images;
    private final Snapshots snapshots;
    private final Sandboxes sandboxes;
    private final Launcher launcher;
    private final CreateRules rules;
    private final MountPlanning planning;
    private final ContainerMounts mounts;
    private final LifeCycle life;
    private final Clock clock;

    Creation(
            ContainerTable table,
            ContainerDirectory directory,
            Images images,
            Snapshots snapshots,
            Sandboxes sandboxes,
            Launcher launcher,
            CreateRules rules,
            MountPlanning planning,
            ContainerMounts mounts,
            LifeCycle life,
            Clock clock) {
        this.table = table;
        this.directory = directory;
        this.images = images;
        this.snapshots = snapshots;
        this.sandboxes = sandboxes;
        this.launcher = launcher;
        this.rules = rules;
        this.planning = planning;
        this.mounts = mounts;
        this.life = life;
        this.clock = clock;
    }

    Created create(CreateRequest request) throws IOException, InterruptedException {
        return create(request, Optional.empty());
    }

    /// @param base a container whose files it shows, over those of the image
    Created create(CreateRequest request, Optional<ContainerId> base)
            throws IOException, InterruptedException {
        return create(request, base, Optional.empty());
    }

    /// @param adoption what it has been so far, elsewhere
    Created create(CreateRequest request, Optional<ContainerId> base, Optional<Adoption> adoption)
            throws IOException, InterruptedException {
        if (request.config().image().isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        Image image = images.forRun(request.config().image(), request.platform());
        launcher.warm();
        CreateRules.Resolved resolved = rules.resolve(request, image.config());
        List<PlannedMount> planned =
                planning.plan(resolved.config(), resolved.host(), request.readOnlyDepth());
        ContainerId id = adoption.map(Adoption::id).orElseGet(ContainerId::random);
        String name = table.reserve(request.name(), id);
        Container container;
        try {
            HostConfig host = table.links().resolve(canonical(resolved.host()));
            var config = resolved.config();
            if (config.hostname().isEmpty()) {
                var edit = config.edit();
                edit.hostname =
                        life.networkOwner(host)
                                .map(owner -> owner.config.hostname())
                                .orElseGet(() -> sandboxes.defaultHostname(host.networkMode(), id));
                config = edit.done();
            }
            Optional<Path> changes = adoption.flatMap(Adoption::changes);
            if (changes.isPresent()) {
                snapshots.prepareWith(changes.get(), id, image.chainId());
            } else if (base.isPresent()) {
                snapshots.prepareOver(base.get(), id, image.chainId());
            } else {
                snapshots.prepare(id, image.chainId());
            }
            try {
                markContainer(id);
                var file =
                        ContainerFiles.config(
                                        id,
                                        name,
                                        adoption.map(Adoption::created).orElseGet(clock::instant),
                                        resolved.path(),
                                        resolved.args(),
                                        image.id(),
                                        image.platform().os(),
                                        config,
                                        resolved.endpoints(),
                                        planned.stream().map(PlannedMount::mount).toList())
                                .with(image.chainId().map(Digest::toString).orElse(""), host);
                container =
                        new Container(
                                directory.of(id),
                                file,
                                host,
                                adoption.map(Adoption::status).orElse(ContainerStatus.Created.NEW),
                                sandboxes.planned(host.networkMode(), resolved.endpoints()));
                directory.create(
                        file,
                        host,
                        life.stateOf(container),
                        () -> {
                            mounts.make(id, planned, image.chainId(), Creation.sync(host));
                            Optional<Path> log = adoption.flatMap(Adoption::log);
                            if (log.isPresent()) {
                                directory.copyLog(id, log.get());
                            }
                        });
                table.add(container);
            } catch (IOException | RuntimeException e) {
                mounts.abandon(id, planned, e);
                snapshots.remove(id);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            table.release(name, id);
            throw e;
        }
        if (adoption.filter(Adoption::announced).isEmpty()) {
            life.publish(container, "create", Map.of());
        }
        return new Created(id, warnings(resolved, planned));
    }

    /// What goes with its container survives no crash of the machine, so that it needs no sync.
    private static Durable.Sync sync(HostConfig host) {
        return host.autoRemove() ? Durable.Sync.LATER : Durable.Sync.NOW;
    }

    private static List<String> warnings(
            CreateRules.Resolved resolved, List<PlannedMount> planned) {
        var warnings = new ArrayList<String>(resolved.warnings());
        if (planned.stream().anyMatch(p -> p.mount() instanceof MountPoint.Image)) {
            warnings.add("Image mount is an experimental feature");
        }
        return warnings;
    }

    /// Makes the empty `/.dockerenv` by which programs see that they are in a container, unless the
    /// image has brought one, where the directory is a copy. Nothing has run in the snapshot yet, so
    /// that its directory is still only ours.
    private void markContainer(ContainerId id) throws IOException {
        Path mark = snapshots.paths(id).upper().resolve(".dockerenv");
        if (Files.notExists(mark, LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(
                    mark,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwxr-xr-x")));
        }
    }

    /// With the IDs of containers whose namespaces are shared in the place of their names, which may
    /// change.
    private HostConfig canonical(HostConfig host) {
        var edit = host.edit();
        life.networkOwner(host)
                .ifPresent(owner -> edit.networkMode = NamespaceRules.SHARED + owner.id);
        edit.pidMode = canonical(host.pidMode());
        edit.ipcMode = canonical(host.ipcMode());
        return edit.done();
    }

    private String canonical(String mode) {
        return NamespaceRules.owner(mode)
                .map(name -> {
                    try {
                        return NamespaceRules.SHARED + table.get(name).id;
                    } catch (NotFound e) {
                        throw new InvalidParameter(e.message(), e);
                    }
                })
                .orElse(mode);
    }
}
