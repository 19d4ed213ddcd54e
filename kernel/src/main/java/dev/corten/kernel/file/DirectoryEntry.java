package dev.corten.kernel.file;

import dev.corten.model.PathBytes;

/// A name in a directory.
///
/// @param type `DT_*`: [#UNKNOWN] on file systems that do not say
public record DirectoryEntry(PathBytes name, long inode, int type) {
    // dirent.h
    public static final int UNKNOWN = 0;
    public static final int FIFO = 1;
    public static final int CHARACTER_DEVICE = 2;
    public static final int DIRECTORY = 4;
    public static final int BLOCK_DEVICE = 6;
    public static final int REGULAR = 8;
    public static final int SYMLINK = 10;
    public static final int SOCKET = 12;

    public boolean isDirectory() {
        return type == DIRECTORY;
    }
}
