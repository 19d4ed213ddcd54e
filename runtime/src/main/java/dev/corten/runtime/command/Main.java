package dev.corten.runtime.command;

import dev.corten.kernel.process.Orphans;
import dev.corten.model.CortenException;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.bundle.Document;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The program `corten-runtime`.
public final class Main {
    static final String VERSION = "0.1.0";

    private static final String ROOT = "/run/corten-runtime";
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);

    private static final Flags.Known GLOBAL =
            new Flags.Known(
                    Set.of("debug", "systemd-cgroup", "help", "version"),
                    Set.of("root", "log", "log-format", "rootless", "criu"),
                    Map.of("h", "help", "v", "version"),
                    true);

    private static final String HELP =
            """
            usage: corten-runtime [--root DIR] [--log FILE] [--log-format text|json] [--debug] COMMAND

            commands:
               create   create a container
               start    start the process of a created container
               run      create and run a container
               state    output the state of a container
               kill     send a signal to the process of a container
               delete   delete what is left of a container
               list     list the containers
               ps       show the processes of a container
               exec     run another process in a container
               pause    stop all processes of a container
               resume   let them go on
               update   change the limits of a container
               events   show what a container uses
               spec     write a config.json to start from
               features show what is supported
            """;

    private final PrintStream out;
    private final PrintStream err;

    private Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /// Runs a command and exits with its status.
    public static void main(String[] args) {
        var out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true);
        var err = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true);
        System.exit(new Main(out, err).run(List.of(args)));
    }

    private int run(List<String> args) {
        Flags global;
        try {
            global = Flags.parse(GLOBAL, args);
        } catch (Failure e) {
            err.println("Incorrect Usage: " + e.getMessage());
            err.print(HELP);
            return e.status();
        }
        if (global.has("version")) {
            out.println("corten-runtime version " + VERSION);
            out.println("spec: " + Spec.VERSION);
            return 0;
        }
        if (global.has("help") || global.arguments().isEmpty()) {
            out.print(HELP);
            return 0;
        }
        var log =
                new Log(
                        global.find("log").filter(f -> !f.isEmpty()).map(Path::of),
                        global.find("log-format").orElse("text").equals("json"),
                        err);
        int status;
        try {
            status = command(global);
        } catch (Failure e) {
            status = report(global, log, e, e.status());
        } catch (CortenException e) {
            status = report(global, log, e, 1);
        } catch (IOException e) {
            status = report(global, log, e, 1);
        }
        out.flush();
        return status;
    }

    private int report(Flags global, Log log, Exception failure, int status) {
        log.error(
                failure instanceof CortenException corten
                        ? corten.message()
                        : String.valueOf(failure.getMessage()));
        if (global.has("debug")) {
            failure.printStackTrace(err);
        }
        return status;
    }

    private int command(Flags global) throws IOException, Failure {
        if (global.has("systemd-cgroup")) {
            throw new Failure("--systemd-cgroup is not supported: use the cgroupfs driver");
        }
        if (global.find("rootless").orElse("auto").equals("true")) {
            throw new Failure("--rootless is not supported");
        }
        String name = global.arguments().getFirst();
        List<String> words = global.arguments().subList(1, global.arguments().size());
        var place =
                new Place(
                        Path.of(global.find("root").orElse(ROOT)).toAbsolutePath(),
                        Path.of(System.getProperty("corten.lib", ".")));
        Orphans.adopt();
        switch (name) {
            case "create" -> new CreateCommand(place).run(Flags.parse(CreateCommand.FLAGS, words));
            case "run" -> {
                return new RunCommand(place).run(Flags.parse(RunCommand.FLAGS, words));
            }
            case "start" -> new StartCommand(place).run(plain(words));
            case "state" -> state(place, plain(words));
            case "kill" ->
                    new KillCommand(place)
                            .run(
                                    Flags.parse(
                                            new Flags.Known(
                                                    Set.of("all"),
                                                    Set.of(),
                                                    Map.of("a", "all"),
                                                    false),
                                            words));
            case "delete" ->
                    new DeleteCommand(place)
                            .run(
                                    Flags.parse(
                                            new Flags.Known(
                                                    Set.of("force"),
                                                    Set.of(),
                                                    Map.of("f", "force"),
                                                    false),
                                            words));
            case "list" -> new ListCommand(place, out).run(Flags.parse(ListCommand.FLAGS, words));
            case "ps" -> new PsCommand(place, out).run(Flags.parse(PsCommand.FLAGS, words));
            case "exec" -> {
                return new ExecCommand(place).run(Flags.parse(ExecCommand.FLAGS, words));
            }
            case "pause" -> pause(place.load(plain(words).id("pause")), place);
            case "resume" -> resume(place.load(plain(words).id("resume")), place);
            case "update" ->
                    new UpdateCommand(place, System.in)
                            .run(Flags.parse(UpdateCommand.FLAGS, words));
            case "events" ->
                    new EventsCommand(place, out).run(Flags.parse(EventsCommand.FLAGS, words));
            case "spec" -> SpecCommand.run(Flags.parse(SpecCommand.FLAGS, words));
            case "features" -> new FeaturesCommand(out).run();
            case "checkpoint", "restore" ->
                    throw new Failure(name + " is not supported: CRIU is not used");
            case "help" -> out.print(HELP);
            default -> throw new Failure("No help topic for '" + name + "'");
        }
        return 0;
    }

    private static Flags plain(List<String> words) throws Failure {
        return Flags.parse(Flags.Known.none(), words);
    }

    private void state(Place place, Flags flags) throws IOException, Failure {
        ContainerRecord container = place.load(flags.id("state"));
        out.println(new String(Document.write(container.listed(place)), StandardCharsets.UTF_8));
    }

    private static void pause(ContainerRecord container, Place place) throws IOException, Failure {
        switch (container.status(place)) {
            case RUNNING, CREATED -> container.group().freeze(FREEZE_LIMIT);
            case PAUSED -> {
                // It is what is asked for.
            }
            case STOPPED -> throw new Failure("container not running or created: stopped");
        }
    }

    private static void resume(ContainerRecord container, Place place) throws IOException, Failure {
        if (container.status(place) != ContainerRecord.Status.PAUSED) {
            throw new Failure("container not paused");
        }
        container.group().thaw();
    }
}
