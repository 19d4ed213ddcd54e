package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.file.MissingSource;
import dev.corten.engine.build.BuildFailure;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A build that has failed after it began to talk, in the classic builder's words.
public final class ClassicFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    ClassicFailure(String message) {
        this(message, 0, null);
    }

    ClassicFailure(String message, Throwable cause) {
        this(message, 0, cause);
    }

    private ClassicFailure(String message, int code, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// Of the command that failed; 0 if none did.
    public int code() {
        return code;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    static ClassicFailure of(BuildFailure e) {
        if (e.getCause() instanceof DockerfileException wrong) {
            return new ClassicFailure(complaint(wrong.complaint()), 0, e);
        }
        Optional<Instruction> instruction = e.where().step().map(step -> step.step().instruction());
        return new ClassicFailure(
                instruction.map(i -> words(i, e)).orElse(e.message()), e.where().exitCode(), e);
    }

    private static String complaint(String text) {
        // What `FROM` begins with stands before it.
        String name = "failed to parse stage name \"";
        int end = text.indexOf("\": ");
        if (text.startsWith(name) && end > 0) {
            return text.substring(end + 3);
        }
        return text.startsWith("invalid containerPort") ? "I" + text.substring(1) : text;
    }

    private static String words(Instruction instruction, BuildFailure e) {
        Throwable cause = e;
        while (cause.getCause() != null && !(cause instanceof MissingSource)) {
            cause = cause.getCause();
        }
        String name =
                switch (instruction) {
                    case Instruction.Copy _ -> "COPY";
                    case Instruction.Add _ -> "ADD";
                    default -> "";
                };
        if (name.isEmpty()) {
            boolean network = e.message().matches("network \\S+ not found");
            return network ? "failed to set up container networking: " + e.message() : e.message();
        }
        if (cause instanceof MissingSource missing) {
            boolean elsewhere = instruction instanceof Instruction.Copy copy && copy.from() != null;
            return name
                    + " failed: "
                    + (elsewhere
                            ? ""
                            : "file not found in build context or excluded by .dockerignore: ")
                    + "stat "
                    + missing.path().replaceFirst("^/+", "")
                    + ": file does not exist";
        }
        // Some things it does not say.
        boolean bare =
                e.message().startsWith("When using ")
                        || e.message().startsWith("unable to convert ")
                        || e.message().startsWith(name + " failed");
        return bare ? e.message() : name + " failed: " + e.message();
    }
}
