package dev.corten.store.image;

/// Something in the store that is not as it should be.
///
/// @param subject a digest, a name or a path below the data root
/// @param problem goes on from that: `is damaged`
public record StoreFinding(Kind kind, String subject, String problem, Outcome outcome) {
    /// What it is.
    public enum Kind {
        BLOB,
        CONFIGURATION,
        NAME,
        LAYER,
        FILE
    }

    /// What was done about it.
    public enum Outcome {
        /// Nothing: nobody asked for it.
        FOUND,

        /// It was fetched from where it had come from.
        FETCHED,

        /// It was made anew of what is here.
        REPAIRED,

        /// It was removed; nothing needs it, or nothing can be done with it.
        REMOVED,

        /// Nothing: there is no way, or none at this moment.
        LEFT
    }
}
