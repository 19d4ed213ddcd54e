package dev.corten.registry.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Sends requests to one site, and follows redirects.
final class Transport {
    private static final int REDIRECTS = 10;
    private static final String AUTHORIZATION = "Authorization";

    private final HttpClients.ForEndpoint clients;
    private final Addresses addresses;
    private final ProxyRules proxies;
    private final String userAgent;
    private final Duration patience;

    /// @param patience how long nothing may happen
    Transport(
            HttpClients.ForEndpoint clients,
            Addresses addresses,
            ProxyRules proxies,
            String userAgent,
            Duration patience) {
        this.clients = clients;
        this.addresses = addresses;
        this.proxies = proxies;
        this.userAgent = userAgent;
        this.patience = patience;
    }

    /// @return the answer, whatever its status, but a redirect; the caller closes it
    /// @throws TransportFailure if there is none
    Answer send(Call call) throws IOException, InterruptedException {
        Call now = call;
        for (int hops = 0; ; hops++) {
            Answer answer = once(now);
            Optional<URI> target = target(answer);
            if (target.isEmpty()) {
                return answer;
            }
            answer.close();
            if (hops == REDIRECTS) {
                throw new TransportFailure(
                        TransportFailure.Kind.FINAL,
                        GoWords.of(call.method(), now.uri(), "stopped after 10 redirects"));
            }
            now = redirected(now, answer.status(), target.get());
        }
    }

    private static Optional<URI> target(Answer answer) throws TransportFailure {
        return switch (answer.status()) {
            case 301, 302, 303, 307, 308 -> {
                Optional<String> location = answer.header("Location");
                if (location.isEmpty()) {
                    yield Optional.empty();
                }
                URI target;
                try {
                    target = answer.uri().resolve(location.get());
                } catch (IllegalArgumentException e) {
                    throw new TransportFailure(
                            TransportFailure.Kind.FINAL,
                            "failed to parse Location header \"" + location.get() + "\"",
                            e);
                }
                String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
                if (!scheme.equals("http") && !scheme.equals("https") || target.getHost() == null) {
                    throw new TransportFailure(
                            TransportFailure.Kind.FINAL,
                            "unsupported protocol scheme in redirect to " + target);
                }
                yield Optional.of(target);
            }
            default -> Optional.empty();
        };
    }

    private static Call redirected(Call call, int status, URI target) {
        boolean read = call.method().equals("GET") || call.method().equals("HEAD");
        Call next = call.to(target);
        if (!read && status != 307 && status != 308) {
            next = next.as("GET");
        }
        return mayKnowUs(call.uri(), target) ? next : next.without(AUTHORIZATION);
    }

    /// Whether the credentials for one address may be shown to another: the same host, and never in
    /// the clear what was meant for an encrypted connection.
    static boolean mayKnowUs(URI first, URI second) {
        boolean encrypted = "https".equalsIgnoreCase(second.getScheme());
        if ("https".equalsIgnoreCase(first.getScheme()) && !encrypted) {
            return false;
        }
        if (!String.valueOf(first.getHost()).equalsIgnoreCase(second.getHost())) {
            return false;
        }
        boolean samePort = port(first) == port(second);
        return samePort || !first.getScheme().equalsIgnoreCase(second.getScheme()) && usual(second);
    }

    private static boolean usual(URI uri) {
        return port(uri) == 443;
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private Answer once(Call call) throws IOException, InterruptedException {
        String host = String.valueOf(call.uri().getHost());
        int port = port(call.uri());
        // A proxy finds its own way.
        boolean direct = call.uri().getHost() != null && proxies.proxy(call.uri()).isEmpty();
        while (true) {
            Optional<InetAddress> instead =
                    direct ? addresses.instead(host, port) : Optional.empty();
            try {
                return once(call, instead);
            } catch (TransportFailure e) {
                boolean unreached = e.kind() == TransportFailure.Kind.REFUSED && direct;
                if (!unreached || !addresses.failed(host, port, instead)) {
                    throw e;
                }
            }
        }
    }

    private Answer once(Call call, Optional<InetAddress> instead)
            throws IOException, InterruptedException {
        AtomicReference<@Nullable InputStream> opened = new AtomicReference<>();
        AtomicReference<@Nullable IOException> unreadable = new AtomicReference<>();
        HttpRequest request = request(call, instead, opened, unreadable);
        HttpClient client = clients.client(instead.isEmpty() ? "" : call.uri().getHost());
        try {
            HttpResponse<BodyStream> response = exchange(client, call, request);
            // The client's way to say that a proxy did not open a tunnel: an answer without a body.
            if (response.body() == null) {
                throw new TransportFailure(
                        TransportFailure.Kind.FINAL,
                        GoWords.of(
                                call.method(),
                                call.uri(),
                                RegistryFailure.reason(response.statusCode())
                                        .replaceFirst("^\\d+ ", "")));
            }
            return new Answer(call.uri(), response);
        } catch (IOException e) {
            IOException ours = unreadable.get();
            if (ours != null) {
                throw ours;
            }
            URI dialled = proxies.proxy(call.uri()).orElse(request.uri());
            throw GoWords.translate(call.method(), call.uri(), dialled, e);
        } finally {
            InputStream body = opened.get();
            if (body != null) {
                body.close();
            }
        }
    }

    private HttpRequest request(
            Call call,
            Optional<InetAddress> instead,
            AtomicReference<@Nullable InputStream> opened,
            AtomicReference<@Nullable IOException> unreadable) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(instead.map(a -> at(call.uri(), a)).orElse(call.uri()));
        instead.ifPresent(_ -> builder.setHeader("Host", named(call.uri())));
        // HTTP/2 takes the host's name from nowhere but the address.
        boolean second =
                "https".equalsIgnoreCase(call.uri().getScheme())
                        && !call.plain()
                        && instead.isEmpty();
        // In the clear, HTTP/2 begins with a request to switch, which confuses some servers.
        builder.version(second ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
        builder.setHeader("User-Agent", userAgent);
        call.headers().forEach(builder::setHeader);
        return builder.method(call.method(), publisher(call, opened, unreadable)).build();
    }

    private static String named(URI uri) {
        return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
    }

    /// The same, of a host that is called by its address.
    private static URI at(URI uri, InetAddress address) {
        String literal = address.getHostAddress();
        String host = literal.contains(":") ? "[" + literal + "]" : literal;
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String rest = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        return URI.create(uri.getScheme() + "://" + host + port + rest);
    }

    private static BodyPublisher publisher(
            Call call,
            AtomicReference<@Nullable InputStream> opened,
            AtomicReference<@Nullable IOException> unreadable) {
        if (call.body().isEmpty()) {
            boolean written = !call.method().equals("GET") && !call.method().equals("HEAD");
            // With a length of 0, which some servers insist on.
            return written ? BodyPublishers.ofByteArray(new byte[0]) : BodyPublishers.noBody();
        }
        Call.Body body = call.body().get();
        if (body.length() == 0) {
            return BodyPublishers.ofByteArray(new byte[0]);
        }
        BodyPublisher stream =
                BodyPublishers.ofInputStream(() -> {
                    try {
                        InputStream in = body.open();
                        opened.set(in);
                        return in;
                    } catch (IOException e) {
                        unreadable.set(e);
                        return InputStream.nullInputStream();
                    }
                });
        return BodyPublishers.fromPublisher(stream, body.length());
    }

    /// Waits as long as something happens.
    private HttpResponse<BodyStream> exchange(HttpClient client, Call call, HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<BodyStream>> future =
                client.sendAsync(request, _ -> new BodyStream(patience));
        long position = -1;
        try {
            while (true) {
                try {
                    return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    long now = call.body().map(Call.Body::position).orElse(-1L);
                    if (now == position) {
                        var late = new HttpTimeoutException("request timed out");
                        late.initCause(e);
                        throw late;
                    }
                    position = now;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } finally {
            // No effect on one that has been answered.
            future.cancel(true);
        }
    }
}
