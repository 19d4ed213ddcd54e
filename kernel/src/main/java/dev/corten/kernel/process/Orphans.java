package dev.corten.kernel.process;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;

/// Who becomes the parent of processes whose own has ended.
public final class Orphans {
    private static final int PR_SET_CHILD_SUBREAPER = 36;

    private Orphans() {}

    /// From now on this process is the new parent of those below it, so that it can wait for them.
    public static void adopt() throws Errno {
        long result = NativeCall.direct(Syscall.PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0, 0);
        NativeCall.check(Syscall.PRCTL, result, "PR_SET_CHILD_SUBREAPER");
    }
}
