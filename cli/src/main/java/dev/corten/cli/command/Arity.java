package dev.corten.cli.command;

/// How many arguments a command takes.
///
/// @param max [Integer#MAX_VALUE] for as many as one likes
public record Arity(int min, int max) {
    public static final Arity NONE = exactly(0);

    public static Arity exactly(int count) {
        return new Arity(count, count);
    }

    public static Arity atLeast(int min) {
        return new Arity(min, Integer.MAX_VALUE);
    }

    public static Arity between(int min, int max) {
        return new Arity(min, max);
    }

    public boolean isOpen() {
        return max == Integer.MAX_VALUE;
    }

    /// What a command that was given [count] of them says; empty if that is right.
    public String refusal(int count) {
        if (count >= min && count <= max) {
            return "";
        }
        if (max == 0) {
            return "accepts no arguments";
        }
        if (min > 0 && max > min && !isOpen()) {
            return "requires at least " + min + " and at most " + max + plural(max);
        }
        if (min == max) {
            return "requires " + min + plural(min);
        }
        return count < min
                ? "requires at least " + min + plural(min)
                : "requires at most " + max + plural(max);
    }

    private static String plural(int count) {
        return count == 1 ? " argument" : " arguments";
    }
}
