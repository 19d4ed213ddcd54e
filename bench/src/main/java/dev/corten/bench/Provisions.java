package dev.corten.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// What engines pull from, push to and load: made when it is first asked for, and the registries ended
/// at the end. What fills them stays for the next run.
final class Provisions implements ImageGroups.Images, AutoCloseable {
    private final Path program;
    private final Path scratch;
    private final boolean quick;
    private final Archives archives;
    private final Set<String> filled = new HashSet<>();
    private Optional<LocalRegistry> source = Optional.empty();
    private Optional<LocalRegistry> target = Optional.empty();

    /// @param program Debian's registry
    Provisions(Path program, Path scratch, boolean quick, Archives archives) {
        this.program = program;
        this.scratch = scratch;
        this.quick = quick;
        this.archives = archives;
    }

    @Override
    public LocalRegistry source(String image) throws IOException, InterruptedException {
        if (source.isEmpty()) {
            Path folder = scratch.resolve("registry-source" + (quick ? "-quick" : ""));
            source = Optional.of(new LocalRegistry("source", program, folder));
        }
        if (filled.add(image)) {
            new RegistryContents(scratch.resolve("images"), quick).ensure(source.get(), image);
        }
        return source.get();
    }

    @Override
    public LocalRegistry target() throws IOException, InterruptedException {
        if (target.isEmpty()) {
            target =
                    Optional.of(
                            new LocalRegistry(
                                    "target", program, scratch.resolve("registry-target")));
        }
        return target.get();
    }

    @Override
    public void big(Engine engine) throws IOException, InterruptedException {
        if (!engine.has("big:latest")) {
            engine.timed("load", "-q", "-i", archives.big().toString());
        }
    }

    @Override
    public void close() throws IOException {
        if (source.isPresent()) {
            source.get().close();
        }
        if (target.isPresent()) {
            target.get().close();
        }
    }
}
