package dev.corten.engine.build;

import dev.corten.build.check.Warning;
import java.util.List;
import java.util.Optional;

/// What the build checks say of a Dockerfile.
///
/// @param failure why it cannot be built, as far as that can be seen
public record Checked(List<Warning> warnings, Optional<BuildFailure> failure) {
    public Checked {
        warnings = List.copyOf(warnings);
    }
}
