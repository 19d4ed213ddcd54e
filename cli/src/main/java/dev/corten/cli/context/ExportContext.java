package dev.corten.cli.context;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.StoredContext;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/// `context export`: a tar of the context's files.
public final class ExportContext implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String name = invocation.arguments().getFirst();
        ContextStore.checkName(name);
        String target =
                invocation.arguments().size() == 2
                        ? invocation.arguments().getLast()
                        : name + ".dockercontext";
        StoredContext context = invocation.setup().contexts().get(name);
        if (target.equals("-")) {
            if (invocation.console().isOutTerminal()) {
                throw new Failure("cowardly refusing to export to a terminal, specify a file path");
            }
            write(context, invocation.console().out());
            return 0;
        }
        try (OutputStream file = create(Path.of(target))) {
            write(context, file);
        } catch (FileAlreadyExistsException e) {
            throw new Failure("open " + target + ": file exists");
        }
        invocation.warn("Written file \"" + target + "\"");
        return 0;
    }

    /// With keys in it, so for nobody else to read.
    private static OutputStream create(Path file) throws IOException {
        return java.nio.channels.Channels.newOutputStream(
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------"))));
    }

    private static void write(StoredContext context, OutputStream target) throws IOException {
        var buffer = new BufferedOutputStream(target);
        var tar = new TarWriter(buffer);
        byte[] meta = new dev.corten.client.JsonWriter(true).value(context.meta()).toBytes();
        tar.add(TarEntry.file(ContextStore.META, 0644, meta.length), meta);
        Map<String, byte[]> files = context.tls();
        if (!files.isEmpty()) {
            tar.add(TarEntry.directory("tls", 0700));
            tar.add(TarEntry.directory("tls/" + ContextStore.ENDPOINT, 0700));
            for (var file : files.entrySet()) {
                String path = "tls/" + ContextStore.ENDPOINT + "/" + file.getKey();
                tar.add(TarEntry.file(path, 0600, file.getValue().length), file.getValue());
            }
        }
        tar.finish();
        buffer.flush();
    }
}
