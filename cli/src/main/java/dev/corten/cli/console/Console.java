package dev.corten.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// The standard streams and the terminal behind them, if there is one.
public interface Console {
    /// Rows and columns; 0 and 0 if unknown.
    record Size(int rows, int columns) {}

    /// A change of the terminal's settings while it is open; closing twice is harmless.
    interface RawMode extends AutoCloseable {
        @Override
        void close() throws IOException;
    }

    InputStream in();

    OutputStream out();

    OutputStream err();

    boolean isInTerminal();

    boolean isOutTerminal();

    boolean isErrTerminal();

    Size size();

    /// Switches the input terminal to raw mode until the result is closed.
    RawMode raw() throws IOException;

    /// Does not show what is typed at the input terminal until the result is closed.
    RawMode silent() throws IOException;
}
