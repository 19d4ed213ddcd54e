package dev.corten.archive;

import java.io.IOException;

/// Sees every byte that a [TarReader] reads, in the order of the stream, with the contents of files
/// apart from all others. What is seen is enough to write the same archive again.
public interface TarTap {
    /// Sees nothing.
    TarTap NONE =
            new TarTap() {
                @Override
                public void entry(TarEntry entry) {}

                @Override
                public void data(byte[] bytes, int offset, int length) {}

                @Override
                public void other(byte[] bytes, int offset, int length) {}
            };

    /// The headers of this entry have been seen; what follows of it is data that somebody wanted,
    /// and, as other bytes, what nobody did.
    void entry(TarEntry entry) throws IOException;

    /// Stored data of the entry.
    void data(byte[] bytes, int offset, int length) throws IOException;

    /// Headers, padding, data that was skipped, and what follows the archive's end.
    void other(byte[] bytes, int offset, int length) throws IOException;
}
