package dev.corten.engine.build.step;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.work.Session;
import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepMount;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs of a step that speak to an agent of the client.
@Timeout(20)
class AgentSocketTest {
    private static final String SOCKET = "/run/buildkit/ssh_agent.0";

    @TempDir static Path directory;
    private static StepMachine machine;

    @BeforeAll
    static void open() throws Exception {
        machine = new StepMachine(directory);
    }

    @AfterAll
    static void close() throws Exception {
        machine.close();
    }

    /// A client with one agent, which answers each connection's first line with its own name.
    private static Session clientWith(String agent, CompletableFuture<Void> gone) {
        return new Session() {
            @Override
            public Optional<byte[]> secret(String id) {
                return Optional.empty();
            }

            @Override
            public Optional<Stream> agent(String id) throws IOException {
                return id.equals(agent) ? Optional.of(answering(id, gone)) : Optional.empty();
            }
        };
    }

    private static Session.Stream answering(String name, CompletableFuture<Void> gone)
            throws IOException {
        SocketPair pair = UnixSockets.pair(Sockets.SOCK_STREAM);
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    byte[] question = new byte[100];
                    try (Fd socket = pair.second()) {
                        int n = FileData.read(socket, question, 0, question.length);
                        String answer = name + " heard " + new String(question, 0, n, UTF_8);
                        FileData.writeFully(socket, answer.getBytes(UTF_8));
                        assertThat(FileData.read(socket, question, 0, 1)).isNegative();
                        gone.complete(null);
                    } catch (IOException | RuntimeException | AssertionError e) {
                        gone.completeExceptionally(e);
                    }
                });
        return new Session.Stream() {
            @Override
            public InputStream input() {
                return FileData.inputStream(pair.first());
            }

            @Override
            public OutputStream output() {
                return new FilterOutputStream(FileData.outputStream(pair.first())) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        out.write(bytes, offset, length);
                    }

                    @Override
                    public void close() throws IOException {
                        Sockets.shutdown(pair.first(), Sockets.SHUT_WR);
                    }
                };
            }

            @Override
            public void close() {
                try {
                    Sockets.shutdown(pair.first(), Sockets.SHUT_RDWR);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    /// What a program in the step's sandbox is told, and the socket as the step sees it.
    private static String ask(AgentSocket socket, String question) throws Exception {
        var said = new CompletableFuture<String>();
        var ended = new CompletableFuture<Void>();
        try (var root = machine.new Root()) {
            StepCommand command =
                    machine.new Step(root)
                            .mounts(new StepMount.Bind(SOCKET, socket.source(), false))
                            .command(
                                    "/bin/sh",
                                    "-c",
                                    "stat -c '%F %a %u ' " + SOCKET + "; sleep 60");
            Thread step =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    machine.steps.run(
                                            command,
                                            (_, bytes) -> said.complete(new String(bytes, UTF_8)));
                                    ended.completeExceptionally(new AssertionError("ended"));
                                } catch (InterruptedException e) {
                                    ended.complete(null);
                                } catch (IOException e) {
                                    ended.completeExceptionally(e);
                                }
                            });
            String seen = said.get();
            int pid = machine.pids(root.id).getFirst();
            try (Fd client =
                    UnixSockets.connect("/proc/" + pid + "/root" + SOCKET, Sockets.SOCK_STREAM)) {
                FileData.writeFully(client, question.getBytes(UTF_8));
                Sockets.shutdown(client, Sockets.SHUT_WR);
                seen += new String(FileData.readAll(client, 1000), UTF_8);
            }
            step.interrupt();
            ended.get();
            return seen;
        }
    }

    @Test
    void leadsToTheAgent() throws Exception {
        var gone = new CompletableFuture<Void>();
        try (AgentSocket socket =
                machine.steps
                        .agents()
                        .open(clientWith("default", gone), "default", 0600, 1000, 0)) {
            assertThat(ask(socket, "hello")).isEqualTo("socket 600 1000 \ndefault heard hello");
            gone.get();
        }
        try (var names = Files.list(machine.exec.resolve("agents"))) {
            assertThat(names).isEmpty();
        }
    }

    @Test
    void anAgentThatIsNotThereEndsTheConnection() throws Exception {
        var gone = new CompletableFuture<Void>();
        try (AgentSocket socket =
                machine.steps.agents().open(clientWith("mine", gone), "other", 0640, 0, 0)) {
            assertThat(ask(socket, "")).isEqualTo("socket 640 0 \n");
        }
    }
}
