package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.socket.Received;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The process that forks monitors. It is started once and again when it has died; monitors do
/// not depend on it.
///
/// One request at a time, under a lock: a fork takes a fraction of a millisecond.
final class Zygote implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Zygote.class.getName());

    private static final int SPAWN_MAGIC = 0x57505343;
    private static final int REPLY_MAGIC = 0x52505343;
    private static final int VERSION = 1;
    private static final int REQUEST_BYTES = 16;
    private static final int REPLY_BYTES = 16;
    private static final int ANSWER_SECONDS = 20;
    private static final int READY_BYTES = 6;

    private final Path shim;
    private final Path socketPath;
    private final List<String> cgroups;
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; absent before the first start.
    private Optional<Running> running = Optional.empty();

    private record Running(Process process, Fd connection) {
        void end() {
            connection.close();
            process.destroyForcibly(); // it may be stopped
        }
    }

    /// @param cgroups directories that the zygote and all monitors live in
    Zygote(Path shim, Path socketPath, List<String> cgroups) {
        this.shim = shim;
        this.socketPath = socketPath;
        this.cgroups = List.copyOf(cgroups);
    }

    /// Starts it, unless it runs.
    void start() throws IOException {
        lock.lock();
        try {
            ready();
        } finally {
            lock.unlock();
        }
    }

    /// A service is often protected against the kernel's want of memory. Containers are not: what
    /// they inherit is neither for nor against them, as with Docker.
    private static void neutral(long pid) throws IOException {
        Path score = Path.of("/proc/" + pid + "/oom_score_adj");
        if (!Files.readString(score).strip().equals("0")) {
            Files.writeString(score, "0");
        }
    }

    /// Forks a monitor that gets these descriptors. Returns its pid.
    int spawn(List<Fd> descriptors) throws IOException {
        lock.lock();
        try {
            try {
                return ask(ready(), descriptors);
            } catch (IOException e) {
                // It died between two launches: once more, with a new one.
                Running dead = ready();
                if (dead.process().isAlive() && !(e instanceof Disconnected)) {
                    throw e;
                }
                LOG.log(System.Logger.Level.WARNING, "the zygote is gone and is started again", e);
                dead.end();
                running = Optional.empty();
                return ask(ready(), descriptors);
            }
        } finally {
            lock.unlock();
        }
    }

    private static final class Disconnected extends IOException {
        private static final long serialVersionUID = 1L;

        Disconnected(String message) {
            super(message);
        }
    }

    private static int ask(Running zygote, List<Fd> descriptors) throws IOException {
        var request = ByteBuffer.allocate(REQUEST_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        request.putInt(SPAWN_MAGIC).putInt(VERSION).putInt(descriptors.size()).putInt(0);
        try {
            UnixSockets.send(zygote.connection(), request.array(), descriptors);
        } catch (Errno e) {
            if (e.isAny(Errno.EPIPE, Errno.ECONNRESET)) {
                throw new Disconnected("zygote: " + e.getMessage());
            }
            throw e;
        }
        byte[] answer = new byte[REPLY_BYTES];
        try (Received received = reply(zygote, answer)) {
            var reply = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
            if (received.length() == 0) {
                throw new Disconnected("zygote ended");
            }
            if (received.length() != REPLY_BYTES || reply.getInt(0) != REPLY_MAGIC) {
                throw new Disconnected("zygote answered nonsense");
            }
            int errno = reply.getInt(4);
            if (errno != 0) {
                throw new Errno(errno, "fork", "of a monitor");
            }
            return reply.getInt(8);
        }
    }

    /// One that is silent is given up: a late answer must not be taken for that to another request.
    private static Received reply(Running zygote, byte[] answer) throws IOException {
        try {
            return UnixSockets.receive(zygote.connection(), answer, 0, 0);
        } catch (Errno e) {
            if (e.is(Errno.EAGAIN)) {
                throw new Disconnected("zygote does not answer");
            }
            throw e;
        }
    }

    private Running ready() throws IOException {
        if (running.isPresent() && running.get().process().isAlive()) {
            return running.get();
        }
        running.ifPresent(Running::end);
        var command = new ArrayList<String>(List.of(shim.toString(), "zygote"));
        command.add(socketPath.toString());
        command.addAll(cgroups);
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.directory(Path.of("/").toFile());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        try {
            neutral(process.pid());
            byte[] greeting = process.getInputStream().readNBytes(READY_BYTES);
            if (!new String(greeting, StandardCharsets.US_ASCII).equals("ready\n")) {
                throw new IOException(shim + " did not start");
            }
            Fd connection = UnixSockets.connect(socketPath.toString(), Sockets.SOCK_SEQPACKET);
            byte[] limit =
                    ByteBuffer.allocate(16)
                            .order(ByteOrder.nativeOrder())
                            .putLong(0, ANSWER_SECONDS)
                            .array();
            Sockets.option(connection, Sockets.SOL_SOCKET, Sockets.SO_RCVTIMEO, limit);
            var started = new Running(process, connection);
            running = Optional.of(started);
            return started;
        } catch (IOException | RuntimeException e) {
            process.destroy();
            throw e;
        }
    }

    /// Ends the zygote; monitors live on.
    @Override
    public void close() {
        lock.lock();
        try {
            running.ifPresent(Running::end);
            running = Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
