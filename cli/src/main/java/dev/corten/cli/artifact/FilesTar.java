package dev.corten.cli.artifact;

import dev.corten.archive.ExactInput;
import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.LocalFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Files as a tar archive that is made while it is read: each under its name, without directories.
final class FilesTar extends InputStream {
    /// A part of the archive, opened when it is its turn.
    private interface Part {
        InputStream open() throws IOException;
    }

    private final List<Part> parts = new ArrayList<>();
    private InputStream now = InputStream.nullInputStream();
    private int next;

    /// @throws Failure if one is no file that can be read, before anything is sent
    FilesTar(List<String> files) throws IOException {
        for (String file : files) {
            add(file);
        }
        var end = new ByteArrayOutputStream();
        new TarWriter(end).finish();
        parts.add(() -> new ByteArrayInputStream(end.toByteArray()));
    }

    private void add(String file) throws IOException {
        Path path = Path.of(file);
        if (Files.isDirectory(path)) {
            throw new Failure("read " + file + ": is a directory");
        }
        open(file).close();
        if (!Files.isRegularFile(path)) {
            throw new Failure("read " + file + ": is no regular file");
        }
        Path name = path.toAbsolutePath().normalize().getFileName();
        long size = Files.size(path);
        var header = new ByteArrayOutputStream();
        new TarWriter(header).begin(TarEntry.file(String.valueOf(name), 0644, size));
        parts.add(() -> new ByteArrayInputStream(header.toByteArray()));
        parts.add(() -> new ExactInput(open(file), size, ExactInput.Shortfall.FAILS));
        parts.add(() -> new ByteArrayInputStream(new byte[(int) (-size & (TarWriter.BLOCK - 1))]));
    }

    private static InputStream open(String file) throws IOException {
        try {
            return new FileInputStream(file);
        } catch (FileNotFoundException e) {
            throw new Failure("open " + file + ": " + LocalFiles.reason(e));
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (true) {
            int count = now.read(target, offset, length);
            if (count >= 0) {
                return count;
            }
            now.close();
            if (next == parts.size()) {
                return -1;
            }
            now = parts.get(next).open();
            next++;
        }
    }

    @Override
    public void close() throws IOException {
        now.close();
    }
}
