package dev.corten.build.file;

import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// The value of `--chmod`: octal digits, or symbols as chmod(1) has them. Without a letter before
/// the sign all three are meant, whatever the umask.
public final class Chmod {
    private static final int SET_USER = 04000;
    private static final int SET_GROUP = 02000;
    private static final int STICKY = 01000;

    /// Leaves every mode as it is.
    static final Chmod NONE = new Chmod(OptionalInt.empty(), List.of());

    /// One sign with what comes behind it.
    ///
    /// @param who any of `ugo`; empty for all of them
    /// @param permissions any of `rwxXstugo`
    private record Action(String who, char sign, String permissions) {}

    private final OptionalInt octal;
    private final List<Action> actions;

    private Chmod(OptionalInt octal, List<Action> actions) {
        this.octal = octal;
        this.actions = List.copyOf(actions);
    }

    /// @param text `""` changes nothing
    /// @throws InvalidParameter if it is neither form
    public static Chmod parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        if (Character.isDigit(text.charAt(0))) {
            return new Chmod(OptionalInt.of(octal(text)), List.of());
        }
        var actions = new ArrayList<Action>();
        for (String clause : text.split(",", -1)) {
            clause(text, clause, actions);
        }
        return new Chmod(OptionalInt.empty(), actions);
    }

    private static int octal(String text) {
        if (text.matches("0*[0-7]{1,4}")) {
            return Integer.parseInt(text, 8);
        }
        throw new InvalidParameter(
                "invalid chmod parameter: '"
                        + text
                        + "'. it should be octal string and between 0 and 07777");
    }

    private static void clause(String text, String clause, List<Action> actions) {
        int at = 0;
        while (at < clause.length() && "ugoa".indexOf(clause.charAt(at)) >= 0) {
            at++;
        }
        String who = clause.substring(0, at);
        if (who.contains("a")) {
            who = "ugo";
        }
        if (at == clause.length()) {
            throw malformed(text);
        }
        while (at < clause.length()) {
            char sign = clause.charAt(at++);
            int start = at;
            while (at < clause.length() && "rwxXstugo".indexOf(clause.charAt(at)) >= 0) {
                at++;
            }
            if ("+-=".indexOf(sign) < 0) {
                throw malformed(text);
            }
            actions.add(new Action(who, sign, clause.substring(start, at)));
        }
    }

    private static InvalidParameter malformed(String text) {
        return new InvalidParameter("invalid chmod parameter: '" + text + "': invalid syntax");
    }

    boolean changesNothing() {
        return octal.isEmpty() && actions.isEmpty();
    }

    /// The mode of directories that are made on the way to a destination: what `mkdir` makes of it.
    int ofMadeDirectory() {
        return octal.orElse(0755) & 0755;
    }

    /// @param mode permissions, set-id and sticky bits
    public int apply(int mode, boolean directory) {
        if (octal.isPresent()) {
            return octal.getAsInt();
        }
        int changed = mode;
        for (Action action : actions) {
            changed = apply(action, mode, changed, directory);
        }
        return changed;
    }

    private static int apply(Action action, int original, int mode, boolean directory) {
        String who = action.who().isEmpty() ? "ugo" : action.who();
        int reach = reach(who);
        boolean runs = directory || (original & 0111) != 0;
        int bits = 0;
        for (char permission : action.permissions().toCharArray()) {
            bits |=
                    switch (permission) {
                        case 'r' -> all(4) & reach;
                        case 'w' -> all(2) & reach;
                        case 'x' -> all(1) & reach;
                        case 'X' -> runs ? all(1) & reach : 0;
                        case 's' -> setId(who);
                        case 't' -> who.equals("o") ? 0 : STICKY;
                        case 'u' -> all(mode >> 6 & 7) & reach;
                        case 'g' -> all(mode >> 3 & 7) & reach;
                        default -> all(mode & 7) & reach;
                    };
        }
        return switch (action.sign()) {
            case '+' -> mode | bits;
            case '-' -> mode & ~bits;
            default -> mode & ~cleared(action, who) | bits;
        };
    }

    /// What `=` takes away, as BuildKit does it: permissions of others are copied without set-id
    /// bits, and a lone `=t` is about the sticky bit only.
    private static int cleared(Action action, String who) {
        String permissions = action.permissions();
        if (action.who().isEmpty() && permissions.equals("t")) {
            return 0;
        }
        boolean copies = permissions.matches("[ugo]+");
        return copies ? reach(who) : reach(who) | setId(who);
    }

    private static int all(int three) {
        return three << 6 | three << 3 | three;
    }

    private static int reach(String who) {
        return (who.contains("u") ? 0700 : 0)
                | (who.contains("g") ? 0070 : 0)
                | (who.contains("o") ? 0007 : 0);
    }

    private static int setId(String who) {
        return (who.contains("u") ? SET_USER : 0) | (who.contains("g") ? SET_GROUP : 0);
    }
}
