package dev.corten.kernel.file;

/// What statfs(2) says of a file system.
///
/// @param type the magic number, see the constants
/// @param availableBlocks what an unprivileged user may still use
/// @param mountFlags `ST_*` bits
public record FileSystemStatus(
        long type,
        long blockSize,
        long blocks,
        long freeBlocks,
        long availableBlocks,
        long files,
        long freeFiles,
        long nameMax,
        long mountFlags) {
    // linux/magic.h
    public static final long EXT4 = 0xEF53;
    public static final long XFS = 0x58465342L;
    public static final long BTRFS = 0x9123683EL;
    public static final long OVERLAY = 0x794C7630L;
    public static final long TMPFS = 0x01021994L;
    public static final long PROC = 0x9FA0;
    public static final long SYSFS = 0x62656572L;
    public static final long CGROUP = 0x27E0EB;
    public static final long CGROUP2 = 0x63677270L;
    public static final long NFS = 0x6969;
    public static final long NSFS = 0x6E736673L;
    public static final long ZFS = 0x2FC12FC1L;
    public static final long FUSE = 0x65735546L;

    public long totalBytes() {
        return blocks * blockSize;
    }

    public long availableBytes() {
        return availableBlocks * blockSize;
    }

    /// The name as users know it: `extfs` for ext2 to ext4, as Docker's `info` says.
    public String typeName() {
        if (type == EXT4) {
            return "extfs";
        } else if (type == XFS) {
            return "xfs";
        } else if (type == BTRFS) {
            return "btrfs";
        } else if (type == OVERLAY) {
            return "overlayfs";
        } else if (type == TMPFS) {
            return "tmpfs";
        } else if (type == NFS) {
            return "nfs";
        } else if (type == ZFS) {
            return "zfs";
        } else if (type == FUSE) {
            return "fuse";
        }
        return "<unknown>";
    }
}
