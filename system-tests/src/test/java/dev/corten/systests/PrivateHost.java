package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A machine of a test's own in the place of the host: a network namespace, and beside it another
/// machine at the end of a cable, whose default route is the host. What a test does to the
/// firewall, the routes or the ports of this host, nobody else sees.
///
/// ```
/// host 10.200.0.1, fd00:200::1 ---- 10.200.0.2, fd00:200::2 outside
/// ```
final class PrivateHost implements AutoCloseable {
    static final String ADDRESS = "10.200.0.1";
    static final String ADDRESS_6 = "fd00:200::1";
    static final String OUTSIDE = "10.200.0.2";
    static final String BRIDGE = "10.99.0.1";

    private static final String SERVER = "server.py";

    private static final String SERVER_SCRIPT =
            "mkdir -p /www/cgi-bin; cd /www/cgi-bin;"
                    + " printf '#!/bin/sh\\necho; echo \"to $REMOTE_ADDR\"' > who; chmod +x who;"
                    + " httpd -p 80 -h /www && echo serves && exec sleep 100000";

    private final Running host;
    private final Running outside;
    private final Path folder;

    private PrivateHost(Running host, Running outside, Path folder) {
        this.host = host;
        this.outside = outside;
        this.folder = folder;
    }

    static PrivateHost open() {
        try {
            var made =
                    new PrivateHost(machine(), machine(), Files.createTempDirectory("corten-host"));
            made.connect();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Running machine() {
        String ready = "ip link set lo up && echo ready && exec sleep 100000";
        Running machine = Running.start(List.of("unshare", "--net", "sh", "-c", ready), Map.of());
        machine.out().await("ready\n");
        return machine;
    }

    private void connect() {
        on("ip link add uplink type veth peer name eth0 netns " + outside.pid()).ok();
        on("ip link set uplink up; ip addr add " + ADDRESS + "/24 dev uplink").ok();
        on("ip addr add " + ADDRESS_6 + "/64 dev uplink nodad").ok();
        String there =
                "ip link set eth0 up; ip addr add 10.200.0.2/24 dev eth0;"
                        + " ip addr add fd00:200::2/64 dev eth0 nodad;"
                        + " ip route add default via 10.200.0.1";
        outside(there).ok();
    }

    /// An engine on this host, which gives its containers addresses behind [#BRIDGE].
    Engine start(String... options) {
        try {
            Path program = folder.resolve("cortend-there");
            Files.writeString(
                    program,
                    "#!/bin/sh\nexec nsenter --net=" + namespace(host) + " \"$CORTEND\" \"$@\"\n");
            program.toFile().setExecutable(true);
            return Engine.startAt(BRIDGE, program, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String namespace(Running machine) {
        return "/proc/" + machine.pid() + "/ns/net";
    }

    private static Finished in(Running machine, String... command) {
        var all = new ArrayList<>(List.of("nsenter", "--net=" + namespace(machine)));
        all.addAll(List.of(command));
        return Running.run(all.toArray(String[]::new));
    }

    /// A shell's command on the host.
    Finished on(String script) {
        return in(host, "bash", "-c", script);
    }

    /// A shell's command on the machine beside it.
    Finished outside(String script) {
        return in(outside, "bash", "-c", script);
    }

    /// Like [#on], without waiting for its end.
    Running start(String script) {
        return Running.start(
                List.of("nsenter", "--net=" + namespace(host), "bash", "-c", script), Map.of());
    }

    /// A program of the host that has this port.
    Running listen(int port) {
        Running taker =
                start(
                        "exec /usr/bin/python3 -c 'import socket; s = socket.socket();"
                                + " s.bind((\"\", "
                                + port
                                + ")); s.listen(); print(\"listens\", flush=True);"
                                + " s.accept(); s.accept()'");
        taker.out().await("listens\n");
        return taker;
    }

    /// What a server says to a client on the host.
    String ask(String address, int port) {
        return on(question("tcp", address, port)).out().strip();
    }

    /// What a server says to a client on the machine beside the host.
    String askFromOutside(String address, int port) {
        return outside(question("tcp", address, port)).out().strip();
    }

    /// What it answers to a datagram.
    String askUdp(String address, int port) {
        return on(question("udp", address, port)).out().strip();
    }

    /// A shell's words for it.
    static String question(String protocol, String address, int port) {
        String open = "exec 3<>/dev/" + protocol + "/" + address + "/" + port + " || exit; ";
        String text = "echo " + "'GET /cgi-bin/who HTTP/1.0' $'\\n' >&3; timeout 5 ";
        return open + text + (protocol.equals("udp") ? "head -c 3 <&3" : "tail -n 1 <&3");
    }

    /// Starts a container that answers every connection to its port 80 with the client's address.
    static void serve(Client docker, String name, String... options) {
        var command = new ArrayList<>(List.of("run", "-d", "--name", name));
        command.addAll(List.of(options));
        command.addAll(List.of("busybox", "sh", "-c", SERVER_SCRIPT));
        docker.ok(command.toArray(String[]::new));
        Eventually.holds("the server is up", () -> docker.ok("logs", name).contains("serves"));
    }

    /// Answers datagrams with `udp`, in the network of this process.
    Running serveUdp(long pid, int port) {
        try {
            Path program = folder.resolve(SERVER);
            try (var in = PrivateHost.class.getResourceAsStream(SERVER)) {
                Files.writeString(program, new String(in.readAllBytes(), UTF_8));
            }
            Running server =
                    Running.start(
                            List.of(
                                    "nsenter",
                                    "--net=/proc/" + pid + "/ns/net",
                                    "/usr/bin/python3",
                                    program.toString(),
                                    Integer.toString(port)),
                            Map.of());
            server.out().await("serves\n");
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        host.close();
        outside.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
