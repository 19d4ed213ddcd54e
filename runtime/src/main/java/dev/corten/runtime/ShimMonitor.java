package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Signals;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// One monitor by its socket.
///
/// Questions carry a tag; the reader's thread completes the future that waits for it. The state is
/// futures only, so there is no lock.
final class ShimMonitor implements Monitor, Connections.Listener {
    private static final System.Logger LOG = System.getLogger(ShimMonitor.class.getName());
    private static final int ANSWER_SECONDS = 30;
    private static final long FOR_EVER = Long.MAX_VALUE;

    /// A start waits for disks and file systems; for longer only for those that will not answer.
    private static final int START_SECONDS = 120;

    private static final int OOM_FLAG = 1;
    private static final int STATE_RUNNING = 2;

    private final ContainerId id;
    private final Optional<Plan> plan;
    private final ShimMonitors owner;
    private final AtomicLong tags;
    private final Map<Long, CompletableFuture<Message>> answers = new ConcurrentHashMap<>();
    private final Map<Long, ShimAttachment> attachments = new ConcurrentHashMap<>();
    private final Map<Long, ShimExec> execs = new ConcurrentHashMap<>();
    private final CompletableFuture<Started> started = new CompletableFuture<>();
    private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> outOfMemory = new CompletableFuture<>();
    private final Connections.Connection connection;

    /// @param plan what failures refer to; absent for a monitor that another daemon launched
    /// @param firstTag no tag is used twice, not even by two daemons one after another
    ShimMonitor(
            ContainerId id,
            Optional<Plan> plan,
            ShimMonitors owner,
            long firstTag,
            Fd socket,
            Connections connections) {
        this.id = id;
        this.plan = plan;
        this.owner = owner;
        this.tags = new AtomicLong(firstTag);
        this.connection = connections.add(socket, this);
    }

    @Override
    public ContainerId id() {
        return id;
    }

    /// Asks a monitor that an earlier daemon launched what it is doing. A start that this daemon
    /// did not see the end of is ended: its client has never heard that it succeeded.
    ///
    /// @return false if its container has ended, so that no message will say so
    /// @throws Gone if the connection has ended
    boolean isRunning() throws IOException {
        Message answer = ask(Message.packet(Message.HELLO, tag(), 0), List.of(), FOR_EVER);
        int state = answer.body().getInt(4);
        if (state < STATE_RUNNING) {
            try {
                signal(Signals.SIGKILL);
                exit.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
            } catch (IOException | CompletionException e) {
                LOG.log(System.Logger.Level.DEBUG, () -> "start of " + id + " was cut off", e);
            }
        }
        return state == STATE_RUNNING;
    }

    @Override
    public Started start() throws IOException, StartFailure, InterruptedException {
        try {
            send(Message.packet(Message.GO, tag(), 0), List.of());
        } catch (Errno e) {
            // It ended because a step failed: its report is there or on its way.
            if (!e.isAny(Errno.EPIPE, Errno.ECONNRESET)) {
                throw e;
            }
        }
        try {
            return await(started, START_SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("container did not start in " + START_SECONDS + " seconds", e);
        }
    }

    private static <T> T await(CompletableFuture<T> future, int seconds)
            throws IOException, StartFailure, InterruptedException, TimeoutException {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case StartFailure failure -> throw failure.again();
                case IOException lost -> throw new IOException(lost.getMessage(), lost);
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public Optional<Started> started() {
        return started.isDone() && !started.isCompletedExceptionally()
                ? Optional.of(started.join())
                : Optional.empty();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    @Override
    public CompletableFuture<Void> outOfMemory() {
        return outOfMemory;
    }

    @Override
    public Attachment attach(Attach attach) throws IOException {
        long tag = tag();
        var attachment = new ShimAttachment();
        attachments.put(tag, attachment);
        ByteBuffer packet =
                Message.packet(Message.ATTACH, tag, 32 + attach.prefix().length).putLong(0);
        client(packet, attach);
        try {
            Message answer = ask(packet, List.of(attach.socket()));
            attachment.attached(answer);
        } finally {
            if (attachment.number == 0) {
                attachments.remove(tag);
            }
        }
        return attachment;
    }

    private static void client(ByteBuffer packet, Attach attach) {
        byte[] keys = attach.detachKeys();
        packet.putInt(attach.bits()).putInt(attach.prefix().length).put((byte) keys.length);
        packet.put(keys);
        packet.position(packet.position() + 15 - keys.length);
        packet.put(attach.prefix());
    }

    @Override
    public void signal(int signal) throws IOException {
        signal(0, signal);
    }

    private void signal(long target, int signal) throws IOException {
        done(Message.packet(Message.SIGNAL, tag(), 16).putLong(target).putInt(signal).putInt(0));
    }

    @Override
    public void resize(int rows, int columns) throws IOException {
        resize(0, rows, columns);
    }

    private void resize(long target, int rows, int columns) throws IOException {
        done(
                Message.packet(Message.RESIZE, tag(), 16)
                        .putLong(target)
                        .putShort((short) rows)
                        .putShort((short) columns)
                        .putInt(0));
    }

    @Override
    public void closeStdin() throws IOException {
        closeStdin(0);
    }

    private void closeStdin(long target) throws IOException {
        done(Message.packet(Message.CLOSE_STDIN, tag(), 8).putLong(target));
    }

    @Override
    public ExecProcess exec(ExecRequest request)
            throws IOException, StartFailure, InterruptedException {
        Started init =
                started().orElseThrow(() -> new IOException("container is not running: " + id));
        return exec(owner.execPlan(init.pid(), request), request);
    }

    /// By a plan that is closed in any case.
    ExecProcess exec(ShimMonitors.PreparedExec plan, ExecRequest request)
            throws IOException, StartFailure, InterruptedException {
        try (var prepared = plan) {
            var exec = new ShimExec(prepared.plan());
            long tag = tag();
            exec.tag = tag;
            execs.put(tag, exec);
            byte[] prefix = request.client().map(Attach::prefix).orElse(new byte[0]);
            ByteBuffer packet =
                    Message.packet(Message.EXEC, tag, 28 + prefix.length)
                            .putInt(prepared.plan().descriptors().size());
            var fds = new ArrayList<Fd>();
            fds.add(prepared.memory());
            fds.addAll(prepared.plan().descriptors());
            if (request.client().isPresent()) {
                client(packet, request.client().get());
                fds.add(request.client().get().socket());
            }
            try {
                send(packet, fds);
            } catch (Errno e) {
                execs.remove(tag);
                throw e;
            }
            try {
                exec.startedAs = await(exec.started, START_SECONDS);
            } catch (TimeoutException e) {
                exec.signal(Signals.SIGKILL);
                throw new IOException("exec did not start in " + START_SECONDS + " seconds", e);
            }
            return exec;
        }
    }

    @Override
    public LogPosition logPosition() throws IOException {
        return position(ask(Message.packet(Message.LOG_POSITION, tag(), 0), List.of()).body());
    }

    private static LogPosition position(ByteBuffer body) {
        return new LogPosition(body.getLong(), body.getLong());
    }

    @Override
    public void reopenLog() throws IOException {
        done(Message.packet(Message.REOPEN_LOG, tag(), 0));
    }

    @Override
    public void keep(Map<String, Fd> descriptors) throws IOException {
        var names = new ArrayList<String>();
        var fds = new ArrayList<Fd>();
        descriptors.forEach((name, fd) -> {
            names.add(name);
            fds.add(fd);
        });
        check(ask(Message.names(Message.KEEP, tag(), names), fds));
    }

    @Override
    public Map<String, Fd> kept() throws IOException {
        Message answer = ask(Message.packet(Message.TAKE, tag(), 0), List.of());
        List<String> names = answer.names();
        var kept = new HashMap<String, Fd>();
        for (int i = 0; i < answer.fds().size(); i++) {
            kept.put(names.get(i), answer.fds().get(i));
        }
        return kept;
    }

    @Override
    public void bye() {
        try {
            send(Message.packet(Message.BYE, tag(), 0), List.of());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "monitor has left before", e);
        }
        owner.forget(id);
        close();
    }

    @Override
    public void close() {
        connection.drop();
        lost("let go");
    }

    private long tag() {
        return tags.getAndIncrement();
    }

    private void send(ByteBuffer packet, List<Fd> fds) throws Errno {
        connection.send(packet.array(), fds);
    }

    private void done(ByteBuffer packet) throws IOException {
        check(ask(packet, List.of()));
    }

    private static void check(Message answer) throws Errno {
        int errno = answer.body().getInt();
        if (errno != 0) {
            throw new Errno(errno, "monitor", "request " + answer.type());
        }
    }

    /// The connection has ended.
    static final class Gone extends IOException {
        private static final long serialVersionUID = 1L;

        Gone(ContainerId id, Optional<Exception> cause) {
            super("monitor of " + id + " is gone", cause.orElse(null));
        }
    }

    /// Sends and waits for the answer with the same tag; a DONE with an error is thrown.
    private Message ask(ByteBuffer packet, List<Fd> fds) throws IOException {
        return ask(packet, fds, ANSWER_SECONDS);
    }

    private Message ask(ByteBuffer packet, List<Fd> fds, long seconds) throws IOException {
        long tag = packet.getLong(8);
        var answer = new CompletableFuture<Message>();
        answers.put(tag, answer);
        try {
            if (exit.isCompletedExceptionally()) {
                throw new Gone(id, Optional.empty());
            }
            send(packet, fds);
            Message message = answer.get(seconds, TimeUnit.SECONDS);
            if (message.type() == Message.DONE && message.body().getInt(0) != 0) {
                throw new Errno(message.body().getInt(0), "monitor", "of " + id.shortHex());
            }
            return message;
        } catch (ExecutionException e) {
            throw new Gone(id, Optional.of(e));
        } catch (Errno e) {
            if (e.isAny(Errno.EPIPE, Errno.ECONNRESET)) {
                throw new Gone(id, Optional.of(e));
            }
            throw e;
        } catch (TimeoutException e) {
            throw new IOException("monitor of " + id + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        } finally {
            answers.remove(tag);
        }
    }

    @Override
    public void message(Message message) {
        ByteBuffer body = message.body();
        switch (message.type()) {
            case Message.STATE -> state(message);
            case Message.STARTED -> started.complete(startedOf(body));
            case Message.FAILED -> failed(started, plan, body);
            case Message.EXITED -> {
                int status = body.getInt();
                boolean oom = (body.getInt() & OOM_FLAG) != 0;
                exit.complete(
                        new ExitStatus(
                                status,
                                oom,
                                Instant.ofEpochSecond(body.getLong(), body.getLong())));
            }
            case Message.OOM -> outOfMemory.complete(null);
            case Message.ATTACHED -> {
                ShimExec exec = execs.get(message.tag());
                if (exec == null) {
                    ShimAttachment attachment = attachments.remove(message.tag());
                    if (attachment != null) {
                        // Here, so that a DETACHED that follows at once finds it.
                        attachments.put(-body.getLong(0) - 1, attachment);
                    }
                    answer(message);
                }
            }
            case Message.DETACHED -> {
                ShimAttachment attachment = attachments.remove(-body.getLong() - 1);
                if (attachment != null) {
                    attachment.detached.complete(reason(body.getInt()));
                }
            }
            case Message.EXEC_STARTED -> {
                ShimExec exec = execs.get(message.tag());
                if (exec != null) {
                    exec.started.complete(startedOf(body));
                }
            }
            case Message.EXEC_FAILED -> {
                ShimExec exec = execs.remove(message.tag());
                if (exec != null) {
                    failed(exec.started, Optional.of(exec.plan), body);
                }
            }
            case Message.EXEC_EXITED -> {
                ShimExec exec = execs.remove(message.tag());
                if (exec != null) {
                    exec.exit.complete(body.getInt());
                }
            }
            case Message.DONE -> {
                ShimExec exec = execs.remove(message.tag());
                if (exec != null) {
                    exec.started.completeExceptionally(
                            new Errno(body.getInt(), "exec", "in " + id.shortHex()));
                } else {
                    answer(message);
                }
            }
            default -> answer(message);
        }
    }

    private void answer(Message message) {
        CompletableFuture<Message> answer = answers.get(message.tag());
        if (answer != null) {
            answer.complete(message);
        } else {
            message.fds().forEach(Fd::close);
        }
    }

    private void state(Message message) {
        ByteBuffer body = message.body();
        int pid = body.getInt();
        int state = body.getInt();
        long startTime = body.getLong();
        if (state >= STATE_RUNNING) {
            started.complete(new Started(pid, startTime));
        }
        answer(message);
    }

    private static Started startedOf(ByteBuffer body) {
        int pid = body.getInt();
        int unused = body.getInt();
        assert unused == 0;
        return new Started(pid, body.getLong());
    }

    private static void failed(
            CompletableFuture<Started> future, Optional<Plan> plan, ByteBuffer body) {
        int list = body.getInt();
        int index = body.getInt();
        int errno = body.getInt();
        future.completeExceptionally(
                plan.map(p -> p.failure(list, index, errno))
                        .orElseGet(() ->
                                new StartFailure(
                                        StartFailure.Kind.OTHER,
                                        "step " + index + " failed",
                                        Optional.of(new Errno(errno, "plan", "")))));
    }

    private static Attachment.Reason reason(int number) {
        return switch (number) {
            case 1 -> Attachment.Reason.CLIENT_LEFT;
            case 2 -> Attachment.Reason.DETACH_KEYS;
            case 3 -> Attachment.Reason.CONTAINER_ENDED;
            case 4 -> Attachment.Reason.TOO_SLOW;
            default -> Attachment.Reason.MONITOR_LOST;
        };
    }

    @Override
    public void ended() {
        lost("monitor of " + id + " is gone");
    }

    private void lost(String why) {
        var error = new IOException(why);
        started.completeExceptionally(error);
        exit.completeExceptionally(error);
        answers.values().forEach(answer -> answer.completeExceptionally(error));
        execs.values()
                .forEach(exec -> {
                    exec.started.completeExceptionally(error);
                    exec.exit.completeExceptionally(error);
                });
        attachments.values().forEach(a -> a.detached.complete(Attachment.Reason.MONITOR_LOST));
    }

    private final class ShimAttachment implements Attachment {
        private final CompletableFuture<Reason> detached = new CompletableFuture<>();
        private volatile long number;
        private volatile LogPosition position = new LogPosition(0, 0);

        void attached(Message answer) {
            number = answer.body().getLong();
            position = ShimMonitor.position(answer.body());
        }

        @Override
        public LogPosition position() {
            return position;
        }

        @Override
        public void release() throws IOException {
            send(Message.packet(Message.RELEASE, tag(), 8).putLong(number), List.of());
        }

        @Override
        public void detach() throws IOException {
            done(Message.packet(Message.DETACH, tag(), 8).putLong(number));
        }

        @Override
        public CompletableFuture<Reason> detached() {
            return detached;
        }
    }

    private final class ShimExec implements ExecProcess {
        private final Plan plan;
        private final CompletableFuture<Started> started = new CompletableFuture<>();
        private final CompletableFuture<Integer> exit = new CompletableFuture<>();
        private volatile Started startedAs = new Started(0, 0);
        private volatile long tag;

        ShimExec(Plan plan) {
            this.plan = plan;
        }

        @Override
        public Started started() {
            return startedAs;
        }

        @Override
        public CompletableFuture<Integer> exit() {
            return exit;
        }

        @Override
        public void signal(int signal) throws IOException {
            ShimMonitor.this.signal(tag, signal);
        }

        @Override
        public void resize(int rows, int columns) throws IOException {
            ShimMonitor.this.resize(tag, rows, columns);
        }

        @Override
        public void closeStdin() throws IOException {
            ShimMonitor.this.closeStdin(tag);
        }
    }
}
