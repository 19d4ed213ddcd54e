package dev.corten.model.oci;

import dev.corten.model.InvalidParameter;
import java.util.List;

/// Numeric credentials inside the container.
///
/// @param additionalGids supplementary groups
/// @param umask the file mode creation mask, 022 as Docker's
public record User(int uid, int gid, List<Integer> additionalGids, int umask) {
    /// Root with its own group only.
    public static final User ROOT = new User(0, 0, List.of(), 022);

    public User {
        additionalGids = List.copyOf(additionalGids);
        // CVE-2024-40635: larger numbers wrap around to root somewhere below.
        if (uid < 0 || gid < 0 || additionalGids.stream().anyMatch(g -> g < 0)) {
            throw new InvalidParameter("uids and gids must be in range 0-2147483647");
        }
        if (umask < 0 || umask > 0777) {
            throw new InvalidParameter("invalid umask: " + Integer.toOctalString(umask));
        }
    }
}
