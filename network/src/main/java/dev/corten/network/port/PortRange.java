package dev.corten.network.port;

import dev.corten.model.InvalidParameter;

/// Host ports to choose from, both ends included; [#ANY] leaves the choice to the engine.
public record PortRange(int first, int last) {
    /// The range of a request without a host port.
    public static final PortRange ANY = new PortRange(0, 0);

    private static final int MAX = 65535;

    public PortRange {
        if (first < 0 || last > MAX || first > last) {
            throw new IllegalArgumentException("port range " + first + "-" + last);
        }
    }

    /// Reads `""`, `8080` or `8000-8010`.
    ///
    /// @throws InvalidParameter in Docker's words if the text is something else
    public static PortRange parse(String text) {
        if (text.isEmpty()) {
            return ANY;
        }
        int dash = text.indexOf('-');
        int first = number(dash < 0 ? text : text.substring(0, dash), text);
        int last = dash < 0 ? first : number(text.substring(dash + 1), text);
        if (first > last || (first == 0 && last > 0)) {
            throw invalid(text);
        }
        return new PortRange(first, last);
    }

    /// Whether the engine is to choose.
    public boolean isAny() {
        return last == 0;
    }

    /// Whether there is nothing to choose.
    public boolean isSingle() {
        return first == last && !isAny();
    }

    @Override
    public String toString() {
        return isAny() ? "" : isSingle() ? "" + first : first + "-" + last;
    }

    /// A number from 0 to 65535 as Go's `ParseUint` reads it: digits only.
    static int number(String digits, String specification) {
        if (digits.isEmpty()
                || digits.length() > 9
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw invalid(specification);
        }
        int number = Integer.parseInt(digits);
        if (number > MAX) {
            throw invalid(specification);
        }
        return number;
    }

    private static InvalidParameter invalid(String specification) {
        return new InvalidParameter("invalid port specification: \"" + specification + "\"");
    }
}
