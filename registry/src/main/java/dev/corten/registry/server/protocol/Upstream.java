package dev.corten.registry.server.protocol;

import dev.corten.model.Digest;
import dev.corten.registry.RepositoryName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// The registry whose cache this one is. Each call leaves in the storage what was asked for.
public interface Upstream {
    /// Has the manifest that a tag names now, or, when the upstream does not answer, that it named
    /// before.
    ///
    /// @throws dev.corten.registry.Refusal if there is none
    void tag(RepositoryName name, String tag) throws IOException;

    /// Has a manifest.
    ///
    /// @throws dev.corten.registry.Refusal if there is none
    void manifest(RepositoryName name, Digest digest) throws IOException;

    /// The tags that a repository has, or that are here when the upstream does not answer.
    ///
    /// @throws dev.corten.registry.Refusal if there is no such repository
    List<String> tags(RepositoryName name) throws IOException;

    /// Brings a blob that is not here, and shows it to a client meanwhile.
    ///
    /// @return false if it is here now, without having been shown
    /// @throws dev.corten.registry.Refusal if there is none
    boolean blob(RepositoryName name, Digest digest, Answer answer) throws IOException;

    /// How a blob is shown.
    interface Answer {
        /// Whether the client wants the head only, or a part: then the blob is brought first.
        boolean isPartial();

        OutputStream begin(long size) throws IOException;
    }
}
