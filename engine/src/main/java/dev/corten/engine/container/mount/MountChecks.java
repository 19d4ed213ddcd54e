package dev.corten.engine.container.mount;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.MountRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What can be said of one requested mount without looking at anything else. Messages are Docker's.
public final class MountChecks {
    /// What else a request may want of a file system in memory.
    private static final Set<String> TMPFS_OPTIONS = Set.of("exec", "noexec");

    private MountChecks() {}

    static void check(MountRequest mount) {
        if (mount.target().isEmpty()) {
            throw wrong(mount, "field Target must not be empty");
        }
        if (clean(mount.target()).equals("/")) {
            throw wrong(mount, "invalid specification: destination can't be '/'");
        }
        absolute(mount, mount.target());
        switch (mount.type()) {
            case "bind" -> bind(mount);
            case "volume" -> volume(mount);
            case "tmpfs" -> tmpfs(mount);
            case "image" -> image(mount);
            default -> throw wrong(mount, "mount type unknown");
        }
    }

    private static void bind(MountRequest mount) {
        if (mount.source().isEmpty()) {
            throw missing(mount, "Source");
        }
        only(mount);
        MountRequest.BindOptions options = mount.bind();
        if (options != null
                && !options.propagation().isEmpty()
                && !MountModes.PROPAGATION.contains(options.propagation())) {
            throw wrong(mount, "invalid propagation mode: " + options.propagation());
        }
        absolute(mount, mount.source());
        if (options != null) {
            conflicts(mount, options);
        }
    }

    /// Docker finds these at the start only, and answers 500.
    private static void conflicts(MountRequest mount, MountRequest.BindOptions options) {
        String conflict = "mount options conflict: ";
        if (options.readOnlyNonRecursive() && !mount.readOnly()) {
            throw new InvalidParameter(conflict + "!ReadOnly && BindOptions.ReadOnlyNonRecursive");
        }
        if (options.readOnlyForceRecursive() && !mount.readOnly()) {
            throw new InvalidParameter(
                    conflict + "!ReadOnly && BindOptions.ReadOnlyForceRecursive");
        }
        if (options.readOnlyForceRecursive() && options.readOnlyNonRecursive()) {
            throw new InvalidParameter(
                    conflict + "ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive");
        }
    }

    private static void volume(MountRequest mount) {
        only(mount);
        if (mount.source().isEmpty() && mount.readOnly()) {
            throw wrong(mount, "must not set ReadOnly mode when using anonymous volumes");
        }
        if (mount.volume() != null) {
            subpath(mount, mount.volume().subpath());
        }
    }

    private static void tmpfs(MountRequest mount) {
        only(mount);
        if (!mount.source().isEmpty()) {
            throw wrong(mount, "field Source must not be specified");
        }
        MountRequest.TmpfsOptions options = mount.tmpfs();
        if (options != null && options.options() != null) {
            for (List<String> option : options.options()) {
                if (option.isEmpty() || option.size() > 2) {
                    throw wrong(mount, "invalid option array length");
                }
                if (!TMPFS_OPTIONS.contains(option.getFirst())) {
                    throw wrong(mount, "invalid option: " + option.getFirst());
                }
            }
        }
    }

    private static void image(MountRequest mount) {
        only(mount);
        if (mount.source().isEmpty()) {
            throw missing(mount, "Source");
        }
        if (mount.image() != null) {
            subpath(mount, mount.image().subpath());
        }
    }

    /// The options of other types have no business here.
    private static void only(MountRequest mount) {
        if (!mount.type().equals("bind") && mount.bind() != null) {
            throw wrong(mount, "field BindOptions must not be specified");
        }
        if (!mount.type().equals("volume") && mount.volume() != null) {
            throw wrong(mount, "field VolumeOptions must not be specified");
        }
        if (!mount.type().equals("image") && mount.image() != null) {
            throw wrong(mount, "field ImageOptions must not be specified");
        }
        if (!mount.type().equals("tmpfs") && mount.tmpfs() != null) {
            throw wrong(mount, "field TmpfsOptions must not be specified");
        }
    }

    private static void subpath(MountRequest mount, String subpath) {
        boolean outside = subpath.startsWith("/");
        int depth = 0;
        for (String part : subpath.split("/", -1)) {
            depth += part.equals("..") ? -1 : part.isEmpty() || part.equals(".") ? 0 : 1;
            outside |= depth < 0;
        }
        if (outside) {
            throw wrong(mount, "subpath must be a relative path within the volume");
        }
        if (subpath.indexOf('\0') >= 0) {
            throw wrong(mount, "a path cannot hold a NUL byte");
        }
    }

    private static void absolute(MountRequest mount, String path) {
        if (!path.startsWith("/")) {
            throw wrong(mount, "invalid mount path: '" + path + "' mount path must be absolute");
        }
        if (path.indexOf('\0') >= 0) {
            throw wrong(mount, "a path cannot hold a NUL byte");
        }
    }

    private static InvalidParameter missing(MountRequest mount, String field) {
        return wrong(mount, "field " + field + " must not be empty");
    }

    static InvalidParameter wrong(MountRequest mount, String why) {
        return new InvalidParameter(
                "invalid mount config for type \"" + mount.type() + "\": " + why);
    }

    /// The shortest way to say the same path, without looking at what is there.
    public static String clean(String path) {
        boolean absolute = path.startsWith("/");
        var parts = new ArrayList<String>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..")) {
                if (!parts.isEmpty() && !parts.getLast().equals("..")) {
                    parts.removeLast();
                } else if (!absolute) {
                    parts.add(part);
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        String joined = String.join("/", parts);
        return absolute ? "/" + joined : joined.isEmpty() ? "." : joined;
    }
}
