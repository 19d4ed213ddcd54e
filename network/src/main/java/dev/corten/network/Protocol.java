package dev.corten.network;

import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import java.util.Locale;

/// A transport protocol whose ports can be published.
public enum Protocol {
    TCP(6),
    UDP(17);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    /// The number in the IP header.
    public int number() {
        return number;
    }

    /// Reads `tcp` or `udp`, in any case; the empty text means `tcp`.
    public static Protocol parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "", "tcp" -> TCP;
            case "udp" -> UDP;
            case "sctp" -> throw new NotImplemented("publishing sctp ports is not supported yet");
            default -> throw new InvalidParameter("invalid transport protocol: " + text);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
