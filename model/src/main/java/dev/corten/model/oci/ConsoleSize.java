package dev.corten.model.oci;

/// The size of a terminal in characters; zero leaves the kernel's.
public record ConsoleSize(int rows, int columns) {
    /// Whatever the kernel gives a new terminal.
    public static final ConsoleSize UNSET = new ConsoleSize(0, 0);
}
