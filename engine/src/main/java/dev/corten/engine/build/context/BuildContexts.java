package dev.corten.engine.build.context;

import dev.corten.build.context.ClientDirectory;
import dev.corten.build.context.Folders;
import dev.corten.build.context.SyncedDirectories;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.image.WebSources;
import dev.corten.model.NotImplemented;
import dev.corten.store.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Where the files of builds come from.
public final class BuildContexts {
    private final Folders folders;
    private final SyncedDirectories directories;

    /// @param data the data root
    /// @param limit of one context, in bytes
    public BuildContexts(Path data, Durable durable, LongSupplier limit, WebSources web) {
        this.folders = new Folders(data.resolve("tmp"), limit);
        this.directories = new SyncedDirectories(data.resolve("builder/contexts"), durable, limit);
    }

    /// Folders for one build each.
    public Folders folders() {
        return folders;
    }

    /// The copies of clients' directories.
    public SyncedDirectories directories() {
        return directories;
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

    /// A repository, an archive or a Dockerfile on the web, fetched at once.
    ///
    /// @return its folder is to be closed
    public RemoteContext fetch(String address) throws IOException, InterruptedException {
        throw new NotImplemented("contexts of git and http are not supported yet: " + address);
    }

    /// A repository.
    public TreeSource repository(String address) {
        throw new NotImplemented("contexts of git are not supported yet: " + address);
    }

    /// An archive on the web.
    public TreeSource archive(String address) {
        throw new NotImplemented("contexts of http are not supported yet: " + address);
    }
}
