package dev.corten.engine.build.classic;

import dev.corten.build.context.Folder;
import dev.corten.build.context.Folders;
import dev.corten.engine.build.context.RemoteContext;
import dev.corten.model.Internal;
import dev.corten.model.NotFound;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;

/// The contexts of classic builds.
public final class ClassicContexts {
    private static final String DOCKERFILE = "Dockerfile";

    private static final int MAX = dev.corten.build.dockerfile.Dockerfile.MAX_BYTES;

    private final Folders folders;
    private final Remote remote;

    /// Contexts from elsewhere: repositories, archives and Dockerfiles on the web.
    @FunctionalInterface
    public interface Remote {
        /// @return its folder is to be closed
        RemoteContext open(String address) throws IOException, InterruptedException;
    }

    public ClassicContexts(Folders folders, Remote remote) {
        this.folders = folders;
        this.remote = remote;
    }

    /// The files of a build.
    ///
    /// @return its folder is to be closed
    RemoteContext open(ClassicRequest request) throws IOException, InterruptedException {
        if (!request.remote().isEmpty()) {
            try {
                return remote.open(request.remote());
            } catch (NotFound e) {
                throw new NotFound(downloading(request) + e.message(), e);
            } catch (Internal e) {
                throw new Internal(downloading(request) + e.message(), e);
            } catch (IOException e) {
                throw new Internal(downloading(request) + e.getMessage(), e);
            }
        }
        try {
            return new RemoteContext(folders.unpack(request.body()), Optional.empty());
        } catch (EOFException e) {
            throw new Internal("unexpected EOF", e);
        } catch (Internal e) {
            throw e.message().contains("is cut short") ? new Internal("unexpected EOF", e) : e;
        }
    }

    private static String downloading(ClassicRequest request) {
        return "error downloading remote context " + request.remote() + ": ";
    }

    /// Where the Dockerfile is.
    ///
    /// @param asked `""` for the usual place
    String dockerfile(Folder folder, String asked) throws IOException {
        if (asked.isEmpty()) {
            boolean upper = folder.read(DOCKERFILE, MAX).isPresent();
            String lower = DOCKERFILE.toLowerCase(java.util.Locale.ROOT);
            return !upper && folder.read(lower, MAX).isPresent() ? lower : DOCKERFILE;
        }
        var names = new ArrayDeque<String>();
        for (String name : asked.split("/", -1)) {
            if (name.equals("..")) {
                if (names.isEmpty() && !asked.startsWith("/")) {
                    throw new Internal(
                            "forbidden path outside the build context: " + asked + " ()");
                }
                names.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.addLast(name);
            }
        }
        return String.join("/", names);
    }
}
