package dev.corten.engine.build;

import dev.corten.model.Forbidden;
import java.util.Set;

/// What builds may be allowed at all, as the daemon's settings say. The classic builder, which has no
/// way to ask, knows none of it.
///
/// @param networkHost whether steps may use the host's network
/// @param insecure whether steps may run without confinement
public record Entitlements(boolean networkHost, boolean insecure) {
    /// @param asked those of `--allow`
    /// @throws Forbidden in BuildKit's words if one of them is not to be had
    void check(Set<String> asked) {
        for (String entitlement : asked) {
            boolean granted =
                    switch (entitlement) {
                        case "network.host" -> networkHost;
                        case "security.insecure" -> insecure;
                        default -> false;
                    };
            if (!granted) {
                int value = entitlement.indexOf('=');
                throw new Forbidden(
                        "granting entitlement "
                                + (value < 0 ? entitlement : entitlement.substring(0, value))
                                + " is not allowed by build daemon configuration");
            }
        }
    }
}
