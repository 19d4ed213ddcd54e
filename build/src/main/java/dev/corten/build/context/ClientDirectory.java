package dev.corten.build.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collection;

/// A directory of a client, which is asked what is in it, and then for some of the files.
public interface ClientDirectory {
    /// What is in it, as `docs/formats/build-protocol.md` has it. The caller closes it.
    ///
    /// @param paths below which files are wanted; none: all
    InputStream list(Collection<String> paths) throws IOException, InterruptedException;

    /// Begins to ask for files of the last list.
    ///
    /// @return to be closed
    Files files() throws IOException, InterruptedException;

    /// Files that are asked for.
    interface Files extends AutoCloseable {
        /// Takes positions in the list, four bytes each. Closing it says that this was all.
        OutputStream asks();

        /// For each of them its length in eight bytes, and its bytes; −1 if it is another one now.
        InputStream answers();

        @Override
        void close();
    }
}
