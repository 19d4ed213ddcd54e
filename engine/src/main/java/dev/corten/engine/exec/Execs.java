package dev.corten.engine.exec;

import dev.corten.engine.event.Events;
import dev.corten.engine.stream.ClientStream;
import dev.corten.engine.stream.DetachKeys;
import dev.corten.kernel.Errno;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.StartFailure;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The execs of this engine.
public final class Execs {
    /// How long a finished exec can be asked about, as Docker does.
    private static final Duration RETENTION = Duration.ofMinutes(5);

    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(2);
    private static final Duration RESIZE_PATIENCE = Duration.ofSeconds(10);

    private final ExecTargets targets;
    private final Events events;
    private final Clock clock;
    private final Toolboxes toolboxes;
    private final ExecTable table;

    public Execs(
            ExecTable table, ExecTargets targets, Toolboxes toolboxes, Events events, Clock clock) {
        this.toolboxes = toolboxes;
        this.table = table;
        this.targets = targets;
        this.events = events;
        this.clock = clock;
    }

    /// Prepares an exec.
    ///
    /// @return its ID
    /// @throws NotFound if there is no such container
    /// @throws Conflict if it does not run
    public String create(String container, ExecConfig config) throws IOException {
        if (config.cmd().isEmpty()) {
            throw new InvalidParameter("No exec command specified");
        }
        if (DetachKeys.bytes(config.detachKeys().isEmpty() ? "a" : config.detachKeys()).isEmpty()) {
            throw new Internal("Invalid escape keys (" + config.detachKeys() + ") provided");
        }
        ExecTarget target = targets.target(container);
        target.warm();
        target.check(config.user());
        if (config.toolbox().isPresent()) {
            toolboxes.check(config.toolbox().get());
        }
        table.forgetEndedBefore(clock.instant().minus(RETENTION));
        var exec = new Exec(ContainerId.random().hex(), target.id(), config);
        table.add(exec);
        try {
            // A removal between the first look and now has not seen this exec.
            targets.target(target.id().hex());
        } catch (NotFound | Conflict e) {
            table.remove(exec);
            throw e;
        }
        publish(target, "exec_create: " + shown(config), exec.id, Map.of());
        return exec.id;
    }

    /// @throws NotFound if there is none
    public ExecView inspect(String id) throws InterruptedException {
        return get(id).settledView(EXIT_PATIENCE);
    }

    /// Checks what must be told before the connection is taken over.
    public void checkStart(String id) {
        targets.target(get(id).container.hex());
    }

    /// Runs the exec. Answers when its program runs; with a client, its socket is the monitor's
    /// then.
    ///
    /// @param tty whether the client wants raw bytes instead of frames
    /// @param client empty to detach; closed when this returns, as the monitor has its own
    ///     descriptor then
    /// @throws Conflict if it was started before
    public void start(String id, boolean tty, Optional<ClientStream> client)
            throws IOException, InterruptedException {
        try {
            run(id, tty, client);
        } finally {
            client.ifPresent(ClientStream::close);
        }
    }

    private void run(String id, boolean tty, Optional<ClientStream> client)
            throws IOException, InterruptedException {
        Exec exec = get(id);
        ExecTarget target = targets.target(exec.container.hex());
        exec.begin();
        String directory = exec.config.workingDir();
        if (!directory.isEmpty() && !directory.startsWith("/")) {
            exec.ended(128, clock.instant());
            throw new Internal(
                    "OCI runtime exec failed: exec failed: Cwd must be an absolute path");
        }
        try {
            Optional<Attach> attach = client.map(c -> attach(exec.config, tty, c));
            Monitor.ExecProcess process;
            try (ExecRequest request = request(target, exec.config, client.isPresent(), attach)) {
                process = target.monitor().exec(request);
            }
            exec.started(process);
            publish(target, "exec_start: " + shown(exec.config), exec.id, Map.of());
            process.exit()
                    .whenComplete((status, failure) ->
                            ended(exec, target, failure == null ? code(status) : 137));
        } catch (StartFailure e) {
            exec.ended(e.kind().exitCode(), clock.instant());
            String message = e.execMessage();
            throw e.kind() == StartFailure.Kind.OTHER
                    ? new Internal(message, e)
                    : new InvalidParameter(message, e);
        } catch (IOException | InterruptedException | RuntimeException e) {
            exec.ended(128, clock.instant());
            throw e;
        }
    }

    private ExecRequest request(
            ExecTarget target, ExecConfig config, boolean attached, Optional<Attach> attach)
            throws IOException, InterruptedException {
        ExecRequest request = target.request(config, config.attachStdin() && attached, attach);
        return config.toolbox().isPresent()
                ? request.with(toolboxes.open(config.toolbox().get()))
                : request;
    }

    /// As Docker joins them: the program, a blank, its arguments.
    private static String shown(ExecConfig config) {
        List<String> command = config.cmd();
        return command.getFirst() + " " + String.join(" ", command.subList(1, command.size()));
    }

    private static int code(int status) {
        int signal = status & 0x7f;
        return signal != 0 ? 128 + signal : (status >> 8) & 0xff;
    }

    private static Attach attach(ExecConfig config, boolean tty, ClientStream client) {
        Set<Attach.Flag> flags = EnumSet.of(Attach.Flag.CLOSE_STDIN);
        if (config.attachStdin()) {
            flags.add(Attach.Flag.STDIN);
        }
        if (config.attachStdout()) {
            flags.add(Attach.Flag.STDOUT);
        }
        if (config.attachStderr()) {
            flags.add(Attach.Flag.STDERR);
        }
        if (!tty) {
            flags.add(Attach.Flag.MULTIPLEXED);
        }
        return new Attach(
                client.socket(),
                client.readAhead(),
                flags,
                config.tty() ? DetachKeys.parse(config.detachKeys()) : new byte[0]);
    }

    private void ended(Exec exec, ExecTarget target, int code) {
        exec.ended(code, clock.instant());
        publish(target, "exec_die", exec.id, Map.of("exitCode", Integer.toString(code)));
    }

    /// Sets the size of the exec's terminal; waits for its start.
    public void resize(String id, int rows, int columns) throws IOException, InterruptedException {
        Exec exec = get(id);
        try {
            exec.process
                    .get(RESIZE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .resize(rows, columns);
        } catch (Errno e) {
            if (e.is(Errno.ESRCH)) {
                throw new NotFound("NotFound: process does not exist " + id + ": not found", e);
            }
            throw e;
        } catch (TimeoutException e) {
            throw new Internal("timeout waiting for exec session ready", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the process is only ever completed", e);
        }
    }

    private Exec get(String id) {
        return table.find(id).orElseThrow(() -> new NotFound("No such exec instance: " + id));
    }

    private void publish(ExecTarget target, String action, String exec, Map<String, String> extra) {
        var attributes = new TreeMap<>(target.eventAttributes());
        attributes.put("execID", exec);
        attributes.putAll(extra);
        events.publish("container", action, target.id().hex(), attributes);
    }
}
