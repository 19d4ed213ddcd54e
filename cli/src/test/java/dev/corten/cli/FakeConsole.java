package dev.corten.cli;

import dev.corten.cli.console.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Streams in memory; no terminal unless it is said to be one.
final class FakeConsole implements Console {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final InputStream in;
    private final boolean terminal;

    int columns;

    /// Whether what is typed is not shown.
    boolean silent;

    FakeConsole(String input) {
        this(input, false);
    }

    FakeConsole(String input, boolean terminal) {
        this.terminal = terminal;
        in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return out;
    }

    @Override
    public OutputStream err() {
        return err;
    }

    @Override
    public boolean isInTerminal() {
        return terminal;
    }

    @Override
    public boolean isOutTerminal() {
        return terminal;
    }

    @Override
    public boolean isErrTerminal() {
        return terminal;
    }

    @Override
    public Size size() {
        return new Size(0, columns);
    }

    @Override
    public RawMode raw() {
        throw new IllegalStateException("no terminal");
    }

    @Override
    public RawMode silent() {
        silent = true;
        return () -> silent = false;
    }
}
