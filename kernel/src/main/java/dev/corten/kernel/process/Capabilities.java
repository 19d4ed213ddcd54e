package dev.corten.kernel.process;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What this process may do: sets as bit masks, see `dev.corten.model.oci.Capability`.
public final class Capabilities {
    private Capabilities() {}

    /// The set that this process can ever give to others.
    public static long bounding() throws IOException {
        return status("CapBnd:");
    }

    /// The set that this process has now.
    public static long effective() throws IOException {
        return status("CapEff:");
    }

    private static long status(String key) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, "/proc/self/status", 1 << 16);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(key);
        if (at < 0) {
            throw new IOException("/proc/self/status has no " + key);
        }
        int end = text.indexOf('\n', at);
        return Long.parseUnsignedLong(text.substring(at + key.length(), end).strip(), 16);
    }
}
