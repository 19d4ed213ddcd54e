package dev.corten.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An engine under measurement: its API over a kept connection, and the docker client pointed at
/// it.
final class Engine implements AutoCloseable {
    private static final int LIMIT_SECONDS = 180;
    private static final Pattern ID = Pattern.compile("\"Id\":\\s*\"([0-9a-f]{64})\"");
    private static final Pattern PID = Pattern.compile("\"Pid\":\\s*(\\d+)");

    private final String name;
    private final Path socket;
    private final Path cli;
    private final Path clientConfig;
    private final String label;
    private Optional<Connection> connection = Optional.empty();
    private final List<String> sleepers = new ArrayList<>();
    private int created;

    Engine(String name, Path socket, Path cli, Path clientConfig, String label) {
        this.name = name;
        this.socket = socket;
        this.cli = cli;
        this.clientConfig = clientConfig;
        this.label = label;
    }

    String name() {
        return name;
    }

    Path socket() {
        return socket;
    }

    String label() {
        return label;
    }

    /// The same engine over a connection of its own, for another thread. Closing it removes
    /// nothing.
    Cycles another() throws IOException {
        return new Cycles(new Engine(name, socket, cli, clientConfig, label));
    }

    record Cycles(Engine engine) implements AutoCloseable {
        void cycle(String network) throws IOException {
            engine.cycle(network);
        }

        @Override
        public void close() throws IOException {
            engine.disconnect();
        }
    }

    // ---- the API

    String call(String method, String path, String json) throws IOException {
        Connection open = connection.isPresent() ? connection.get() : new Connection(socket);
        connection = Optional.of(open);
        try {
            Connection.Answer answer = open.call(method, path, json);
            if (answer.status() >= 400) {
                throw new Failure(
                        method + " " + path + ": " + answer.status() + " " + answer.body().strip());
            }
            return answer.body();
        } catch (IOException e) {
            connection = Optional.empty();
            open.close();
            throw e;
        }
    }

    String create(String network, String... command) throws IOException {
        String body =
                """
                {"Image":"busybox","Cmd":%s,"Labels":{"corten.bench":"%s"},\
                "HostConfig":{"NetworkMode":"%s","LogConfig":{"Type":"json-file"}}}\
                """
                        .formatted(quoted(command), label, network);
        return idIn(call("POST", "/containers/create", body));
    }

    void start(String id) throws IOException {
        call("POST", "/containers/" + id + "/start", "");
    }

    void remove(String id) throws IOException {
        call("DELETE", "/containers/" + id + "?force=1&v=1", "");
    }

    /// Asks for all containers.
    void list() throws IOException {
        call("GET", "/containers/json?all=1", "");
    }

    /// create, start, wait, delete.
    void cycle(String network) throws IOException {
        String id = create(network, "true");
        start(id);
        call("POST", "/containers/" + id + "/wait", "");
        call("DELETE", "/containers/" + id, "");
    }

    /// A container that runs for as long as a group of samples needs one.
    String sleeper() throws IOException {
        sleepers(1);
        return sleepers.getFirst();
    }

    /// At least so many of them.
    void sleepers(int count) throws IOException {
        while (sleepers.size() < count) {
            String id = create("bridge", "sleep", "100000");
            start(id);
            sleepers.add(id);
        }
    }

    /// At least so many containers that are never started.
    void created(int count) throws IOException {
        for (; created < count; created++) {
            create("bridge", "true");
        }
    }

    /// The first process of a container, as the host sees it.
    int processOf(String id) throws IOException {
        Matcher pid = PID.matcher(call("GET", "/containers/" + id + "/json", ""));
        if (!pid.find()) {
            throw new Failure("inspect tells no pid");
        }
        return Integer.parseInt(pid.group(1));
    }

    String version() throws IOException {
        String answer = call("GET", "/version", "");
        Matcher platform =
                Pattern.compile("\"Platform\":\\s*\\{\\s*\"Name\":\\s*\"([^\"]*)\"")
                        .matcher(answer);
        Matcher version = Pattern.compile("\"Version\":\\s*\"([^\"]*)\"").matcher(answer);
        return ((platform.find() ? platform.group(1) + " " : "")
                        + (version.find() ? version.group(1) : "?"))
                .strip();
    }

    boolean has(String image) throws IOException {
        try {
            call("GET", "/images/" + image + "/json", "");
            return true;
        } catch (Failure absent) {
            return false;
        }
    }

    /// Sees to it that there is no such image.
    void removeImage(String image) throws IOException {
        if (has(image)) {
            call("DELETE", "/images/" + image + "?force=1", "");
        }
    }

    /// Removes every container of this run.
    void clean() throws IOException {
        sleepers.clear();
        created = 0;
        String filter = URLEncoder.encode("{\"label\":[\"corten.bench=" + label + "\"]}", UTF_8);
        Matcher ids = ID.matcher(call("GET", "/containers/json?all=1&filters=" + filter, ""));
        List<String> found = new ArrayList<>();
        while (ids.find()) {
            found.add(ids.group(1));
        }
        for (String id : found) {
            remove(id);
        }
    }

    private static String idIn(String json) {
        Matcher id = ID.matcher(json);
        if (!id.find()) {
            throw new Failure("no id in " + json.strip());
        }
        return id.group(1);
    }

    private static String quoted(String... words) {
        return "[\"" + String.join("\",\"", words) + "\"]";
    }

    // ---- the client

    /// Milliseconds of `docker ARGS...`.
    double timed(String... arguments) throws IOException, InterruptedException {
        return timed(cli, OutputStream.nullOutputStream(), arguments);
    }

    /// The same with its standard output kept.
    double timed(OutputStream output, String... arguments)
            throws IOException, InterruptedException {
        return timed(cli, output, arguments);
    }

    /// The same with another client.
    double timed(Path program, OutputStream output, String... arguments)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = spawn(program, arguments);
        copy(process, output);
        finish(process, arguments);
        return (System.nanoTime() - start) / 1e6;
    }

    /// What a client says on both of its outputs.
    String told(Path program, String... arguments) throws IOException, InterruptedException {
        var output = new ByteArrayOutputStream();
        Process process = builder(program, arguments).redirectErrorStream(true).start();
        copy(process, output);
        finish(process, arguments);
        return output.toString(UTF_8);
    }

    String output(String... arguments) throws IOException, InterruptedException {
        var output = new ByteArrayOutputStream();
        timed(cli, output, arguments);
        return output.toString(UTF_8).strip();
    }

    /// Starts the client; the caller hands the process to [#finish].
    Process spawn(String... arguments) throws IOException {
        return spawn(cli, arguments);
    }

    private Process spawn(Path program, String... arguments) throws IOException {
        return builder(program, arguments).start();
    }

    private ProcessBuilder builder(Path program, String... arguments) {
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(false);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("DOCKER_"));
        builder.environment().put("DOCKER_HOST", "unix://" + socket);
        builder.environment().put("CORTEN_HOST", "unix://" + socket);
        builder.environment().put("DOCKER_CONFIG", clientConfig.toString());
        builder.environment().put("DOCKER_CLI_HINTS", "false");
        builder.environment().put("DOCKER_BUILDKIT", "0");
        return builder;
    }

    private static void copy(Process process, OutputStream output) throws IOException {
        try (InputStream in = process.getInputStream()) {
            byte[] buffer = new byte[1 << 17];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                output.write(buffer, 0, n);
            }
        }
    }

    void finish(Process process, String... arguments) throws IOException, InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new Failure(String.join(" ", arguments) + ": no end in " + LIMIT_SECONDS + " s");
        }
        if (process.exitValue() != 0) {
            String error = new String(process.getErrorStream().readAllBytes(), UTF_8).strip();
            throw new Failure(
                    String.join(" ", arguments) + ": exit " + process.exitValue() + " " + error);
        }
        process.getErrorStream().close();
    }

    @Override
    public void close() throws IOException {
        try {
            clean();
        } finally {
            disconnect();
        }
    }

    void disconnect() throws IOException {
        if (connection.isPresent()) {
            connection.get().close();
            connection = Optional.empty();
        }
    }
}
