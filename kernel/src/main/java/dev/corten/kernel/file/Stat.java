package dev.corten.kernel.file;

/// The attributes of a file, by statx(2).
///
/// @param mode type and permissions, as `st_mode`
/// @param size in bytes
/// @param blocks allocated, in units of 512 bytes
/// @param mountId the mount that the file was reached through, 0 before Linux 5.8
/// @param attributes `STATX_ATTR_*` bits
public record Stat(
        int deviceMajor,
        int deviceMinor,
        long inode,
        int mode,
        int links,
        int uid,
        int gid,
        int rdevMajor,
        int rdevMinor,
        long size,
        long blocks,
        int blockSize,
        long accessSeconds,
        int accessNanos,
        long modifySeconds,
        int modifyNanos,
        long changeSeconds,
        int changeNanos,
        long mountId,
        long attributes) {
    // linux/stat.h
    public static final int S_IFMT = 0xF000;
    public static final int S_IFSOCK = 0xC000;
    public static final int S_IFLNK = 0xA000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFIFO = 0x1000;

    public static final long STATX_ATTR_IMMUTABLE = 0x10;
    public static final long STATX_ATTR_APPEND = 0x20;
    public static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

    /// The bits of `S_IFMT`.
    public int type() {
        return mode & S_IFMT;
    }

    /// The permissions with set-id and sticky bits.
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == S_IFDIR;
    }

    public boolean isRegular() {
        return type() == S_IFREG;
    }

    public boolean isSymlink() {
        return type() == S_IFLNK;
    }

    public boolean isDevice() {
        return type() == S_IFCHR || type() == S_IFBLK;
    }

    public boolean isSocket() {
        return type() == S_IFSOCK;
    }

    /// The device as the kernel's `dev_t` for user space, see makedev(3).
    public long device() {
        return makeDevice(deviceMajor, deviceMinor);
    }

    public long rdev() {
        return makeDevice(rdevMajor, rdevMinor);
    }

    public boolean sameFile(Stat other) {
        return inode == other.inode
                && deviceMajor == other.deviceMajor
                && deviceMinor == other.deviceMinor;
    }

    /// makedev(3); its low 32 bits are what mknod(2) takes.
    public static long makeDevice(int major, int minor) {
        return (minor & 0xFFL)
                | ((major & 0xFFFL) << 8)
                | ((minor & 0xFFFFFF00L) << 12)
                | ((major & 0xFFFFF000L) << 32);
    }
}
