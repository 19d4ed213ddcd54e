package dev.corten.engine.container;

import dev.corten.engine.log.LogReader;
import dev.corten.engine.log.LogSink;
import dev.corten.engine.stream.ClientStream;
import dev.corten.engine.stream.FramedOutput;
import dev.corten.runtime.Attach;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// One attach, between its check and the hand-over of the client's socket.
final class Attaching implements Attachment {
    private static final Logger LOG = System.getLogger(Attaching.class.getName());

    private final Container container;
    private final AttachRequest request;
    private final byte[] detachKeys;
    private final LogReader log;
    private final Runnable attached;

    /// Used by the request's thread only.
    private boolean arrived;

    Attaching(
            Container container,
            AttachRequest request,
            byte[] detachKeys,
            LogReader log,
            Runnable attached) {
        this.container = container;
        this.request = request;
        this.detachKeys = detachKeys;
        this.log = log;
        this.attached = attached;
    }

    @Override
    public boolean terminal() {
        return container.config.tty();
    }

    @Override
    public void connect(ClientStream client) {
        attached.run();
        try {
            if (!request.stream()) {
                try (client) {
                    replay(client, Optional.empty());
                }
            } else if (!hand(client)) {
                client.close();
            }
        } catch (IOException e) {
            // The client left, or the monitor did: either way this stream is over.
            LOG.log(Level.DEBUG, () -> "container " + container.id + ": attach ended", e);
            client.close();
        }
    }

    @Override
    public void close() {
        if (!arrived) {
            arrived = true;
            container.arrivals.kept();
        }
    }

    /// @return false if the container is gone: the client is still ours
    private boolean hand(ClientStream client) throws IOException {
        while (true) {
            Optional<Monitor> monitor = container.monitor();
            if (monitor.isPresent()) {
                try (client) {
                    live(monitor.get(), client);
                }
                return true;
            }
            if (container.arrivals.add(attach(client, false))) {
                close();
                if (request.logs()) {
                    // What a container that does not run has said is all there.
                    replay(client, Optional.empty());
                }
                return true;
            }
            if (container.monitor().isEmpty()) {
                return false;
            }
            // It started between the two questions: ask its monitor.
        }
    }

    private void live(Monitor monitor, ClientStream client) throws IOException {
        Monitor.Attachment attachment = monitor.attach(attach(client, request.logs()));
        if (request.logs()) {
            replay(client, Optional.of(attachment.position()));
            attachment.release();
        }
    }

    private void replay(ClientStream client, Optional<dev.corten.runtime.LogPosition> until)
            throws IOException {
        try (var output = new FramedOutput(client.socket(), framed())) {
            LogSink sink =
                    new LogSink() {
                        @Override
                        public void accept(dev.corten.engine.log.LogEntry entry)
                                throws IOException {
                            if (entry.stream() == 2 ? request.stderr() : request.stdout()) {
                                output.write(entry.stream(), entry.data());
                            }
                        }

                        @Override
                        public void flush() throws IOException {
                            output.flush();
                        }
                    };
            log.read(OptionalInt.empty(), until.map(Attaching::position), sink);
        }
    }

    private static dev.corten.engine.log.LogPosition position(
            dev.corten.runtime.LogPosition position) {
        return new dev.corten.engine.log.LogPosition(position.generation(), position.offset());
    }

    private boolean framed() {
        return request.framed() && !terminal();
    }

    private Attach attach(ClientStream client, boolean hold) {
        Set<Attach.Flag> flags = EnumSet.noneOf(Attach.Flag.class);
        if (request.stdin() && container.config.openStdin()) {
            flags.add(Attach.Flag.STDIN);
        }
        if (request.stdout()) {
            flags.add(Attach.Flag.STDOUT);
        }
        if (request.stderr()) {
            flags.add(Attach.Flag.STDERR);
        }
        if (framed()) {
            flags.add(Attach.Flag.MULTIPLEXED);
        }
        if (hold) {
            flags.add(Attach.Flag.HOLD);
        }
        return new Attach(
                client.socket(), client.readAhead(), flags, terminal() ? detachKeys : new byte[0]);
    }
}
