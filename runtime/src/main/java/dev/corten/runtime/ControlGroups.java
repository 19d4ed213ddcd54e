package dev.corten.runtime;

import dev.corten.model.oci.Linux;
import java.io.IOException;
import java.util.List;

/// Makes and finds the control groups of containers.
interface ControlGroups {
    /// Makes the group of a container, unless it is there, and sets its limits.
    ///
    /// @return where the process goes; the caller closes its descriptors
    Placement create(Linux linux) throws IOException;

    /// Where another process goes that joins this one.
    Placement of(int pid) throws IOException;

    /// The directories of a group for processes of our own, made if they are missing.
    List<String> directories(String path) throws IOException;

    /// Makes the next placement quick.
    void warm() throws IOException;

    /// No groups: for machines and tests without.
    ControlGroups NONE =
            new ControlGroups() {
                @Override
                public Placement create(Linux linux) {
                    return Placement.NONE;
                }

                @Override
                public Placement of(int pid) {
                    return Placement.NONE;
                }

                @Override
                public List<String> directories(String path) {
                    return List.of();
                }

                @Override
                public void warm() {
                    // nothing to make quick
                }
            };
}
