package dev.corten.cli.build.output;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/// Why a place cannot be written to, in words: the exceptions of the JDK name the file and nothing
/// else.
public final class FileFailures {
    private FileFailures() {}

    /// @param place as the user has named it
    public static IOException of(String place, FileSystemException e) {
        String reason = e.getReason();
        String why =
                switch (e) {
                    case NoSuchFileException _ -> "no such file or directory";
                    case AccessDeniedException _ -> "permission denied";
                    case FileAlreadyExistsException _, NotDirectoryException _ -> "not a directory";
                    default ->
                            reason == null
                                    ? "it cannot be written"
                                    : reason.toLowerCase(Locale.ROOT);
                };
        return new IOException("open " + place + ": " + why, e);
    }
}
