package dev.corten.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;

/// The status line and the headers of a response.
///
/// @param status of the status line
/// @param keepAlive whether the connection may be used again after the body
/// @param headers names and values in turn
record HttpHead(int status, boolean keepAlive, List<String> headers) {
    static final int HEADERS_MAX = 256;
    private static final int LINE_MAX = 64 * 1024;

    /// Reads a head; informational ones (100 to 199 except 101) are skipped.
    ///
    /// @throws NoAnswer if the connection ended before the first byte
    static HttpHead read(Connection connection) throws IOException {
        while (true) {
            HttpHead head = readOne(connection);
            if (head.status == 101 || head.status >= 200) {
                return head;
            }
        }
    }

    private static HttpHead readOne(Connection connection) throws IOException {
        int first = connection.read();
        if (first < 0) {
            throw new NoAnswer();
        }
        String line = (char) first + line(connection, LINE_MAX);
        // HTTP/1.1 200 OK
        boolean shape =
                line.startsWith("HTTP/1.")
                        && line.length() >= 12
                        && line.charAt(8) == ' '
                        && (line.length() == 12 || line.charAt(12) == ' ');
        if (!shape) {
            throw new ProtocolException("malformed HTTP response");
        }
        int status = 0;
        for (int i = 9; i < 12; i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new ProtocolException("malformed HTTP status code");
            }
            status = status * 10 + digit;
        }
        var headers = new ArrayList<String>();
        while (true) {
            String header = line(connection, LINE_MAX);
            if (header.isEmpty()) {
                break;
            }
            int colon = header.indexOf(':');
            if (colon <= 0 || headers.size() >= 2 * HEADERS_MAX) {
                throw new ProtocolException("malformed HTTP header");
            }
            headers.add(header.substring(0, colon));
            headers.add(header.substring(colon + 1).trim());
        }
        String wish = Response.header(headers, "Connection");
        boolean keepAlive =
                line.charAt(7) == '1'
                        ? !wish.equalsIgnoreCase("close")
                        : wish.equalsIgnoreCase("keep-alive");
        return new HttpHead(status, keepAlive, headers);
    }

    /// A line without its end, LF or CRLF; header bytes are ISO 8859-1.
    static String line(Connection connection, int max) throws IOException {
        var text = new StringBuilder(64);
        while (true) {
            int b = connection.read();
            if (b < 0) {
                throw new EOFException("unexpected EOF");
            }
            if (b == '\n') {
                int length = text.length();
                if (length > 0 && text.charAt(length - 1) == '\r') {
                    text.setLength(length - 1);
                }
                return text.toString();
            }
            if (text.length() >= max) {
                throw new ProtocolException("HTTP line too long");
            }
            text.append((char) b);
        }
    }

    String header(String name) {
        return Response.header(headers, name);
    }

    /// The connection was closed before an answer began: on a kept one the request may be repeated.
    static final class NoAnswer extends EOFException {
        private static final long serialVersionUID = 1L;

        NoAnswer() {
            super("the daemon closed the connection without an answer");
        }
    }
}
