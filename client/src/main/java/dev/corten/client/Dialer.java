package dev.corten.client;

import java.io.IOException;

/// Opens connections to one daemon.
public interface Dialer {
    /// A new connection; the caller closes it.
    Transport dial() throws IOException;

    /// The daemon's address as the user wrote it, for messages.
    String text();

    /// What requests say in their `Host` header.
    default String host() {
        return "corten";
    }

    /// Why nothing more came, if the way of the connection knows; empty otherwise.
    ///
    /// @param connection that has ended
    default String endOf(Transport connection) {
        return "";
    }
}
