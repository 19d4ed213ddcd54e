package dev.corten.build.file;

import dev.corten.kernel.file.Stat;

/// What is one file under several names.
record Inode(long device, long number) {
    static Inode of(Stat stat) {
        return new Inode(stat.device(), stat.inode());
    }
}
