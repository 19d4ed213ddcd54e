package dev.corten.model;

import java.util.OptionalInt;

/// The numbers of users and groups, where people may write names too.
public final class AccountNumber {
    private static final String RANGE = "uids and gids must be in range 0-2147483647";

    private AccountNumber() {}

    /// The number that a text is, if it is one at all.
    ///
    /// @throws InvalidParameter if it is one that no account can have, in Docker's words
    public static OptionalInt parse(String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 0) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            throw new InvalidParameter(RANGE, e);
        }
        throw new InvalidParameter(RANGE);
    }
}
