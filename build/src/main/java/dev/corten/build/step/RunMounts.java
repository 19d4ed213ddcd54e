package dev.corten.build.step;

import dev.corten.build.cache.CacheMount;
import dev.corten.build.cache.CacheMounts;
import dev.corten.build.work.ClientFiles;
import dev.corten.build.work.StepMount;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// What one command sees beside its root, as long as it is open.
final class RunMounts implements AutoCloseable {
    private static final int SCRIPT_MODE = 0755;

    private final RunSources sources;
    private final RunOperation operation;
    private final List<Tree> inputs;
    private final List<StepMount> mounts = new ArrayList<>();
    private final List<String> variables = new ArrayList<>();

    /// What has to be given back, the last one first.
    private final Deque<Runnable> held = new ArrayDeque<>();

    RunMounts(RunSources sources, RunOperation operation, List<Tree> inputs) {
        this.sources = sources;
        this.operation = operation;
        this.inputs = inputs;
    }

    List<StepMount> mounts() {
        return mounts;
    }

    /// Those that secrets are in.
    List<String> variables() {
        return variables;
    }

    void open() throws IOException, InterruptedException {
        for (RunInput mount : operation.mounts()) {
            switch (mount) {
                case RunInput.Bind bind -> bind(bind);
                case RunInput.Cache cache -> cache(cache);
                case RunInput.Tmpfs tmpfs ->
                        mounts.add(new StepMount.Tmpfs(tmpfs.target(), tmpfs.size()));
                case RunInput.Secret secret -> secret(secret);
                case RunInput.Agent agent -> agent(agent);
            }
        }
        if (operation.script().isPresent()) {
            script(operation.script().get());
        }
    }

    private void bind(RunInput.Bind bind) throws IOException {
        Fd tree = hold(inputs.get(bind.input()).open());
        Fd source = hold(mount(bind.readOnly() ? tree : scratch(tree), bind.source()));
        mounts.add(new StepMount.Bind(bind.target(), source, bind.readOnly()));
    }

    /// What is at a path, as a mount: nothing on the way leads out of the tree.
    private static Fd mount(Fd tree, String path) throws IOException {
        String relative = path.replaceFirst("^/+", "");
        String name = relative.isEmpty() ? "." : relative;
        try (Fd found =
                FileCalls.open2(
                        tree,
                        PathBytes.of(RawText.encode(name)),
                        FileCalls.O_PATH,
                        0,
                        FileCalls.RESOLVE_IN_ROOT)) {
            return Mounts.cloneTree(found, false);
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR)) {
                throw new NotFound("\"/" + relative + "\": not found", e);
            }
            throw e;
        }
    }

    /// The same tree to be written to; what is written is lost.
    private Fd scratch(Fd tree) throws IOException {
        Path directory = Files.createTempDirectory(sources.temporary(), "bind");
        held.push(() -> delete(directory));
        Path upper = Files.createDirectory(directory.resolve("upper"));
        Path work = Files.createDirectory(directory.resolve("work"));
        try (Fd up = FileCalls.openDirectory(upper.toString());
                Fd at = FileCalls.openDirectory(work.toString())) {
            return hold(OverlayMount.writable(List.of(tree), up, at, true).assemble(0));
        }
    }

    private static void delete(Path directory) {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            Directories.deleteContents(fd).orThrow();
            Files.delete(directory);
        } catch (IOException e) {
            System.getLogger(RunMounts.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            () -> "left until the next start: " + directory,
                            e);
        }
    }

    private void cache(RunInput.Cache cache) throws IOException, InterruptedException {
        Optional<CacheMounts.Base> base = Optional.empty();
        if (cache.input() >= 0) {
            Tree tree = inputs.get(cache.input());
            base =
                    Optional.of(
                            new CacheMounts.Base(
                                    tree.content() + " " + cache.source(),
                                    () -> begin(tree, cache.source())));
        }
        CacheMount open =
                sources.caches()
                        .open(
                                new CacheMounts.Request(
                                        cache.id(),
                                        "cached mount " + cache.target(),
                                        base,
                                        cache.mode(),
                                        cache.uid(),
                                        cache.gid(),
                                        cache.sharing()));
        held.push(open::close);
        Fd source = hold(Mounts.cloneTree(open.directory(), false));
        mounts.add(new StepMount.Bind(cache.target(), source, cache.readOnly()));
    }

    private static Fd begin(Tree tree, String path) throws IOException {
        try (Fd root = tree.open()) {
            return mount(root, path);
        }
    }

    private void secret(RunInput.Secret secret) throws IOException, InterruptedException {
        Optional<byte[]> content = operation.client().secret(secret.id());
        if (content.isEmpty()) {
            if (secret.required()) {
                throw new NotFound("secret " + secret.id() + ": not found");
            }
            return;
        }
        if (!secret.variable().isEmpty()) {
            variables.add(
                    secret.variable() + "=" + new String(content.get(), StandardCharsets.UTF_8));
        }
        if (!secret.target().isEmpty()) {
            ClientFiles.Held file =
                    sources.client()
                            .secret(content.get(), secret.mode(), secret.uid(), secret.gid());
            held.push(file::close);
            mounts.add(new StepMount.Bind(secret.target(), file.source(), true));
        }
    }

    private void agent(RunInput.Agent agent) throws IOException, InterruptedException {
        Optional<dev.corten.build.work.Session.Stream> first = operation.client().agent(agent.id());
        if (first.isEmpty()) {
            if (agent.required()) {
                throw new NotFound("unset ssh forward key " + agent.id());
            }
            return;
        }
        first.get().close();
        ClientFiles.Held socket =
                sources.client()
                        .agent(
                                operation.client(),
                                agent.id(),
                                agent.mode(),
                                agent.uid(),
                                agent.gid());
        held.push(socket::close);
        mounts.add(new StepMount.Bind(agent.target(), socket.source(), true));
    }

    private void script(RunOperation.Script script) throws IOException {
        Path directory = Files.createTempDirectory(sources.temporary(), "script");
        held.push(() -> delete(directory));
        String path = directory.resolve("script").toString();
        try (Fd file =
                FileCalls.open(
                        Fd.CWD,
                        path,
                        FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL,
                        SCRIPT_MODE)) {
            FileData.writeFully(file, script.content());
            FileCalls.chmod(file, SCRIPT_MODE);
        }
        Fd source = hold(Mounts.openTree(Fd.CWD, path, Mounts.OPEN_TREE_CLONE));
        mounts.add(new StepMount.Bind(script.target(), source, true));
    }

    private Fd hold(Fd fd) {
        held.push(fd::close);
        return fd;
    }

    @Override
    public void close() {
        while (!held.isEmpty()) {
            held.pop().run();
        }
    }
}
