package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Terminals: whether there is one, raw mode, window size.
public final class Terminal {
    // asm-generic/ioctls.h
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCSPTLCK = 0x40045431;

    // struct termios of asm-generic/termbits.h: four flag words, line, 19 control characters.
    static final int TERMIOS_BYTES = 36;
    private static final int CONTROL_CHARACTERS = 17;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    private static final int INPUT_OFF = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400;
    private static final int OPOST = 0x1;
    private static final int LOCAL_OFF = 0x8 | 0x40 | 0x2 | 0x1 | 0x8000;
    private static final int ECHO = 0x8;
    private static final int CSIZE_PARENB = 0x30 | 0x100;
    private static final int CS8 = 0x30;

    /// A terminal's size in characters.
    public record Size(int rows, int columns) {}

    /// A terminal's settings, to be restored later.
    public static final class Settings {
        private final byte[] termios;

        private Settings(byte[] termios) {
            this.termios = termios;
        }
    }

    private Terminal() {}

    public static boolean isTerminal(Fd fd) {
        try (var call = NativeCall.open()) {
            MemorySegment termios = call.raw(TERMIOS_BYTES);
            return call.invoke(Syscall.IOCTL, fd.number(), TCGETS, termios.address()) == 0;
        }
    }

    public static Settings settings(Fd terminal) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment termios = call.raw(TERMIOS_BYTES);
            control(call, terminal, TCGETS, termios, "TCGETS");
            return new Settings(termios.toArray(JAVA_BYTE));
        }
    }

    /// Sets what [#settings] has read, at once.
    public static void restore(Fd terminal, Settings settings) throws Errno {
        try (var call = NativeCall.open()) {
            control(call, terminal, TCSETS, call.bytes(settings.termios), "TCSETS");
        }
    }

    /// Switches to raw mode, as cfmakeraw(3). Returns the settings before.
    public static Settings raw(Fd terminal) throws Errno {
        Settings before = settings(terminal);
        try (var call = NativeCall.open()) {
            MemorySegment t = call.bytes(before.termios);
            t.set(JAVA_INT, 0, t.get(JAVA_INT, 0) & ~INPUT_OFF);
            t.set(JAVA_INT, 4, t.get(JAVA_INT, 4) & ~OPOST);
            t.set(JAVA_INT, 8, (t.get(JAVA_INT, 8) & ~CSIZE_PARENB) | CS8);
            t.set(JAVA_INT, 12, t.get(JAVA_INT, 12) & ~LOCAL_OFF);
            t.set(JAVA_BYTE, CONTROL_CHARACTERS + VMIN, (byte) 1);
            t.set(JAVA_BYTE, CONTROL_CHARACTERS + VTIME, (byte) 0);
            control(call, terminal, TCSETS, t, "TCSETS");
        }
        return before;
    }

    /// Stops showing what is typed. Returns the settings before.
    public static Settings silence(Fd terminal) throws Errno {
        Settings before = settings(terminal);
        try (var call = NativeCall.open()) {
            MemorySegment t = call.bytes(before.termios);
            t.set(JAVA_INT, 12, t.get(JAVA_INT, 12) & ~ECHO);
            control(call, terminal, TCSETS, t, "TCSETS");
        }
        return before;
    }

    /// The window's size, empty if the descriptor is no terminal.
    public static Optional<Size> size(Fd terminal) {
        try (var call = NativeCall.open()) {
            MemorySegment winsize = call.raw(8);
            long result =
                    call.invoke(Syscall.IOCTL, terminal.number(), TIOCGWINSZ, winsize.address());
            if (result < 0) {
                return Optional.empty();
            }
            return Optional.of(
                    new Size(
                            winsize.get(JAVA_SHORT, 0) & 0xFFFF,
                            winsize.get(JAVA_SHORT, 2) & 0xFFFF));
        }
    }

    public static void resize(Fd terminal, Size size) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment winsize = call.allocate(8);
            winsize.set(JAVA_SHORT, 0, (short) size.rows());
            winsize.set(JAVA_SHORT, 2, (short) size.columns());
            control(call, terminal, TIOCSWINSZ, winsize, "TIOCSWINSZ");
        }
    }

    /// Unlocks the other end of a `/dev/ptmx` and says its number in `/dev/pts`.
    public static int unlockPty(Fd master) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment number = call.allocate(4);
            control(call, master, TIOCSPTLCK, number, "TIOCSPTLCK");
            control(call, master, TIOCGPTN, number, "TIOCGPTN");
            return number.get(JAVA_INT, 0);
        }
    }

    private static void control(
            NativeCall call, Fd fd, int request, MemorySegment argument, String name) throws Errno {
        long result =
                call.retrying(
                        Syscall.IOCTL,
                        fd.number(),
                        Integer.toUnsignedLong(request),
                        argument.address());
        NativeCall.check(Syscall.IOCTL, result, fd + " " + name);
    }
}
