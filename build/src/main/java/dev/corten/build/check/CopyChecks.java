package dev.corten.build.check;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.build.dockerfile.Instruction;
import java.util.List;

/// What can be said of `COPY` and `ADD` once it is known what the context leaves out.
public final class CopyChecks {
    private CopyChecks() {}

    /// @param instruction with its variables replaced
    /// @param ignored of the build context
    public static void run(Instruction instruction, IgnoreRules ignored, Warnings warnings) {
        switch (instruction) {
            case Instruction.Copy copy when copy.from() == null ->
                    sources(copy, "Copy", copy.sources().paths(), ignored, warnings);
            case Instruction.Add add ->
                    sources(add, "Add", add.sources().paths(), ignored, warnings);
            default -> {}
        }
    }

    private static void sources(
            Instruction instruction,
            String verb,
            List<String> paths,
            IgnoreRules ignored,
            Warnings warnings) {
        for (String path : paths) {
            if (ignored.ignores(path)) {
                warnings.add(
                        Rule.COPY_IGNORED_FILE,
                        instruction.statement(),
                        "Attempting to "
                                + verb
                                + " file \""
                                + path
                                + "\" that is excluded by .dockerignore");
            }
        }
    }
}
