package dev.corten.cli.context;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarReader;
import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.setup.ContextStore;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// `context import`, of a tar or a zip. Nothing but the files of a context is taken out of it.
public final class ImportContext implements Command {
    private static final String TLS = "tls/";
    private static final int BYTES_MAX = 10 << 20;
    private static final byte[] ZIP = {'P', 'K', 3, 4};

    /// The files of a context by their path in the archive.
    private final TreeMap<String, byte[]> files = new TreeMap<>();

    private long total;

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String name = invocation.arguments().getFirst();
        String source = invocation.arguments().getLast();
        ContextStore.checkName(name);
        ContextStore store = invocation.setup().contexts();
        if (store.exists(name)) {
            throw new Failure("context \"" + name + "\" already exists");
        }
        if (source.equals("-")) {
            read(invocation.console().in());
        } else {
            try (var file = new FileInputStream(source)) {
                read(file);
            } catch (FileNotFoundException e) {
                throw new Failure("open " + source + ": " + LocalFiles.reason(e));
            }
        }
        save(store, name);
        invocation.out().line(name).flush();
        invocation.warn("Successfully imported context \"" + name + "\"");
        return 0;
    }

    private void read(InputStream source) throws IOException {
        var in = new BufferedInputStream(source);
        in.mark(ZIP.length);
        byte[] head = in.readNBytes(ZIP.length);
        in.reset();
        if (java.util.Arrays.equals(head, ZIP)) {
            readZip(in);
        } else {
            readTar(in);
        }
    }

    private void readZip(InputStream in) throws IOException {
        var zip = new ZipInputStream(in);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (!entry.isDirectory()) {
                take(entry.getName(), zip);
            }
        }
    }

    private void readTar(InputStream in) throws IOException {
        var tar = new TarReader(in, TarReader.End.MARKED);
        for (Optional<TarEntry> next = tar.next(); next.isPresent(); next = tar.next()) {
            if (next.get().kind() == TarEntry.Kind.FILE) {
                take(next.get().name().toString(), tar.data());
            }
        }
    }

    private void take(String path, InputStream data) throws IOException {
        boolean known = path.equals(ContextStore.META);
        String[] parts = path.split("/", -1);
        known |= path.startsWith(TLS) && parts.length == 3 && isPlain(parts[1], parts[2]);
        if (!known) {
            throw new Failure("unexpected context file: " + path);
        }
        byte[] content = data.readNBytes(BYTES_MAX + 1);
        total += content.length;
        if (total > BYTES_MAX) {
            throw new Failure("read exceeds the defined limit");
        }
        files.put(path, content);
    }

    private static boolean isPlain(String... names) {
        for (String name : names) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private void save(ContextStore store, String name) throws IOException {
        byte[] meta = files.remove(ContextStore.META);
        if (meta == null) {
            throw new Failure("invalid context: no metadata found");
        }
        var document = new LinkedHashMap<>(Json.parse(meta).members());
        document.put("Name", Json.string(name));
        var tls = new TreeMap<String, byte[]>();
        String folder = TLS + ContextStore.ENDPOINT + "/";
        for (var file : files.entrySet()) {
            if (file.getKey().startsWith(folder)) {
                tls.put(file.getKey().substring(folder.length()), file.getValue());
            }
        }
        store.put(name, new JsonWriter(true).value(Json.object(document)), tls);
    }
}
