package dev.corten.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the native part of zstd-jni is: beside the program, so that it is not unpacked to a temporary
/// folder, from where other users' files could be loaded.
final class ZstdLibrary {
    private static final String PATH = "ZstdNativePath";

    private ZstdLibrary() {}

    /// Before the first use of the library. Outside an installed tree there is nothing to find.
    static void find() {
        String lib = System.getProperty("corten.lib");
        if (lib == null || System.getProperty(PATH) != null) {
            return;
        }
        Path folder = Path.of(lib, "native");
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "libzstd-jni-*.so")) {
            for (Path library : found) {
                System.setProperty(PATH, library.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for zstd in " + folder, e);
        }
    }
}
