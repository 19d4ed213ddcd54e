package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.socket.Received;
import dev.corten.kernel.socket.UnixSockets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What a process says while it carries out its plan, when no monitor listens in our place.
final class StatusChannel {
    private static final int MESSAGE_BYTES = 16;
    private static final int SYNC = 1;
    private static final int FAILED = 2;
    private static final int DESCRIPTOR = 3;
    private static final int FORKED = 4;
    private static final int LIST_INSIDE = 1;
    private static final int NO_INDEX = -1;
    private static final int SIGKILL = 9;

    private final Fd channel;
    private final Plan plan;
    private final UnwatchedProcesses.Steps steps;

    StatusChannel(Fd channel, Plan plan, UnwatchedProcesses.Steps steps) {
        this.channel = channel;
        this.plan = plan;
        this.steps = steps;
    }

    /// Until it waits for its start, or has executed its program. Returns the process that is left;
    /// of a failure nothing is.
    Pidfd follow(Pidfd first) throws IOException, StartFailure {
        Pidfd process = first;
        boolean made = false;
        try {
            boolean goes = true;
            boolean gated = plan.inside().stream().anyMatch(s -> s.words().equals(GATE));
            while (goes) {
                byte[] bytes = new byte[MESSAGE_BYTES];
                try (Received message = UnixSockets.receive(channel, bytes, 1, 0)) {
                    if (message.length() == 0) {
                        if (gated) {
                            throw plan.failure(LIST_INSIDE, NO_INDEX, Errno.ECHILD);
                        }
                        break;
                    }
                    var fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                    int what = fields.getInt();
                    int value = fields.getInt();
                    int index = fields.getInt();
                    switch (what) {
                        case SYNC -> {
                            if (value == Unwatched.SYNC_ENVIRONMENT) {
                                steps.environment(process.pid());
                            }
                            answer(value);
                            goes = value != Unwatched.SYNC_CREATED;
                        }
                        case FAILED -> throw plan.failure(LIST_INSIDE, index, value);
                        case DESCRIPTOR -> steps.terminal(message.fds().getFirst());
                        case FORKED -> {
                            Pidfd between = process;
                            process = Pidfd.adopt(message.fds().getFirst(), value);
                            reap(between);
                        }
                        default -> throw new IOException("unknown status " + what);
                    }
                }
            }
            made = true;
            return process;
        } finally {
            if (!made) {
                process.signal(SIGKILL);
                reap(process);
            }
        }
    }

    /// The words of the step at which a container waits for its start.
    static final String GATE = "wait for the start";

    private void answer(int number) throws Errno {
        var message = ByteBuffer.allocate(MESSAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        message.putInt(SYNC).putInt(number);
        UnixSockets.send(channel, message.array(), java.util.List.of());
    }

    private static void reap(Pidfd process) throws Errno {
        try (process) {
            process.reap();
        }
    }
}
