package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.model.RawText;
import java.util.List;
import java.util.Optional;

/// A compiled plan: bytes for the shim, the descriptors that it names, and words for each step.
///
/// @param bytes as `docs/formats/shim-protocol.md` section 3 has it
/// @param descriptors for the registers from 3 on
/// @param outside the steps of the outside list, one for each instruction
/// @param inside the same of the inside list
record Plan(byte[] bytes, List<Fd> descriptors, List<Step> outside, List<Step> inside) {
    /// What the shim reports as list when the clone itself failed.
    static final int LIST_CLONE = 2;

    private static final int LIST_HEADER = 3;
    private static final int NO_INDEX = -1;

    Plan {
        descriptors = List.copyOf(descriptors);
        outside = List.copyOf(outside);
        inside = List.copyOf(inside);
    }

    /// One instruction.
    ///
    /// @param words what it does, for people: `mount tmpfs on /dev`
    /// @param text the instruction itself, for golden files
    record Step(String words, Meaning meaning, String text) {}

    /// What a failure of a step says about the request.
    enum Meaning {
        /// Nothing: the words and the error are all there is.
        STEP,
        /// A mount's source and target do not fit.
        MOUNT,
        /// Looking for the working directory; the words are the directory.
        CWD,
        /// Looking at a command with a slash in it; the words are the command.
        STAT,
        /// Executing it; the words are the command.
        EXECUTE,
        /// The last place in PATH; the words are the command.
        SEARCH,
        /// Running another runtime, which says itself what was wrong; the words are its file.
        RUNTIME
    }

    /// The failure that the shim's report stands for.
    StartFailure failure(int list, int index, int errno) {
        Optional<Errno> cause =
                Optional.of(new Errno(errno, list == LIST_CLONE ? "clone3" : "plan", ""));
        String reason = Errno.describe(errno);
        List<Step> steps = list == 0 ? outside : list == 1 ? inside : List.of();
        if (index < 0 || index >= steps.size()) {
            String what =
                    switch (list) {
                        case LIST_CLONE -> "cannot make the container's process";
                        case LIST_HEADER -> "plan refused at byte " + index;
                        default ->
                                index == NO_INDEX
                                        ? "the process died before its command was executed"
                                        : "the plan ended";
                    };
            return new StartFailure(StartFailure.Kind.OTHER, what + ": " + reason, cause);
        }
        Step step = steps.get(index);
        String words = step.words();
        return switch (step.meaning()) {
            case STEP -> new StartFailure(kindOf(errno), words + ": " + reason, cause);
            case RUNTIME ->
                    StartFailure.foreign(
                            errno == Errno.EPROTO
                                    ? words + " failed and gave no reason"
                                    : "fork/exec " + words + ": " + reason);
            case MOUNT -> mountFailure(words, errno, reason, cause);
            case CWD ->
                    new StartFailure(
                            kindOf(errno),
                            "chdir to cwd ("
                                    + quote(words)
                                    + ") set in config.json failed: "
                                    + reason,
                            cause);
            case STAT ->
                    switch (errno) {
                        case Errno.EISDIR ->
                                new StartFailure(
                                        StartFailure.Kind.NOT_EXECUTABLE,
                                        "exec: "
                                                + quote(words)
                                                + ": is a directory: permission denied",
                                        cause);
                        case Errno.EACCES ->
                                new StartFailure(
                                        StartFailure.Kind.NOT_EXECUTABLE,
                                        "exec: " + quote(words) + ": permission denied",
                                        cause);
                        default ->
                                new StartFailure(
                                        kindOf(errno),
                                        "exec: " + quote(words) + ": stat " + words + ": " + reason,
                                        cause);
                    };
            case EXECUTE -> new StartFailure(kindOf(errno), "exec " + words + ": " + reason, cause);
            case SEARCH ->
                    errno == Errno.ENOENT || errno == Errno.EACCES || errno == Errno.ENOTDIR
                            ? new StartFailure(
                                    StartFailure.Kind.NOT_FOUND,
                                    "exec: "
                                            + quote(words)
                                            + ": executable file not found in $PATH",
                                    cause)
                            : new StartFailure(
                                    kindOf(errno), "exec " + words + ": " + reason, cause);
        };
    }

    private static final String AT = "\" to rootfs at \"";
    private static final String MOUNTING = "\": mount";

    /// The words of steps with the meaning [Meaning#MOUNT].
    static String mountWords(Object source, Object target) {
        return "error mounting \"" + source + AT + target + MOUNTING;
    }

    /// runc's complaint of a mount with these words whose target lies in `/proc`.
    static String insideProc(String mountWords) {
        int at = mountWords.lastIndexOf(AT) + AT.length();
        String target = mountWords.substring(at, mountWords.length() - MOUNTING.length());
        return mountWords.substring(0, mountWords.length() - "mount".length())
                + "create mountpoint for "
                + target
                + " mount: check proc-safety of "
                + target
                + " mount: \""
                + target
                + "\" cannot be mounted because it is "
                + (target.equals("/proc") ? "not of type proc" : "inside /proc");
    }

    private static StartFailure mountFailure(
            String words, int errno, String reason, Optional<Errno> cause) {
        if (errno == Errno.ENOTDIR || errno == Errno.EISDIR) {
            return new StartFailure(
                    StartFailure.Kind.MOUNT_MISMATCH,
                    words
                            + ": not a directory: Are you trying to mount a directory onto a file"
                            + " (or vice-versa)? Check if the specified host path exists and is"
                            + " the expected type",
                    cause);
        }
        if (errno == Errno.EXDEV) {
            return new StartFailure(StartFailure.Kind.OTHER, insideProc(words), cause);
        }
        return new StartFailure(StartFailure.Kind.OTHER, words + ": " + reason, cause);
    }

    /// Docker decides by the words of the message; the error is what puts them there.
    private static StartFailure.Kind kindOf(int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR -> StartFailure.Kind.NOT_FOUND;
            case Errno.EACCES, Errno.EISDIR -> StartFailure.Kind.NOT_EXECUTABLE;
            default -> StartFailure.Kind.OTHER;
        };
    }

    /// As Go's `%q`, for what commands and paths usually hold.
    private static String quote(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        quoted.append(String.format("\\x%02x", (int) c));
                    } else if (Character.isSurrogate(c) && RawText.encode("" + c).length == 1) {
                        quoted.append(String.format("\\x%02x", c - 0xDC00));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /// All steps as text, for golden files.
    String dump() {
        var text = new StringBuilder();
        dump(text, "outside", outside);
        dump(text, "inside", inside);
        return text.toString();
    }

    private static void dump(StringBuilder text, String name, List<Step> steps) {
        String words = "";
        for (Step step : steps) {
            if (!step.words().equals(words)) {
                words = step.words();
                text.append(name).append(": ").append(words).append('\n');
            }
            text.append("    ").append(step.text()).append('\n');
        }
    }
}
