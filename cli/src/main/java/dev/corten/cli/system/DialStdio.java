package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// `system dial-stdio`: this process's input and output become a connection to the daemon. What a
/// command line on another host runs here through `ssh`.
public final class DialStdio implements Command {
    private static final int BUFFER_BYTES = 32 * 1024;

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public String about() {
        return "Proxy the stdio stream to the daemon connection. Should not be invoked manually.";
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        // The daemon may have to be started first.
        invocation.api();
        Transport daemon = dial(invocation);
        try (daemon) {
            InputStream in = invocation.console().in();
            Thread.ofPlatform()
                    .daemon()
                    .name("to daemon")
                    .start(() -> send(in, daemon, invocation));
            OutputStream out = invocation.console().out();
            var buffer = new byte[BUFFER_BYTES];
            int count = daemon.read(buffer, 0, buffer.length);
            while (count >= 0) {
                out.write(buffer, 0, count);
                out.flush();
                count = daemon.read(buffer, 0, buffer.length);
            }
        }
        return 0;
    }

    private static Transport dial(Invocation invocation) throws IOException {
        var dialer = invocation.setup().daemon().dialer();
        try {
            return dialer.dial();
        } catch (IOException e) {
            throw DaemonUnreachable.at(dialer, e);
        }
    }

    private static void send(InputStream in, Transport daemon, Invocation invocation) {
        var buffer = new byte[BUFFER_BYTES];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                daemon.write(buffer, 0, n);
            }
            daemon.closeWrite();
        } catch (IOException e) {
            // The daemon has closed; what it said last is still being printed.
            invocation.setup().trace().accept("input not delivered: " + e.getMessage());
        }
    }
}
