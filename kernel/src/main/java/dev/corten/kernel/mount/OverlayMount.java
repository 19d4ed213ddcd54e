package dev.corten.kernel.mount;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An overlay, assembled from open directories as a detached mount.
///
/// The layers are descriptors, so that no path length matters and no name can change meanwhile.
/// Three ways, found once by trying: layers as descriptors (Linux 6.13), layers as paths one by one
/// (6.5), and before that mount(2) with all of them in one string. `metacopy`, `redirect_dir` and
/// `index` are off: the upper directory must be readable as a layer by itself.
///
/// @param lower the layers, topmost first; O_PATH is enough
/// @param upper where changes go, null for a read-only view of at least two layers
/// @param work an empty directory in the same file system as upper
/// @param isVolatile never sync; `work/incompat/volatile` must be deleted after a clean unmount,
///     or the next mount is refused
/// @param userXattrs use `user.overlay.*`, for stores without privileges
public record OverlayMount(
        List<Fd> lower,
        @Nullable Fd upper,
        @Nullable Fd work,
        boolean isVolatile,
        boolean userXattrs) {
    /// OVL_MAX_STACK of the kernel's fs/overlayfs.
    public static final int LOWER_MAX = 500;

    private static final String[] OFF = {"metacopy", "redirect_dir", "index"};

    /// How layers are named to the kernel, the newest way first.
    enum Way {
        DESCRIPTORS,
        PATHS,
        ONE_STRING
    }

    private static volatile Way best = Way.DESCRIPTORS;

    public OverlayMount {
        lower = List.copyOf(lower);
        if (lower.isEmpty() || lower.size() > LOWER_MAX) {
            throw new IllegalArgumentException("overlay of " + lower.size() + " layers");
        }
        if ((upper == null) != (work == null)) {
            throw new IllegalArgumentException("overlay needs both upper and work or none");
        }
    }

    /// A writable overlay.
    public static OverlayMount writable(List<Fd> lower, Fd upper, Fd work, boolean isVolatile) {
        return new OverlayMount(lower, upper, work, isVolatile, false);
    }

    /// A read-only overlay of at least two layers.
    public static OverlayMount readOnly(List<Fd> lower) {
        return new OverlayMount(lower, null, null, false, false);
    }

    /// Makes the mount. It is nowhere yet: give the descriptor to move_mount(2), in this or another
    /// mount namespace. Closing it without that destroys the mount.
    ///
    /// @param attributes `MOUNT_ATTR_*`
    public Fd assemble(long attributes) throws IOException {
        Way way = best;
        while (true) {
            try {
                return assemble(way, attributes);
            } catch (Errno e) {
                // The first layer's option is refused: the kernel does not know this way. Any other
                // failure is the caller's, but an older way cannot succeed either, so trying it
                // costs only the failure's time.
                boolean refused = e.isAny(Errno.EINVAL, Errno.EOPNOTSUPP);
                if (!refused || way == Way.ONE_STRING || !e.arguments().startsWith("lowerdir+")) {
                    throw e;
                }
                // EOPNOTSUPP is the answer of an overlayfs that has mount(2)'s options only (before
                // 6.5). It would take `lowerdir+` as a string, and fail in the end.
                boolean newer = way == Way.DESCRIPTORS && e.is(Errno.EINVAL);
                way = newer ? Way.PATHS : Way.ONE_STRING;
                best = way;
            }
        }
    }

    Fd assemble(Way way, long attributes) throws IOException {
        if (way == Way.ONE_STRING) {
            return assembleByMount(attributes);
        }
        try (Fd context = Mounts.fsopen("overlay")) {
            Mounts.configure(context, "source", "overlay");
            for (Fd layer : lower) {
                set(context, way, "lowerdir+", layer);
            }
            if (upper != null && work != null) {
                set(context, way, "upperdir", upper);
                set(context, way, "workdir", work);
                for (String option : OFF) {
                    Mounts.configure(context, option, "off");
                }
                if (isVolatile) {
                    Mounts.configureFlag(context, "volatile");
                }
            }
            if (userXattrs) {
                Mounts.configureFlag(context, "userxattr");
            }
            Mounts.create(context);
            return Mounts.fsmount(context, attributes);
        }
    }

    private static void set(Fd context, Way way, String key, Fd layer) throws Errno {
        if (way == Way.DESCRIPTORS) {
            Mounts.configureFd(context, key, layer);
        } else {
            Mounts.configure(context, key, layer.procPath());
        }
    }

    /// By mount(2) in a mount namespace of a thread that ends with it. The options may have one
    /// page: 127 layers of `/proc/self/fd/123` fit, 500 would not.
    private Fd assembleByMount(long attributes) throws IOException {
        Fd mount = Namespaces.inNewMountNamespace(this::mountAndClone);
        if (attributes != 0) {
            try {
                Mounts.setAttributes(mount, false, attributes, 0, 0, null);
            } catch (Errno e) {
                mount.close();
                throw e;
            }
        }
        return mount;
    }

    private Fd mountAndClone() throws IOException {
        var here = new ArrayList<Fd>();
        try {
            var options = new StringBuilder("lowerdir=");
            for (int i = 0; i < lower.size(); i++) {
                options.append(i == 0 ? "" : ":").append(reopened(lower.get(i), here));
            }
            if (upper != null && work != null) {
                options.append(",upperdir=").append(reopened(upper, here));
                options.append(",workdir=").append(reopened(work, here));
                for (String option : OFF) {
                    options.append(',').append(option).append("=off");
                }
                if (isVolatile) {
                    options.append(",volatile");
                }
            }
            if (userXattrs) {
                options.append(",userxattr");
            }
            // /proc serves as mount point: it exists everywhere, and the thread's own namespace
            // needs it no more once the options are read.
            Mounts.mount("overlay", "/proc", "overlay", 0, options.toString());
            return Mounts.openTree(Fd.CWD, "/proc", Mounts.OPEN_TREE_CLONE);
        } finally {
            here.forEach(Fd::close);
        }
    }

    /// The kernel takes layers of the present mount namespace only, and the descriptors are of the
    /// one that was copied: they are opened again by name, and must be the same directories.
    private static String reopened(Fd layer, List<Fd> here) throws Errno {
        PathBytes path = FileCalls.readlink(Fd.CWD, layer.procPath());
        Fd again = FileCalls.open(Fd.CWD, path, FileCalls.O_PATH | FileCalls.O_DIRECTORY);
        here.add(again);
        if (!FileCalls.stat(again).sameFile(FileCalls.stat(layer))) {
            throw new Errno(Errno.ESTALE, "mount", "layer " + path + " of an overlay");
        }
        return again.procPath();
    }
}
