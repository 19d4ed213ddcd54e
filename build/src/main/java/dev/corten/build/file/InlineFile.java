package dev.corten.build.file;

import java.nio.charset.StandardCharsets;

/// A file that is written in the Dockerfile itself.
public record InlineFile(String name, byte[] content) {
    public static InlineFile of(String name, String content) {
        return new InlineFile(name, content.getBytes(StandardCharsets.UTF_8));
    }
}
