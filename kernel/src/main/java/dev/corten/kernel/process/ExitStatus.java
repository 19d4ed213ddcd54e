package dev.corten.kernel.process;

/// How a process ended.
///
/// @param code what it gave to exit(2), 0 if a signal ended it
/// @param signal what ended it, 0 if it exited
public record ExitStatus(int code, int signal, boolean coreDumped) {
    /// As shells and Docker count: 128 + signal.
    public int shellCode() {
        return signal == 0 ? code : 128 + signal;
    }
}
