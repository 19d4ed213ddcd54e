package dev.corten.registry.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Which address of a host to connect to, where it has several: an HTTP client of the JDK knows only
/// the first. They are tried with a head start each, the families by turns, as RFC 8305 has it.
final class Addresses {
    /// Finds the addresses of a name, the one first that the JDK would take.
    @FunctionalInterface
    interface Resolver {
        InetAddress[] all(String host) throws UnknownHostException;
    }

    private static final Duration HEAD_START = Duration.ofMillis(300);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration LIFETIME = Duration.ofMinutes(5);
    private static final int LIMIT = 512;

    /// What is known of an address.
    private record Experience(boolean reached, Instant until) {}

    private record Attempt(InetAddress address, boolean reached) {}

    private final Resolver resolver;
    private final InstantSource clock;
    private final Map<InetSocketAddress, Experience> known = new ConcurrentHashMap<>();

    Addresses(Resolver resolver, InstantSource clock) {
        this.resolver = resolver;
        this.clock = clock;
    }

    /// The address to take in the place of a host's first one; empty if that one is good, or none.
    Optional<InetAddress> instead(String host, int port) throws InterruptedException {
        List<InetAddress> all = all(host);
        if (all.size() < 2 || isReached(all.getFirst(), port)) {
            return Optional.empty();
        }
        // Whether somebody listens on this host is known at once.
        if (all.getFirst().isLoopbackAddress() && !isUnreached(all.getFirst(), port)) {
            return Optional.empty();
        }
        for (InetAddress address : all) {
            if (isReached(address, port)) {
                return Optional.of(address);
            }
        }
        return race(all, port).filter(address -> !address.equals(all.getFirst()));
    }

    /// Takes down that nobody could be connected to.
    ///
    /// @param instead what [#instead] gave
    /// @return whether there is another address to try
    boolean failed(String host, int port, Optional<InetAddress> instead) {
        List<InetAddress> all = all(host);
        if (all.size() < 2) {
            return false;
        }
        InetAddress failed = instead.orElse(all.getFirst());
        boolean news = !isUnreached(failed, port);
        learn(failed, port, false);
        return news && all.stream().anyMatch(address -> !isUnreached(address, port));
    }

    private List<InetAddress> all(String host) {
        if (host.startsWith("[")) {
            return List.of();
        }
        try {
            return alternating(resolver.all(host));
        } catch (UnknownHostException e) {
            // The request itself will say so.
            return List.of();
        }
    }

    private static List<InetAddress> alternating(InetAddress[] addresses) {
        var same = new ArrayList<InetAddress>();
        var other = new ArrayList<InetAddress>();
        for (InetAddress address : addresses) {
            boolean first = address.getClass().equals(addresses[0].getClass());
            (first ? same : other).add(address);
        }
        var ordered = new ArrayList<InetAddress>();
        for (int i = 0; i < addresses.length; i++) {
            if (i < same.size()) {
                ordered.add(same.get(i));
            }
            if (i < other.size()) {
                ordered.add(other.get(i));
            }
        }
        return ordered;
    }

    private Optional<InetAddress> race(List<InetAddress> all, int port)
            throws InterruptedException {
        List<InetAddress> runners = all.stream().filter(a -> !isUnreached(a, port)).toList();
        var finish = new LinkedBlockingQueue<Attempt>();
        int started = 0;
        int ended = 0;
        while (ended < runners.size()) {
            if (started < runners.size()) {
                InetAddress runner = runners.get(started++);
                Thread.ofVirtual()
                        .name("dial")
                        .start(() -> finish.add(new Attempt(runner, reaches(runner, port))));
            }
            Duration patience = started < runners.size() ? HEAD_START : CONNECT;
            Attempt first = finish.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (first == null && started == runners.size()) {
                return Optional.empty();
            }
            if (first != null) {
                ended++;
                if (first.reached()) {
                    // Those that began before it are not worth waiting for the next time either.
                    for (InetAddress slower : runners) {
                        if (slower.equals(first.address())) {
                            break;
                        }
                        learn(slower, port, false);
                    }
                    learn(first.address(), port, true);
                    return Optional.of(first.address());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean reaches(InetAddress address, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), (int) CONNECT.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean isReached(InetAddress address, int port) {
        return experience(address, port).map(Experience::reached).orElse(false);
    }

    private boolean isUnreached(InetAddress address, int port) {
        return experience(address, port).map(e -> !e.reached()).orElse(false);
    }

    private Optional<Experience> experience(InetAddress address, int port) {
        return Optional.ofNullable(known.get(new InetSocketAddress(address, port)))
                .filter(e -> e.until().isAfter(clock.instant()));
    }

    private void learn(InetAddress address, int port, boolean reached) {
        if (known.size() >= LIMIT) {
            known.clear();
        }
        known.put(
                new InetSocketAddress(address, port),
                new Experience(reached, clock.instant().plus(LIFETIME)));
    }
}
