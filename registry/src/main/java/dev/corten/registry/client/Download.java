package dev.corten.registry.client;

import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.registry.JdkHttp;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/// A file that somebody has on the web.
///
/// @param length in bytes; negative if the server does not say
/// @param status of the answer: one that is no refusal
/// @param headers of the answer, their names in small letters
public record Download(
        URI address, InputStream in, long length, int status, Map<String, String> headers)
        implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(30);
    private static final int MAX_ERROR = 4096;
    private static final Pattern NO_HOST = Pattern.compile("https?://(?:/.*)?");

    static {
        JdkHttp.prepare();
    }

    /// @param text an address; without a scheme it is one of `http`
    /// @throws InvalidParameter if it is none
    /// @throws Internal if it names no host: in Docker it fails only when it is asked
    public static URI address(String text) {
        String whole = text.contains("://") ? text : "http://" + text;
        if (NO_HOST.matcher(whole).matches()) {
            String shown = whole.endsWith("://") ? whole.substring(0, whole.length() - 2) : whole;
            throw new Internal("Get \"" + shown + "\": http: no Host in request URL");
        }
        try {
            return URI.create(whole);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid address " + text + ": " + e.getMessage(), e);
        }
    }

    /// Begins to fetch a file. The caller closes it.
    ///
    /// @throws CortenException in Docker's words, if it cannot be had
    public static Download open(URI address, Proxies proxies)
            throws IOException, InterruptedException {
        Download download = open(address, proxies, Map.of());
        if (download.status < 400) {
            return download;
        }
        try (download) {
            throw refused(address, download);
        }
    }

    /// Begins to fetch a file, whatever the server says of it. The caller closes it.
    ///
    /// @param asked headers of the request
    public static Download open(URI address, Proxies proxies, Map<String, String> asked)
            throws IOException, InterruptedException {
        String scheme = String.valueOf(address.getScheme());
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new Internal(
                    "Get \"" + address + "\": unsupported protocol scheme \"" + scheme + "\"");
        }
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client =
                HttpClient.newBuilder()
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .proxy(new ProxyRules(proxies))
                        .executor(threads)
                        .build();
        boolean done = false;
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
            asked.forEach(request::setHeader);
            HttpResponse<InputStream> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            done = true;
            return new Download(
                    address,
                    new Body(answer.body(), client),
                    answer.headers().firstValueAsLong("Content-Length").orElse(-1),
                    answer.statusCode(),
                    headers(answer));
        } catch (IOException e) {
            String words =
                    String.valueOf(GoWords.translate("GET", address, address, e).getMessage());
            throw words.endsWith("no such host") ? new NotFound(words, e) : new Internal(words, e);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid address " + address + ": " + e.getMessage(), e);
        } finally {
            if (!done) {
                client.shutdownNow();
            }
        }
    }

    private static Map<String, String> headers(HttpResponse<?> answer) {
        var headers = new HashMap<String, String>();
        answer.headers()
                .map()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        return headers;
    }

    private static CortenException refused(URI address, Download answer) throws IOException {
        String body = new String(answer.in.readNBytes(MAX_ERROR), StandardCharsets.UTF_8).strip();
        String message = "failed to GET " + address + " with status " + answer.status + ": " + body;
        return answer.status == 404 ? new NotFound(message) : new Internal(message);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /// Ends the client with the body.
    private static final class Body extends java.io.FilterInputStream {
        private final HttpClient client;

        private Body(InputStream in, HttpClient client) {
            super(in);
            this.client = client;
        }

        @Override
        public void close() throws IOException {
            client.shutdownNow();
            super.close();
        }
    }
}
