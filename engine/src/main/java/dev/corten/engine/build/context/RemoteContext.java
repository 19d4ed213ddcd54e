package dev.corten.engine.build.context;

import dev.corten.build.context.Folder;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.Optional;

/// A context that had to be fetched before the build, as the Dockerfile may be in it.
///
/// @param folder its files; to be closed by whoever asked for it
/// @param alone a Dockerfile that came without other files
public record RemoteContext(Folder folder, Optional<byte[]> alone) {
    /// @param name its path in the context
    /// @throws InvalidParameter if it is not there, in BuildKit's words
    public byte[] dockerfile(String name) throws IOException {
        if (alone.isPresent()) {
            return alone.get();
        }
        return folder.read(name, Dockerfile.MAX_BYTES)
                .orElseThrow(() ->
                        new InvalidParameter(
                                "failed to read dockerfile: open "
                                        + name
                                        + ": no such file or directory"));
    }
}
