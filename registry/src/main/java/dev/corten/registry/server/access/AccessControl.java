package dev.corten.registry.server.access;

import dev.corten.http.Headers;
import java.io.IOException;
import java.util.List;

/// Decides about requests. Implementations are thread-safe.
public interface AccessControl {
    /// For registries that anybody may use.
    AccessControl NONE = (_, _) -> "";

    /// Lets a request pass.
    ///
    /// @param needed nothing: anybody who is known at all
    /// @return the user's name, `""` for nobody in particular
    /// @throws Challenge otherwise
    /// @throws IOException if it cannot be decided
    String admit(Headers request, List<Permission> needed) throws Challenge, IOException;
}
