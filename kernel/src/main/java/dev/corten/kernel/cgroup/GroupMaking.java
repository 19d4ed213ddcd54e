package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import java.io.IOException;
import java.util.List;

/// Makes a group with all above it, so that processes can be in it and limits be set.
record GroupMaking(CgroupTree tree, String path) {
    void makeAll() throws Errno {
        for (CgroupTree.Hierarchy hierarchy : tree.hierarchies()) {
            make(hierarchy.mountPoint());
        }
        if (tree.unifiedMount().isPresent()) {
            make(tree.unifiedMount().get());
        }
    }

    /// Makes the group and its parents in one hierarchy.
    void make(String mount) throws Errno {
        String parent = path.substring(0, path.lastIndexOf('/'));
        if (tree.isReady(mount + parent) && tryMake(mount + path)) {
            prepared(mount, path);
            return;
        }
        // From the root down: a group has only what the one above hands down.
        handDown(mount);
        int slash = 0;
        while ((slash = path.indexOf('/', slash + 1)) > 0) {
            String above = path.substring(0, slash);
            tryMake(mount + above);
            prepared(mount, above);
            handDown(mount + above);
        }
        tree.ready(mount + parent);
        tryMake(mount + path);
        prepared(mount, path);
    }

    /// Returns false if the parent is missing.
    private static boolean tryMake(String directory) throws Errno {
        try {
            FileCalls.mkdir(Fd.CWD, directory, 0755);
            return true;
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            if (e.is(Errno.EEXIST)) {
                return true;
            }
            throw e;
        }
    }

    /// A cpuset of version 1 without processors and memory nodes takes no process.
    private void prepared(String mount, String group) throws Errno {
        if (!mount.equals(tree.mountOf("cpuset").orElse("")) || tree.hierarchies().isEmpty()) {
            return;
        }
        String directory = mount + group;
        String parent = directory.substring(0, directory.lastIndexOf('/'));
        try {
            for (String file : List.of("/cpuset.cpus", "/cpuset.mems")) {
                if (Cgroup.text(directory + file).isBlank()) {
                    Cgroup.write(directory + file, Cgroup.text(parent + file).strip());
                }
            }
        } catch (Errno e) {
            throw e;
        } catch (IOException e) {
            throw new Errno(Errno.EIO, "read", directory);
        }
    }

    /// On version 2 a group says which controllers those below it have. One that cannot be handed
    /// down (real-time processes keep `cpu` back, processes in the group itself all of them) is left
    /// out: [CgroupTree#hasFile] tells.
    private void handDown(String directory) throws Errno {
        for (String controller : tree.unifiedToEnable()) {
            try {
                Cgroup.write(directory + "/cgroup.subtree_control", "+" + controller);
            } catch (Errno e) {
                if (!e.isAny(Errno.EINVAL, Errno.ENOENT, Errno.EBUSY)) {
                    throw e;
                }
            }
        }
    }
}
