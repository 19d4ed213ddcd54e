package dev.corten.build.context;

import dev.corten.archive.ignore.IgnoreRules;
import java.io.IOException;
import java.util.List;

/// What the classic API leaves to the engine of `.dockerignore`: clients send the Dockerfile and the
/// file itself although they are ignored, as the engine needs them.
public final class IgnoredFiles {
    public static final String NAME = ".dockerignore";

    private IgnoredFiles() {}

    /// Takes the Dockerfile and the ignore file out of a context if they are ignored.
    ///
    /// @param dockerfile its path in the context
    /// @return the ignore file's bytes; none if there is no such file
    public static byte[] remove(Folder folder, String dockerfile) throws IOException {
        byte[] text = folder.read(NAME, IgnoreRules.MAX_BYTES).orElse(new byte[0]);
        IgnoreRules rules = IgnoreRules.read(text);
        for (String name : List.of(NAME, dockerfile)) {
            if (rules.ignores(name)) {
                folder.remove(name);
            }
        }
        return text;
    }
}
