package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.socket.Received;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// One run of `corten-shim once`: it gets a plan over a socket, makes the process and ends. The
/// process has the standard streams of this one.
final class OneShot {
    private static final int REQUEST_MAGIC = 0x57505343;
    private static final int REPLY_MAGIC = 0x52505343;
    private static final int VERSION = 1;
    private static final int REPLY_BYTES = 24;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path shim;
    private final Path work;
    private final ProcessBuilder.Redirect input;

    OneShot(Path shim, Path work, ProcessBuilder.Redirect input) {
        this.shim = shim;
        this.work = work;
        this.input = input;
    }

    /// @param fds the plan, init's pidfd or anything, the status channel, the plan's own
    Pidfd spawn(Plan plan, List<Fd> fds) throws IOException, StartFailure {
        long own = ProcessHandle.current().pid();
        String name = "shim." + own;
        // The directory's name may be longer than a socket's may be.
        try (Fd directory = FileCalls.openDirectory(work.toString());
                Fd listen =
                        UnixSockets.listen(
                                directory.procPath() + "/" + name,
                                Sockets.SOCK_SEQPACKET,
                                0600,
                                1)) {
            try {
                Process process = start("/proc/" + own + "/fd/" + directory.number() + "/" + name);
                try {
                    return ask(listen, plan, fds);
                } finally {
                    // Only when it has ended are its children ours.
                    process.waitFor();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } finally {
                FileCalls.removeIfExists(directory, name);
            }
        }
    }

    private Process start(String socket) throws IOException {
        var builder = new ProcessBuilder(shim.toString(), "once", socket).inheritIO();
        builder.redirectInput(input);
        builder.environment().clear();
        builder.directory(Path.of("/").toFile());
        return builder.start();
    }

    private Pidfd ask(Fd listen, Plan plan, List<Fd> fds) throws IOException, StartFailure {
        if (!Poll.await(listen, Poll.IN, LIMIT)) {
            throw new IOException(shim + " did not start");
        }
        try (Fd connection = Sockets.accept(listen)) {
            var request = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            request.putInt(REQUEST_MAGIC).putInt(VERSION).putInt(fds.size()).putInt(0);
            UnixSockets.send(connection, request.array(), fds);
            byte[] answer = new byte[REPLY_BYTES];
            try (Received received = UnixSockets.receive(connection, answer, 1, 0)) {
                var reply = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
                if (received.length() != REPLY_BYTES || reply.getInt() != REPLY_MAGIC) {
                    throw new IOException(shim + " answered nonsense");
                }
                int error = reply.getInt();
                int pid = reply.getInt();
                if (error != 0) {
                    throw plan.failure(reply.getInt(), reply.getInt(), error);
                }
                if (received.fds().isEmpty()) {
                    throw new IOException(shim + " sent no process");
                }
                return Pidfd.adopt(received.fds().getFirst(), pid);
            }
        }
    }
}
