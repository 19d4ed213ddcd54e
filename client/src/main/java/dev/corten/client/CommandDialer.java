package dev.corten.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Reaches the daemon through a command whose standard streams are a connection to it: `ssh`.
public final class CommandDialer implements Dialer {
    private static final int COMPLAINT_BYTES_MAX = 4096;
    private static final long END_SECONDS = 5;

    private final String text;
    private final List<String> command;

    /// @param text the daemon's address, for messages
    public CommandDialer(String text, List<String> command) {
        this.text = text;
        this.command = List.copyOf(command);
    }

    /// `ssh://[user@]host[:port][/path/of/socket]`
    ///
    /// On the other side `corten` is run, or `docker` where that is not installed.
    ///
    /// @throws dev.corten.model.InvalidParameter if it is malformed
    public static CommandDialer ssh(String url) {
        return new CommandDialer(url, SshUrl.parse(url).command());
    }

    @Override
    public Transport dial() throws IOException {
        return new Command(new ProcessBuilder(command).start());
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public String endOf(Transport connection) {
        if (!(connection instanceof Command ended)) {
            return "";
        }
        String said = ended.complaint();
        String status = ended.status();
        return "command "
                + command
                + " has exited"
                + status
                + ", make sure the URL is valid, and Corten or Docker 18.09 or later is installed on"
                + " the remote host"
                + (said.isEmpty() ? "" : ": stderr=" + said);
    }

    private static final class Command implements Transport {
        private final Process process;
        private final InputStream in;
        private final OutputStream out;
        private final ByteArrayOutputStream complaint = new ByteArrayOutputStream();
        private final Thread listener;

        Command(Process process) {
            this.process = process;
            this.in = process.getInputStream();
            this.out = process.getOutputStream();
            this.listener = Thread.ofVirtual().start(this::listen);
        }

        /// What it says of itself is shown only if the connection fails.
        private void listen() {
            var buffer = new byte[512];
            try (InputStream err = process.getErrorStream()) {
                for (int n = err.read(buffer); n >= 0; n = err.read(buffer)) {
                    if (complaint.size() < COMPLAINT_BYTES_MAX) {
                        complaint.write(buffer, 0, n);
                    }
                }
            } catch (IOException e) {
                complaint.writeBytes(
                        String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
            }
        }

        String complaint() {
            try {
                listener.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return complaint.toString(StandardCharsets.UTF_8).strip();
        }

        String status() {
            try {
                return process.waitFor(END_SECONDS, TimeUnit.SECONDS)
                        ? " with exit status " + process.exitValue()
                        : "";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "";
            }
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return in.read(target, offset, length);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            out.flush();
        }

        @Override
        public void closeWrite() throws IOException {
            out.close();
        }

        /// The command sees the end of its input and ends; a connection is never kept by it.
        @Override
        public void close() throws IOException {
            try (in;
                    out) {
                process.destroy();
            }
        }
    }
}
