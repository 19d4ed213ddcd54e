package dev.corten.kernel.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.RawText;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/// execve(2).
public final class Execution {
    private Execution() {}

    /// Turns this process into another program. Returns only if that fails.
    ///
    /// @param program its path
    /// @param arguments with the name of the program first, in the form of [RawText]
    /// @param environment in the form of [RawText]
    /// @return why it failed
    public static Errno become(
            String program, List<String> arguments, Map<String, String> environment) {
        List<String> variables =
                environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.EXECVE,
                            call.path(program),
                            strings(call, arguments),
                            strings(call, variables));
            return NativeCall.failure(Syscall.EXECVE, result, program);
        }
    }

    /// A list of addresses with NULL at its end.
    private static long strings(NativeCall call, List<String> texts) {
        MemorySegment list = call.allocate(8L * (texts.size() + 1));
        for (int i = 0; i < texts.size(); i++) {
            list.set(JAVA_LONG, 8L * i, call.cString(RawText.encode(texts.get(i))));
        }
        return list.address();
    }
}
