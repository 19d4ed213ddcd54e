package dev.corten.engine.build.context;

import dev.corten.archive.Compression;
import dev.corten.archive.TarReader;
import dev.corten.build.context.ClientDirectory;
import dev.corten.build.context.Folder;
import dev.corten.build.context.Folders;
import dev.corten.build.context.GitAddress;
import dev.corten.build.context.GitSource;
import dev.corten.build.context.SyncedDirectories;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.graph.Remote;
import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Session;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.step.AgentSockets;
import dev.corten.engine.image.WebSources;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.InvalidParameter;
import dev.corten.registry.client.Proxies;
import dev.corten.store.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Where the files of builds come from.
public final class BuildContexts {
    private static final String DOWNLOADED = "context";

    private final Folders folders;
    private final SyncedDirectories directories;
    private final KeptDownloads downloads;
    private final WebSources web;
    private final ClientAgents agents;

    /// @param data the data root
    /// @param limit of one context, in bytes
    public BuildContexts(
            Path data,
            Durable durable,
            LongSupplier limit,
            WebSources web,
            AgentSockets agents,
            Clock clock)
            throws IOException {
        this.folders = new Folders(data.resolve("tmp"), limit);
        this.directories = new SyncedDirectories(data.resolve("builder/contexts"), durable, limit);
        this.downloads =
                new KeptDownloads(
                        data.resolve("builder/downloads"),
                        durable,
                        ProcessIdentity.currentBootId(),
                        clock);
        this.web = web;
        this.agents = new ClientAgents(agents);
    }

    /// Folders for one build each.
    public Folders folders() {
        return folders;
    }

    /// The copies of clients' directories.
    public SyncedDirectories directories() {
        return directories;
    }

    /// The files of the web that are kept.
    public KeptDownloads downloads() {
        return downloads;
    }

    /// A directory of a client.
    ///
    /// @param key the same for the same directory of the same client
    public TreeSource directory(String key, ClientDirectory client) {
        return directories.source(key, client);
    }

    /// A context that a client sends as an archive.
    ///
    /// @return its folder is to be closed
    public RemoteContext received(InputStream tar) throws IOException, InterruptedException {
        return new RemoteContext(folders.unpack(tar), Optional.empty());
    }

    /// Like [#fetch(String, Session, StepOutput)], for nobody who listens or has secrets.
    public RemoteContext fetch(String address) throws IOException, InterruptedException {
        return fetch(address, Session.NONE, (stream, bytes) -> {});
    }

    /// A repository, an archive or a Dockerfile on the web, fetched at once.
    ///
    /// @return its folder is to be closed
    public RemoteContext fetch(String address, Session client, StepOutput output)
            throws IOException, InterruptedException {
        Optional<GitAddress> git = GitAddress.parse(address);
        if (git.isPresent()) {
            return new RemoteContext(
                    source(git.get(), false, client).open(List.of(), output), Optional.empty());
        }
        if (!isWeb(address)) {
            throw new InvalidParameter("invalid build context: " + address);
        }
        var file = new HttpSource(folders, web, downloads, address, "", Optional.of(DOWNLOADED));
        try (Folder downloaded = file.open(List.of(), output);
                Fd root = downloaded.open();
                Fd fd = FileCalls.open(root, DOWNLOADED, FileCalls.O_RDONLY)) {
            byte[] head = new byte[512];
            int length = FileData.pread(fd, head, 0, head.length, 0);
            boolean archive =
                    Compression.detect(head, length) != Compression.NONE
                            || TarReader.canBegin(head, length);
            if (archive) {
                try (InputStream tar = FileData.inputStream(fd.duplicate())) {
                    return received(tar);
                }
            }
            byte[] text = downloaded.read(DOWNLOADED, Dockerfile.MAX_BYTES).orElse(new byte[0]);
            return new RemoteContext(folders.none(), Optional.of(text));
        }
    }

    /// A repository.
    public TreeSource repository(String address, Session client) {
        GitAddress git =
                GitAddress.parse(address)
                        .orElseThrow(() -> new InvalidParameter("invalid git address: " + address));
        return source(git, false, client);
    }

    /// A file on the web.
    public TreeSource download(String address) {
        return new HttpSource(folders, web, downloads, address, "", Optional.empty());
    }

    private GitSource source(GitAddress address, boolean keepGitDirectory, Session client) {
        return new GitSource(folders, address, keepGitDirectory, proxies(), client, agents);
    }

    private Map<String, String> proxies() {
        Proxies proxies = web.proxies();
        var variables = new HashMap<String, String>();
        variables.put("http_proxy", proxies.http());
        variables.put("https_proxy", proxies.https());
        variables.put("no_proxy", proxies.none());
        variables.values().removeIf(String::isEmpty);
        return variables;
    }

    private static boolean isWeb(String address) {
        return address.startsWith("http://") || address.startsWith("https://");
    }

    /// What `ADD` fetches.
    public Remote remote(Session client) {
        return (address, checksum, keepGitDirectory) -> {
            Optional<GitAddress> git =
                    address.startsWith("github.com/")
                            ? Optional.empty() // may be a directory of the context
                            : GitAddress.parse(address);
            if (git.isPresent()) {
                return Optional.of(
                        new Remote.Found(source(git.get(), keepGitDirectory, client), true));
            }
            return isWeb(address)
                    ? Optional.of(
                            new Remote.Found(
                                    new HttpSource(
                                            folders,
                                            web,
                                            downloads,
                                            address,
                                            checksum,
                                            Optional.empty()),
                                    false))
                    : Optional.empty();
        };
    }
}
