package dev.corten.runtime;

import dev.corten.model.oci.Resources;
import java.io.IOException;

/// Makes and finds the control groups of containers.
interface ControlGroups {
    /// Makes the group, unless it is there, and sets its limits.
    ///
    /// @return where the process goes; the caller closes its descriptors by [Placement#close]
    Placement create(String path, Resources resources) throws IOException;

    /// Where another process goes that joins this one.
    Placement of(int pid) throws IOException;

    /// No groups: for machines and tests without.
    ControlGroups NONE =
            new ControlGroups() {
                @Override
                public Placement create(String path, Resources resources) {
                    return Placement.NONE;
                }

                @Override
                public Placement of(int pid) {
                    return Placement.NONE;
                }
            };
}
