package dev.corten.engine.build.step;

import dev.corten.build.work.Session;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.socket.Sockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// A socket that leads to a client's SSH agent, as long as a step needs it.
///
/// Threads, all of the platform, as their calls wait in the kernel for as long as the step likes: one
/// accepts, two serve each connection.
public final class AgentSocket implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AgentSocket.class.getName());

    /// A step that opens more at once waits.
    private static final int CONNECTIONS_MAX = 16;

    private static final int BUFFER = 16 * 1024;

    private final Session session;
    private final String agent;
    private final Fd listening;
    private final Fd source;
    private final Path name;
    private final Thread accepting;
    private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// Both descriptors become this object's, and the name.
    AgentSocket(Session session, String agent, Fd listening, Fd source, Path name) {
        this.session = session;
        this.agent = agent;
        this.listening = listening;
        this.source = source;
        this.name = name;
        this.accepting = Thread.ofPlatform().daemon().name("agent-" + agent).start(this::accept);
    }

    /// A detached mount of the socket, for a [dev.corten.build.work.StepMount.Bind]; stays this
    /// object's.
    public Fd source() {
        return source;
    }

    /// Its name on this machine, as long as it is open.
    public Path path() {
        return name;
    }

    private void accept() {
        while (!closed) {
            try {
                room.acquire();
                Fd client = Sockets.accept(listening);
                var connection = new Connection(client);
                connections.add(connection);
                connection.start();
                if (closed) {
                    connection.end();
                }
            } catch (IOException | InterruptedException e) {
                if (!closed) {
                    LOG.log(Level.WARNING, () -> "agent " + agent + " is not served any more", e);
                }
                return;
            }
        }
    }

    /// One program of the step that speaks to the agent.
    private final class Connection {
        private final Fd client;
        private final Thread thread;
        private boolean open = true;

        Connection(Fd client) {
            this.client = client;
            this.thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("agent-" + agent + "-client")
                            .unstarted(this::serve);
        }

        void start() {
            thread.start();
        }

        private void serve() {
            try {
                Optional<Session.Stream> found = session.agent(agent);
                if (found.isPresent()) {
                    try (Session.Stream stream = found.get()) {
                        exchange(stream);
                    }
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> "agent " + agent, e);
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, () -> "agent " + agent + ": the step has ended", e);
            } finally {
                connections.remove(this);
                close();
                room.release();
            }
        }

        private void exchange(Session.Stream stream) throws IOException, InterruptedException {
            Thread answers =
                    Thread.ofPlatform()
                            .daemon()
                            .name("agent-" + agent + "-answers")
                            .start(() -> answer(stream));
            try {
                copy(FileData.inputStream(client), stream.output());
                stream.output().close();
            } catch (IOException e) {
                shutdown();
                throw e;
            } finally {
                answers.join();
            }
        }

        private void answer(Session.Stream stream) {
            try {
                copy(stream.input(), FileData.outputStream(client));
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> "answers of agent " + agent, e);
            } finally {
                shutdown();
            }
        }

        /// Has it end soon, wherever it waits.
        void end() {
            shutdown();
            thread.interrupt();
        }

        /// Wakes whoever reads from the socket or writes to it.
        private synchronized void shutdown() {
            if (!open) {
                return;
            }
            try {
                Sockets.shutdown(client, Sockets.SHUT_RDWR);
            } catch (Errno e) {
                LOG.log(Level.DEBUG, () -> "agent " + agent + ": the client has gone", e);
            }
        }

        private synchronized void close() {
            open = false;
            client.close();
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
            to.flush();
        }
    }

    /// Ends all connections. The step has ended.
    @Override
    public void close() {
        closed = true;
        try {
            // Wakes who accepts.
            Sockets.shutdown(listening, Sockets.SHUT_RDWR);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "agent " + agent, e);
        }
        accepting.interrupt();
        boolean interrupted = false;
        while (accepting.isAlive()) {
            try {
                accepting.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        connections.forEach(Connection::end);
        listening.close();
        source.close();
        try {
            Files.deleteIfExists(name);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "socket of agent " + agent + " stays", e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
