package dev.corten.cli.registry;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A login server that answers what a test has set, path by path: each answer once, the last one
/// for ever.
public final class FakeLoginServer implements AutoCloseable {
    private final ServerSocket listener =
            new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    private final Map<String, Deque<String>> answers = new HashMap<>();

    /// `METHOD path form`, in the order of arrival.
    private final List<String> requests = new ArrayList<>();

    public FakeLoginServer() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /// @param body with `SERVER` for the own address; empty for a connection that is cut
    public synchronized FakeLoginServer answer(String path, int status, String body) {
        String text = body.replace("SERVER", address());
        answers.computeIfAbsent(path, _ -> new ArrayDeque<>())
                .add(
                        text.isEmpty()
                                ? ""
                                : "HTTP/1.1 "
                                        + status
                                        + " X\r\nConnection: close\r\nContent-Length: "
                                        + text.length()
                                        + "\r\n\r\n"
                                        + text);
        return this;
    }

    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        while (true) {
            try (Socket socket = listener.accept()) {
                serve(socket);
            } catch (IOException e) {
                if (listener.isClosed()) {
                    return;
                }
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        var in = new BufferedInputStream(socket.getInputStream());
        String[] words = line(in).split(" ");
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        String form = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        String answer = answer(words, form);
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
    }

    private synchronized String answer(String[] words, String form) {
        requests.add((words[0] + " " + words[1] + " " + form).strip());
        Deque<String> left = answers.get(words[1]);
        if (left == null) {
            return "HTTP/1.1 404 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        }
        return left.size() == 1 ? left.getFirst() : left.removeFirst();
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
