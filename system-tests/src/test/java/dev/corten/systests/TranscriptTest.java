package dev.corten.systests;

import dev.corten.systests.Transcript.Answer;
import dev.corten.systests.Transcript.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Whole sessions of the docker command line, answered as Docker 28.5 did when they were recorded
/// by `system-tests/transcripts/record`. They are the files in `src/test/transcripts`, and
/// [Transcript] explains their form.
///
/// Each engine has its network namespace to itself and one session at a time, so that a session
/// may list what there is, take whatever port it wants, and remove everything. As many engines as
/// there are processors share the work.
class TranscriptTest {
    static final Path SESSIONS = Path.of("src/test/transcripts");

    /// `-Dtranscripts=NAME,NAME` runs these only.
    private static final String CHOSEN = System.getProperty("transcripts", "");

    private static final int ENGINES = Math.min(3, Runtime.getRuntime().availableProcessors());

    private static final boolean STRICT = Boolean.getBoolean("transcripts.strict");

    private static final List<Thread> WORKERS = new ArrayList<>();
    private static final Queue<Throwable> COMPLAINTS = new ConcurrentLinkedQueue<>();

    private record Task(Transcript session, CompletableFuture<List<Answer>> answers) {}

    @TestFactory
    Stream<DynamicTest> sessions() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        List<Task> tasks =
                Transcript.all(SESSIONS).stream()
                        .filter(TranscriptTest::isChosen)
                        .map(session -> new Task(session, new CompletableFuture<>()))
                        .toList();
        Queue<Task> queue = new ConcurrentLinkedQueue<>(tasks);
        for (int i = 0; i < ENGINES; i++) {
            WORKERS.add(Thread.ofPlatform().name("sessions-" + i).start(() -> work(queue)));
        }
        return tasks.stream()
                .map(task ->
                        DynamicTest.dynamicTest(
                                task.session().name(),
                                task.session().file().toUri(),
                                () -> check(task)));
    }

    private static boolean isChosen(Transcript session) {
        return CHOSEN.isEmpty() || List.of(CHOSEN.split(",")).contains(session.name());
    }

    /// Takes sessions as long as there are any. What the engine leaves behind is told at the end.
    private static void work(Queue<Task> queue) {
        try {
            Engine engine = Engine.startAlone();
            try {
                var prompt = new Prompt(engine);
                for (Task task = queue.poll(); task != null; task = queue.poll()) {
                    answer(prompt, task);
                }
            } finally {
                engine.closeCleanly();
            }
        } catch (RuntimeException | AssertionError e) {
            COMPLAINTS.add(e);
            // Nobody else may be left to take what this one does not.
            for (Task task = queue.poll(); task != null; task = queue.poll()) {
                task.answers().completeExceptionally(e);
            }
        }
    }

    private static void answer(Prompt prompt, Task task) {
        try {
            task.answers().complete(prompt.run(task.session(), TranscriptTest::goOn));
        } catch (RuntimeException | AssertionError e) {
            task.answers().completeExceptionally(e);
        }
    }

    /// Against the stub, one difference says it all.
    private static boolean goOn(Step step, Answer answer) {
        return !Limits.againstStub() || answer.equals(step.expected());
    }

    private static void check(Task task) {
        List<Answer> answers;
        try {
            answers = task.answers().join();
        } catch (CompletionException e) {
            // A session may need what this machine has not: that is a skip, and is one here too.
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
        List<Step> steps = task.session().steps();
        var unequal = new ArrayList<String>();
        for (int i = 0; i < answers.size(); i++) {
            Step step = steps.get(i);
            if (!answers.get(i).equals(step.expected())) {
                unequal.add(difference(step, answers.get(i)));
            }
        }
        if (!unequal.isEmpty() && !STRICT && !task.session().awaits().isEmpty()) {
            Machine.awaits(task.session().name() + " awaits " + task.session().awaits());
        }
        if (!unequal.isEmpty()) {
            throw new AssertionError(task.session().file() + "\n" + String.join("\n", unequal));
        }
    }

    /// The two answers as in `diff`: what was to come, and what came instead.
    private static String difference(Step step, Answer answer) {
        var expected = new ArrayList<>(step.expected().lines());
        var came = new ArrayList<>(answer.lines());
        while (!expected.isEmpty()
                && !came.isEmpty()
                && expected.getFirst().equals(came.getFirst())) {
            expected.removeFirst();
            came.removeFirst();
        }
        while (!expected.isEmpty()
                && !came.isEmpty()
                && expected.getLast().equals(came.getLast())) {
            expected.removeLast();
            came.removeLast();
        }
        return "$ "
                + step.command()
                + expected.stream().map(line -> "\n  -" + line).collect(Collectors.joining())
                + came.stream().map(line -> "\n  +" + line).collect(Collectors.joining());
    }

    @AfterAll
    static void enginesLeaveNothing() throws InterruptedException {
        for (Thread worker : WORKERS) {
            worker.join();
        }
        WORKERS.clear();
        if (!COMPLAINTS.isEmpty()) {
            throw new AssertionError(
                    COMPLAINTS.stream().map(Throwable::toString).collect(Collectors.joining("\n")));
        }
    }
}
