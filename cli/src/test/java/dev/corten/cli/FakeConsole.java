package dev.corten.cli;

import dev.corten.cli.console.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Streams in memory, no terminal.
final class FakeConsole implements Console {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final InputStream in;

    FakeConsole(String input) {
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
        return false;
    }

    @Override
    public boolean isOutTerminal() {
        return false;
    }

    @Override
    public boolean isErrTerminal() {
        return false;
    }

    @Override
    public Size size() {
        return new Size(0, 0);
    }

    @Override
    public RawMode raw() {
        throw new IllegalStateException("no terminal");
    }
}
