package dev.corten.build.work;

import dev.corten.build.solve.Result;
import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.Optional;

/// A file system that a step has made, or that steps begin with. It does not change any more.
public interface Tree extends Result<Tree> {
    /// Its layers, if it is made of layers: what is not, a context or a download, is only read by
    /// other steps.
    ///
    /// @return the chain ID of the top one; empty for no layers too
    Optional<Digest> chainId();

    /// Its files, to be read: a directory, or a detached mount that is read-only. The caller closes
    /// it before the tree.
    Fd open() throws IOException;

    /// The digest of a regular file's bytes, if somebody has found it out before.
    ///
    /// @param path relative, without links in it
    default Optional<Digest> known(PathBytes path) {
        return Optional.empty();
    }
}
