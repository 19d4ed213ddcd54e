package dev.corten.systests;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// An SSH server of a test's own, on the loopback, that knows the keys it is told.
final class SshServer implements AutoCloseable {
    /// It refuses to start without a user and a directory of its own, which the machine need not have.
    private static final String ALONE =
            "mount --bind $1 /etc/passwd && mount -t tmpfs tmpfs /run && mkdir /run/sshd"
                    + " && exec $0 -D -e -f $2";

    private final Path folder;
    private final int port;
    private final Running process;

    private SshServer(Path folder, int port, Running process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    static SshServer start(Path program, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path host = folder.resolve("host");
        Running.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host.toString()).ok();
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path configuration =
                Files.writeString(
                        folder.resolve("sshd_config"),
                        String.join(
                                "\n",
                                "ListenAddress 127.0.0.1:" + port,
                                "HostKey " + host,
                                "AuthorizedKeysFile " + folder.resolve("keys"),
                                "PidFile none",
                                "StrictModes no",
                                "UsePAM no",
                                "PasswordAuthentication no",
                                "PermitRootLogin prohibit-password",
                                ""));
        Path users =
                Files.writeString(
                        folder.resolve("passwd"),
                        Files.readString(Path.of("/etc/passwd"))
                                + "sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n");
        Running process =
                Running.start(
                        List.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                ALONE,
                                program.toString(),
                                users.toString(),
                                configuration.toString()),
                        Map.of());
        Eventually.holds("the server listens", () -> listens(port));
        return new SshServer(folder, port, process);
    }

    private static boolean listens(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    void allow(String publicKey) throws IOException {
        Files.writeString(folder.resolve("keys"), publicKey);
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}
