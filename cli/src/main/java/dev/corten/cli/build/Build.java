package dev.corten.cli.build;

import dev.corten.cli.build.output.WholeFile;
import dev.corten.cli.build.progress.Display;
import dev.corten.cli.build.session.BuildConnection;
import dev.corten.cli.build.session.BuildSession;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.console.Signals;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.client.Upgraded;
import dev.corten.model.CortenException;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One build, from the command line to the exit code.
final class Build {
    private static final String PROTOCOL = "corten-build/1";

    /// Displays go on so often when there is nothing to say.
    private static final long TICK_MILLIS = 150;

    /// What a shell reports of a program that is interrupted.
    private static final int INTERRUPTED = 128 + 2;

    private final Invocation invocation;
    private final Flags flags;
    private final Display display;
    private final Findings findings = new Findings();
    private final Explanations explanations = new Explanations();
    private Json end = Json.ABSENT;
    private Json answer = Json.ABSENT;
    private byte[] dockerfile = {};
    private volatile boolean interrupted;

    Build(Invocation invocation, Display display) {
        this.invocation = invocation;
        this.flags = invocation.flags();
        this.display = display;
    }

    int run() throws IOException {
        String method = Calls.method(flags);
        warn();
        Definition definition = Definition.of(invocation);
        dockerfile = definition.dockerfile().orElse(dockerfile);
        Map<String, Source> contexts = contexts();
        List<ResultOutput> outputs = ResultOutput.of(flags, invocation.console());
        Caches caches = Caches.of(flags);
        var secrets = new Secrets(flags.list("secret"), invocation.environment());
        List<String> ssh = flags.list("ssh");
        if (ssh.isEmpty() && definition.context() instanceof Source.Remote git && git.isBySsh()) {
            ssh = List.of("default");
        }
        var agents = new Agents(ssh, invocation.environment());
        if (outputs.stream().anyMatch(ResultOutput::isPushed) && !flags.isGiven("tag")) {
            boolean named = outputs.stream().anyMatch(o -> !o.attributes().get("name").isEmpty());
            if (!named) {
                throw BuildFailures.of("tag is needed when pushing to registry");
            }
        }
        JsonWriter body =
                new RequestBody(invocation)
                        .write(definition, contexts, outputs, caches, secrets.ids(), agents.ids());
        var answers =
                new BuildAnswers(
                        invocation.console(),
                        definition,
                        contexts,
                        outputs,
                        caches,
                        secrets,
                        agents);
        try (Upgraded stream = connect(body);
                var session = new BuildSession(new BuildConnection(stream), answers);
                var signals = new Signals()) {
            signals.onSignal("INT", () -> interrupt(session));
            follow(session.start());
            String container = end.get("failure").get("container").text("");
            if (!container.isEmpty()) {
                display.finish();
                return look(session, container, definition);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        display.finish();
        return finish(method, definition);
    }

    /// Into what a step has met that failed, as long as somebody wants to. When this is over the
    /// daemon removes it.
    private int look(BuildSession session, String container, Definition definition)
            throws IOException, InterruptedException {
        int code = finish(Calls.method(flags), definition);
        FailedStep.open(invocation, container);
        session.leave();
        return code;
    }

    /// Of what Docker's newer builder does not do either; and of what would fail at the end.
    private void warn() {
        Output err = invocation.err();
        if (flags.isSet("squash")) {
            err.line(
                            "WARNING: experimental flag squash is removed with BuildKit. You should"
                                    + " squash inside build using a multi-stage Dockerfile for"
                                    + " efficiency.")
                    .flush();
        }
        if (flags.isGiven("isolation")) {
            err.line("WARNING: isolation flag is deprecated with BuildKit.").flush();
        }
        if (flags.isGiven("metadata-file")) {
            File folder = new File(flags.text("metadata-file")).getAbsoluteFile().getParentFile();
            if (folder != null && !folder.exists()) {
                throw new Failure(
                        "ERROR: invalid output path: stat "
                                + folder
                                + ": no such file or directory");
            }
        }
    }

    private Upgraded connect(JsonWriter body) throws IOException {
        try {
            return invocation.api().upgrade(Request.post("/corten/v1/build").json(body), PROTOCOL);
        } catch (CortenException e) {
            throw BuildFailures.of("failed to solve: " + e.message());
        }
    }

    private void interrupt(BuildSession session) {
        interrupted = true;
        try {
            session.close();
        } catch (IOException e) {
            invocation.setup().trace().accept("connection not closed: " + e.getMessage());
        }
    }

    private Map<String, Source> contexts() {
        var contexts = new LinkedHashMap<String, Source>();
        for (String text : flags.list("build-context")) {
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw new Failure("ERROR: invalid context value: " + text + ", expected key=value");
            }
            String name = text.substring(0, equals);
            contexts.put(name, Source.named(name, text.substring(equals + 1)));
        }
        return contexts;
    }

    private void follow(BuildSession session) throws IOException, InterruptedException {
        while (end.isAbsent()) {
            Json message = session.next(TICK_MILLIS);
            if (message.isAbsent()) {
                display.refresh();
            } else if (message.isNothing()) {
                if (interrupted) {
                    return;
                }
                String why = session.broken();
                throw BuildFailures.of(why.isEmpty() ? "the daemon ended the connection" : why);
            } else {
                hear(message);
            }
        }
    }

    private void hear(Json message) {
        Json status = message.get("status");
        if (!status.isAbsent()) {
            explanations.hearStatus(status);
            display.update(status);
            return;
        }
        String source = message.get("source").text("");
        if (!source.isEmpty()) {
            dockerfile = Base64.getDecoder().decode(source);
        }
        if (!message.get("explain").isAbsent()) {
            explanations.hear(message.get("explain"));
        } else if (!message.get("checked").isAbsent()) {
            findings.add(message.get("checked"));
        } else if (!message.get("answer").isAbsent()) {
            answer = message.get("answer");
            String data = sourceOf(answer);
            dockerfile = data.isEmpty() ? dockerfile : Base64.getDecoder().decode(data);
        } else if (!message.get("result").isAbsent() || !message.get("failure").isAbsent()) {
            end = message;
        }
    }

    /// The Dockerfile that an answer is about, in Base64.
    private static String sourceOf(Json answer) {
        List<Json> sources = answer.get("sources").items();
        if (sources.isEmpty()) {
            return "";
        }
        Json first = sources.getFirst();
        return first.text(first.get("data").text(""));
    }

    private int finish(String method, Definition definition) throws IOException {
        Output err = invocation.err();
        if (interrupted && end.isAbsent()) {
            err.line(BuildFailures.FAILED + "failed to solve: Canceled: context canceled").flush();
            return INTERRUPTED;
        }
        boolean quiet = BuildCommand.mode(invocation).equals("quiet");
        Json failure = end.get("failure");
        boolean raw = BuildCommand.mode(invocation).equals("rawjson");
        if (!failure.isAbsent()) {
            if (method.equals("build") && !quiet && !raw) {
                summarize(definition);
            }
            explanations.print(err);
            return fail(failure, definition);
        }
        if (method.equals("check")) {
            findings.addAnswered(answer);
            if (Calls.wantsJson(flags)) {
                Calls.print(method, answer, true, invocation.out());
            } else {
                findings.report(
                        invocation.out(),
                        err,
                        definition.shown(),
                        dockerfile,
                        answer.get("buildError"));
            }
            return findings.isEmpty() && answer.get("buildError").isAbsent() ? 0 : 1;
        }
        if (!quiet && !raw) {
            summarize(definition);
        }
        if (!method.equals("build")) {
            Calls.print(method, answer, Calls.wantsJson(flags), invocation.out());
            return 0;
        }
        explanations.print(err);
        report(end.get("result"), quiet);
        return 0;
    }

    private void summarize(Definition definition) {
        findings.summarize(
                invocation.err(),
                invocation.program(),
                BuildCommand.hasColours(invocation),
                invocation.setup().debug(),
                definition.name(),
                dockerfile);
    }

    private void report(Json result, boolean quiet) throws IOException {
        String id = result.get("imageId").text("");
        if (flags.isGiven("iidfile")) {
            writeId(flags.text("iidfile"), id);
        }
        if (flags.isGiven("metadata-file")) {
            byte[] text = new JsonWriter().value(result.get("metadata")).toBytes();
            WholeFile.write(flags.text("metadata-file"), JsonIndent.indent(text, "", "  "));
        }
        if (quiet) {
            invocation.out().line(id).flush();
        }
    }

    private static void writeId(String path, String id) {
        try {
            WholeFile.write(path, id.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Failure("ERROR: writing image ID file: " + e.getMessage());
        }
    }

    private int fail(Json failure, Definition definition) throws IOException {
        Output err = invocation.err();
        String name = failure.get("file").text(definition.name());
        int first = (int) failure.get("firstLine").integer(0);
        int last = (int) failure.get("lastLine").integer(first);
        SourceLines.print(err, name, dockerfile, first, last);
        String message = failure.get("message").text("the daemon does not say why");
        err.line(BuildFailures.FAILED + "failed to solve: " + message).flush();
        String advice = MissingFile.advice(message, definition, dockerfile, first, last);
        if (!advice.isEmpty()) {
            err.line(advice).flush();
        }
        int code = (int) failure.get("exitCode").integer(0);
        return code == 0 ? 1 : code;
    }
}
