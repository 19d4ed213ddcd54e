package dev.corten.engine.container.mount;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Internal;
import dev.corten.model.PathBytes;
import dev.corten.model.container.MountRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Options of file systems in memory, as mount(8) has them.
public final class TmpfsOptions {
    private static final Set<String> FLAGS =
            Set.of(
                    "defaults",
                    "ro",
                    "rw",
                    "suid",
                    "nosuid",
                    "dev",
                    "nodev",
                    "exec",
                    "noexec",
                    "sync",
                    "async",
                    "dirsync",
                    "mand",
                    "nomand",
                    "atime",
                    "noatime",
                    "diratime",
                    "nodiratime",
                    "relatime",
                    "norelatime",
                    "strictatime",
                    "nostrictatime",
                    "private",
                    "rprivate",
                    "slave",
                    "rslave",
                    "shared",
                    "rshared",
                    "unbindable",
                    "runbindable");
    private static final Set<String> VALUES =
            Set.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol");

    private TmpfsOptions() {}

    /// The text of a request's options: `ro,mode=700,size=1m`.
    static String of(MountRequest mount) {
        var words = new ArrayList<String>();
        if (mount.readOnly()) {
            words.add("ro");
        }
        MountRequest.TmpfsOptions options = mount.tmpfs();
        if (options != null) {
            if (options.mode() != 0) {
                words.add("mode=" + Long.toOctalString(options.mode()));
            }
            if (options.sizeBytes() != 0) {
                words.add("size=" + options.sizeBytes());
            }
            if (options.options() != null) {
                options.options().forEach(option -> words.add(String.join("=", option)));
            }
        }
        return String.join(",", words);
    }

    /// With the mode of the directory that the file system will cover, if the options have none.
    public static String withModeOf(Fd root, PathBytes path, String options) {
        int resolve = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;
        int flags = FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC;
        try (Fd covered = FileCalls.open2(root, path, flags, 0, resolve)) {
            String mode = "mode=" + Integer.toOctalString(FileCalls.stat(covered).permissions());
            return options.isEmpty() ? mode : mode + "," + options;
        } catch (Errno e) {
            // Nothing is there, or what is there cannot be covered, which the mount will tell.
            return options;
        }
    }

    /// @throws Internal in Docker's words, if there is one that no tmpfs has
    public static void check(String options) {
        for (String option : List.of(options.split(",", -1))) {
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            boolean known =
                    equals < 0 ? FLAGS.contains(option) || option.isEmpty() : VALUES.contains(key);
            if (!known) {
                throw new Internal("invalid tmpfs option \"" + key + "\"");
            }
        }
    }
}
