package dev.corten.model.oci;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One container: `config.json` of a bundle.
///
/// @param hostname set in an own UTS namespace; `""` leaves it
/// @param domainname the NIS domain, set in an own UTS namespace; `""` leaves it
/// @param mounts in the order in which they are made
public record Spec(
        ProcessSpec process,
        Root root,
        String hostname,
        String domainname,
        List<Mount> mounts,
        Linux linux,
        Map<String, String> annotations) {
    /// The version of the specification that these records follow.
    public static final String VERSION = "1.2.0";

    public Spec {
        mounts = List.copyOf(mounts);
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }
}
