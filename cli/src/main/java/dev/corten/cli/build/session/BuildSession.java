package dev.corten.cli.build.session;

import dev.corten.client.Json;
import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Hands over what the daemon tells, and has what it asks for answered meanwhile: each question on
/// a thread of its own, which ends with the process at the latest.
public final class BuildSession implements AutoCloseable {
    /// In place of a message: there will be none for the moment. The only one that is absent.
    public static final Json NONE_YET = Json.ABSENT;

    /// In place of a message: there will be none any more. The only one that is null.
    public static final Json END = Json.NULL;

    /// A display that is slower than the daemon makes it wait.
    private static final int MESSAGES_MAX = 4096;

    private final BuildConnection connection;
    private final Answers answers;
    private final LinkedBlockingQueue<Json> told = new LinkedBlockingQueue<>(MESSAGES_MAX);
    private volatile String broken = "";

    /// Answers one question.
    public interface Answers {
        /// The channel is ended or failed by whoever calls this.
        ///
        /// @throws IOException whose message the daemon is given as the reason why not
        void answer(Json question, Channel channel) throws IOException;
    }

    public BuildSession(BuildConnection connection, Answers answers) {
        this.connection = connection;
        this.answers = answers;
    }

    public BuildSession start() {
        daemon("build connection", this::read);
        return this;
    }

    private static void daemon(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try {
            connection.read(
                    new BuildConnection.Listener() {
                        @Override
                        public void heard(Json message, Channel channel) {
                            daemon(
                                    "build " + message.get("ask").text("question"),
                                    () -> answer(message, channel));
                        }

                        @Override
                        public void heard(Json message) {
                            tell(message);
                        }
                    });
        } catch (IOException e) {
            broken = String.valueOf(e.getMessage());
        }
        tell(END);
    }

    private void tell(Json message) {
        try {
            told.put(message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(Json question, Channel channel) {
        try {
            try {
                answers.answer(question, channel);
                channel.end();
            } catch (IOException | RuntimeException e) {
                channel.fail(e.getMessage() == null ? e.toString() : e.getMessage());
            }
        } catch (IOException e) {
            // The connection is gone: its reader says so.
            broken = broken.isEmpty() ? String.valueOf(e.getMessage()) : broken;
        } finally {
            channel.close();
        }
    }

    /// The next message, [#NONE_YET] if none comes in this time, or [#END].
    public Json next(long millis) throws InterruptedException {
        Json message = told.poll(millis, TimeUnit.MILLISECONDS);
        return message == null ? NONE_YET : message;
    }

    /// Why there is an end without a result; empty if it is not known.
    public String broken() {
        return broken;
    }

    /// Says that there is nothing more to come from here, and waits for the daemon to be done.
    public void leave() throws IOException, InterruptedException {
        connection.leave();
        while (!told.take().isNothing()) {
            // until its end
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
