package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.OptionalInt;

/// Signal names and numbers of signal(7), the same on all our architectures.
public final class Signals {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGQUIT = 3;
    public static final int SIGKILL = 9;
    public static final int SIGUSR1 = 10;
    public static final int SIGUSR2 = 12;
    public static final int SIGPIPE = 13;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;
    public static final int SIGCONT = 18;
    public static final int SIGSTOP = 19;
    public static final int SIGWINCH = 28;

    /// As user space counts: the kernel's 32 and 33 belong to the C library.
    public static final int SIGRTMIN = 34;

    public static final int SIGRTMAX = 64;

    private static final String[] NAMES = {
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
        "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
        "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
    };

    /// `struct sigaction` of the kernel: handler, flags, restorer, mask, eight bytes each.
    private static final int ACTION_BYTES = 32;

    private static final int MASK_BYTES = 8;
    private static final long SIG_IGN = 1;

    private Signals() {}

    /// Gives a signal that this process ignores its default action; see sigaction(2).
    public static void ignoreNoMore(int signal) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment old = call.allocate(ACTION_BYTES);
            act(call, signal, NativeCall.NULL, old.address());
            if (old.get(JAVA_LONG, 0) == SIG_IGN) {
                act(call, signal, call.allocate(ACTION_BYTES).address(), NativeCall.NULL);
            }
        }
    }

    private static void act(NativeCall call, int signal, long action, long old) throws Errno {
        long result = call.invoke(Syscall.RT_SIGACTION, signal, action, old, MASK_BYTES);
        NativeCall.check(Syscall.RT_SIGACTION, result, Integer.toString(signal));
    }

    /// The number for `SIGTERM`, `term`, `15`, `SIGRTMIN+3`; empty for what is no signal. As
    /// Docker, it takes any positive number: the kernel refuses what it does not know.
    public static OptionalInt parse(String text) {
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        if (isNumber(text)) {
            int number = Integer.parseInt(text);
            return number == 0 ? OptionalInt.empty() : OptionalInt.of(number);
        }
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        for (int i = 1; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return OptionalInt.of(i);
            }
        }
        return switch (name) {
            case "CLD" -> OptionalInt.of(SIGCHLD);
            case "IOT" -> OptionalInt.of(6);
            case "POLL" -> OptionalInt.of(29);
            case "UNUSED" -> OptionalInt.of(31);
            case "RTMIN" -> OptionalInt.of(SIGRTMIN);
            case "RTMAX" -> OptionalInt.of(SIGRTMAX);
            default -> realTime(name);
        };
    }

    /// `RTMIN+1` to `RTMIN+15` and `RTMAX-14` to `RTMAX-1`, as `kill -l` lists them.
    private static OptionalInt realTime(String name) {
        if (name.length() < 7 || !isNumber(name.substring(6))) {
            return OptionalInt.empty();
        }
        int offset = Integer.parseInt(name.substring(6));
        if (name.startsWith("RTMIN+") && offset >= 1 && offset <= 15) {
            return OptionalInt.of(SIGRTMIN + offset);
        }
        if (name.startsWith("RTMAX-") && offset >= 1 && offset <= 14) {
            return OptionalInt.of(SIGRTMAX - offset);
        }
        return OptionalInt.empty();
    }

    private static boolean isNumber(String text) {
        if (text.isEmpty() || text.length() > 9) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /// The name with `SIG`: `SIGTERM`, `SIGRTMIN+3`; the bare number if it has none.
    public static String name(int number) {
        if (number > 0 && number < NAMES.length) {
            return "SIG" + NAMES[number];
        }
        if (number == SIGRTMIN) {
            return "SIGRTMIN";
        }
        if (number == SIGRTMAX) {
            return "SIGRTMAX";
        }
        if (number > SIGRTMIN && number <= SIGRTMIN + 15) {
            return "SIGRTMIN+" + (number - SIGRTMIN);
        }
        if (number > SIGRTMIN && number < SIGRTMAX) {
            return "SIGRTMAX-" + (SIGRTMAX - number);
        }
        return Integer.toString(number);
    }
}
