package dev.corten.cli.failure;

import java.io.FileNotFoundException;

/// What a local file's failure is called.
public final class LocalFiles {
    private LocalFiles() {}

    /// The system's words, from `name (No such file or directory)`.
    public static String reason(FileNotFoundException e) {
        String message = String.valueOf(e.getMessage());
        int open = message.lastIndexOf('(');
        if (open < 0 || !message.endsWith(")")) {
            return message;
        }
        String reason = message.substring(open + 1, message.length() - 1);
        return reason.isEmpty()
                ? message
                : Character.toLowerCase(reason.charAt(0)) + reason.substring(1);
    }
}
