package dev.corten.model.container;

/// What is mounted in a container beside its root: the requests of all kinds, resolved when the
/// container was made.
public sealed interface MountPoint {
    /// Where, absolute and without `.`, `..` or superfluous slashes.
    String destination();

    /// The words behind the second colon of `-v`.
    String mode();

    boolean writable();

    /// How deep a read-only bind is read-only.
    enum ReadOnly {
        /// The mount itself, not what is mounted below it.
        TOP,
        /// All of it, if the kernel can.
        ALL,
        /// All of it, or no start.
        ALL_SURELY
    }

    /// A file or directory of the host.
    ///
    /// @param propagation `rprivate` and the like
    /// @param recursive whether what is mounted below the source comes along
    /// @param missing what happens at the start if the source is not there
    record Bind(
            String destination,
            String source,
            String mode,
            boolean writable,
            String propagation,
            boolean recursive,
            ReadOnly readOnly,
            Missing missing)
            implements MountPoint {}

    /// What a start does about a source that is not there.
    enum Missing {
        MAKE_DIRECTORY,
        FAIL
    }

    /// A volume.
    ///
    /// @param subpath what of it, `""` for all
    /// @param origin why it is there
    record Volume(
            String destination,
            String name,
            String mode,
            boolean writable,
            String subpath,
            Origin origin)
            implements MountPoint {
        /// Whether it goes with its container, if its removal is asked to take volumes along.
        public boolean goesWithContainer() {
            return origin != Origin.NAMED;
        }
    }

    /// Why a container has a volume.
    enum Origin {
        /// Somebody chose it by name.
        NAMED,
        /// A mount without a name.
        UNNAMED,
        /// The image or the request declares that there is a volume at this place.
        DECLARED
    }

    /// A file system in memory.
    ///
    /// @param options as in `--tmpfs`
    record Tmpfs(String destination, String mode, boolean writable, String options)
            implements MountPoint {}

    /// The files of an image.
    ///
    /// @param reference as the client called it
    /// @param id of the image
    /// @param subpath what of it, `""` for all
    record Image(String destination, String reference, String id, String mode, String subpath)
            implements MountPoint {
        @Override
        public boolean writable() {
            return false;
        }
    }
}
