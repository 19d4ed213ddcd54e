package dev.corten.cli.build.context;

import dev.corten.cli.build.session.Channel;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.regex.Pattern;

/// A directory of this machine with an OCI image layout, of which nothing but the layout is given.
public final class LayoutFiles {
    private static final int BUFFER = 256 << 10;
    private static final Pattern GIVEN = Pattern.compile("index\\.json|blobs/sha256/[0-9a-f]{64}");

    private final String path;

    /// @param path of the directory
    public LayoutFiles(String path) {
        this.path = path;
    }

    /// Sends the bytes of a file.
    ///
    /// @param name `index.json` or `blobs/sha256/…`
    public void send(String name, Channel channel) throws IOException {
        if (!GIVEN.matcher(name).matches()) {
            throw new IOException("not a file of an OCI image layout: " + name);
        }
        try (Fd root = FileCalls.openDirectory(path);
                Fd file =
                        FileCalls.open2(
                                root,
                                PathBytes.of(name),
                                FileCalls.O_RDONLY | FileCalls.O_NONBLOCK,
                                0,
                                FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_MAGICLINKS)) {
            if (!FileCalls.stat(file).isRegular()) {
                throw new IOException(path + "/" + name + " is no file");
            }
            var buffer = new byte[BUFFER];
            for (int count = FileData.read(file, buffer, 0, BUFFER);
                    count > 0;
                    count = FileData.read(file, buffer, 0, BUFFER)) {
                channel.write(buffer, 0, count);
            }
        } catch (Errno e) {
            throw new IOException(
                    "open " + path + "/" + name + ": " + Errno.describe(e.number()), e);
        }
    }
}
