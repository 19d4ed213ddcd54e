package dev.corten.client;

import dev.corten.model.RawText;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// A request to the daemon: `Request.post("/containers/create").query("name", "web").json(body)`.
///
/// Built step by step and then sent once; not thread-safe.
public final class Request {
    private final String method;
    private final String path;
    private final TreeMap<String, List<String>> query = new TreeMap<>();
    private final List<String> headers = new ArrayList<>();
    private byte[] body = {};
    private String contentType = "";
    private Optional<InputStream> stream = Optional.empty();

    private Request(String method, String path) {
        this.method = method;
        this.path = path;
    }

    public static Request get(String path) {
        return new Request("GET", path);
    }

    public static Request head(String path) {
        return new Request("HEAD", path);
    }

    public static Request post(String path) {
        return new Request("POST", path);
    }

    public static Request put(String path) {
        return new Request("PUT", path);
    }

    public static Request delete(String path) {
        return new Request("DELETE", path);
    }

    /// A parameter of the query; repeated names are sent repeatedly.
    public Request query(String name, String value) {
        query.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
        return this;
    }

    /// The parameter `name=1` if [set].
    public Request flag(String name, boolean set) {
        return set ? query(name, "1") : this;
    }

    public Request header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    public Request json(JsonWriter json) {
        body = json.toBytes();
        contentType = "application/json";
        return this;
    }

    /// A body of unknown length, sent in chunks as it is read. Does not close [source].
    public Request stream(String type, InputStream source) {
        stream = Optional.of(source);
        contentType = type;
        return this;
    }

    String method() {
        return method;
    }

    Optional<InputStream> stream() {
        return stream;
    }

    byte[] body() {
        return body;
    }

    String contentType() {
        return contentType;
    }

    /// Names and values in turn.
    List<String> headers() {
        return headers;
    }

    /// The path and query as they stand in the request line, below the API version.
    String target() {
        var text = new StringBuilder(path);
        char separator = '?';
        for (var parameter : query.entrySet()) {
            for (String value : parameter.getValue()) {
                text.append(separator).append(encode(parameter.getKey(), false));
                text.append('=').append(encode(value, false));
                separator = '&';
            }
        }
        return text.toString();
    }

    /// One segment of a path, or several with their slashes, percent-encoded byte by byte.
    public static String segment(String name) {
        return encode(name, true);
    }

    private static String encode(String text, boolean inPath) {
        boolean plain = true;
        for (int i = 0; i < text.length() && plain; i++) {
            plain = isPlain(text.charAt(i), inPath);
        }
        if (plain) {
            return text;
        }
        var encoded = new StringBuilder(text.length() + 16);
        for (byte b : RawText.encode(text)) {
            char c = (char) (b & 0xFF);
            if (isPlain(c, inPath)) {
                encoded.append(c);
            } else if (c == ' ' && !inPath) {
                encoded.append('+');
            } else {
                encoded.append('%');
                encoded.append("0123456789ABCDEF".charAt(c >> 4));
                encoded.append("0123456789ABCDEF".charAt(c & 15));
            }
        }
        return encoded.toString();
    }

    private static boolean isPlain(char c, boolean inPath) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '~'
                || (inPath && (c == '/' || c == ':' || c == '@' || c == '+'));
    }
}
