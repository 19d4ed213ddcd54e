package dev.corten.network.port;

import dev.corten.kernel.socket.InetSockets;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import java.util.Locale;

/// A transport protocol whose ports can be published.
public enum Protocol {
    TCP(6, InetSockets.Transport.TCP),
    UDP(17, InetSockets.Transport.UDP);

    private final int number;
    private final InetSockets.Transport transport;

    Protocol(int number, InetSockets.Transport transport) {
        this.number = number;
        this.transport = transport;
    }

    /// The number in the IP header.
    public int number() {
        return number;
    }

    public InetSockets.Transport transport() {
        return transport;
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
