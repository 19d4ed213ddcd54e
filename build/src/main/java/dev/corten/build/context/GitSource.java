package dev.corten.build.context;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Session;
import dev.corten.build.work.TreeSource;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a repository has at one commit.
public final class GitSource implements TreeSource {
    private static final String TOKEN = "GIT_AUTH_TOKEN";
    private static final String HEADER = "GIT_AUTH_HEADER";

    private final Folders folders;
    private final GitAddress address;
    private final boolean keepGitDirectory;
    private final Map<String, String> environment;
    private final Session client;
    private final GitAgents agents;

    /// @param keepGitDirectory whether `.git` is among the files
    /// @param environment proxies and the like
    /// @param client may have a secret `GIT_AUTH_TOKEN` or `GIT_AUTH_HEADER`
    /// @param agents for addresses of SSH
    public GitSource(
            Folders folders,
            GitAddress address,
            boolean keepGitDirectory,
            Map<String, String> environment,
            Session client,
            GitAgents agents) {
        this.folders = folders;
        this.address = address;
        this.keepGitDirectory = keepGitDirectory;
        this.environment = environment;
        this.client = client;
        this.agents = agents;
    }

    @Override
    public Folder open(Collection<String> wanted, StepOutput output)
            throws IOException, InterruptedException {
        Path directory = folders.make();
        boolean done = false;
        try {
            Folder folder = fetch(directory, output);
            done = true;
            return folder;
        } finally {
            if (!done) {
                folders.delete(directory);
            }
        }
    }

    private Folder fetch(Path directory, StepOutput output)
            throws IOException, InterruptedException {
        var variables = new HashMap<>(environment);
        authorize(variables);
        Optional<GitAgents.Agent> agent =
                address.isBySsh() ? agents.open(client) : Optional.empty();
        agent.ifPresent(it -> variables.put("SSH_AUTH_SOCK", it.path()));
        try {
            return fetch(directory, variables, output);
        } finally {
            agent.ifPresent(GitAgents.Agent::close);
        }
    }

    private Folder fetch(Path directory, Map<String, String> variables, StepOutput output)
            throws IOException, InterruptedException {
        var git = new GitCommand(directory, variables, output);
        git.run("init", "--quiet", "--template=");
        git.run("remote", "add", "origin", address.remote());
        String target = resolve(git);
        fetch(git, target);
        git.run("checkout", "--quiet", "--detach", "--force", "FETCH_HEAD");
        String commit = git.run("rev-parse", "HEAD").strip();
        if (Files.exists(
                directory.resolve(".gitmodules"), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            git.run("submodule", "update", "--quiet", "--init", "--recursive", "--depth=1");
        }
        Path root = below(directory);
        if (!keepGitDirectory) {
            Directories.deleteTree(Fd.CWD, directory.resolve(".git").toString()).orThrow();
        } else if (!address.shown().equals(address.remote())) {
            // What is kept is for everybody who gets the layer.
            git.run("remote", "set-url", "origin", address.shown());
        }
        String content = "git " + commit + "\n" + address.directory() + "\n" + keepGitDirectory;
        return new Folder(
                root,
                Digest.of(content.getBytes(StandardCharsets.UTF_8)),
                path -> Optional.empty(),
                () -> folders.delete(directory));
    }

    /// In the environment: arguments of commands are for everybody to see.
    private void authorize(Map<String, String> variables) throws IOException, InterruptedException {
        if (!address.remote().startsWith("http")) {
            return;
        }
        Optional<byte[]> header = client.secret(HEADER);
        Optional<byte[]> token = header.isPresent() ? Optional.empty() : client.secret(TOKEN);
        if (header.isEmpty() && token.isEmpty()) {
            return;
        }
        String value =
                header.isPresent()
                        ? new String(header.get(), StandardCharsets.UTF_8).strip()
                        : "basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                ("x-access-token:"
                                                                + new String(
                                                                                token.orElseThrow(),
                                                                                StandardCharsets
                                                                                        .UTF_8)
                                                                        .strip())
                                                        .getBytes(StandardCharsets.UTF_8));
        // For this server only: submodules may lie elsewhere.
        int path = address.remote().indexOf('/', address.remote().indexOf("://") + 3);
        String server = path < 0 ? address.remote() : address.remote().substring(0, path + 1);
        variables.put("GIT_CONFIG_COUNT", "1");
        variables.put("GIT_CONFIG_KEY_0", "http." + server + ".extraheader");
        variables.put("GIT_CONFIG_VALUE_0", "Authorization: " + value);
    }

    /// @return what is to be fetched
    private String resolve(GitCommand git) throws IOException, InterruptedException {
        if (address.namesCommit()) {
            return address.ref();
        }
        if (address.ref().isEmpty()) {
            try {
                git.run("ls-remote", "--symref", "--", "origin", "HEAD");
            } catch (GitCommand.Failed e) {
                throw new Internal(
                        "error fetching default branch for repository "
                                + address.shown()
                                + ": "
                                + e.message(),
                        e);
            }
            return "HEAD";
        }
        String found;
        try {
            found = git.run("ls-remote", "--", "origin", address.ref(), address.ref() + "^{}");
        } catch (GitCommand.Failed e) {
            throw new Internal("failed to fetch remote " + address.shown() + ": " + e.message(), e);
        }
        for (String wanted :
                new String[] {
                    address.ref(), "refs/tags/" + address.ref(), "refs/heads/" + address.ref()
                }) {
            for (String line : found.lines().toList()) {
                if (line.endsWith("\t" + wanted)) {
                    return wanted;
                }
            }
        }
        throw new Internal(
                "repository does not contain ref "
                        + address.ref()
                        + ", output: \""
                        + found.replace("\n", "\\n").replace("\t", "\\t")
                        + "\"");
    }

    private void fetch(GitCommand git, String target) throws IOException, InterruptedException {
        String[] shallow = {
            "fetch",
            "--quiet",
            "--depth=1",
            "--no-tags",
            "--no-recurse-submodules",
            "--",
            "origin",
            target
        };
        try {
            git.run(shallow);
            return;
        } catch (GitCommand.Failed e) {
            // Servers without programs know no depth, and some give no commits by their IDs.
            boolean known =
                    e.message().contains("does not support shallow")
                            || e.message().contains("does not support --depth")
                            || address.namesCommit();
            if (!known) {
                throw failed(e);
            }
        }
        try {
            if (address.namesCommit()) {
                git.run(
                        "fetch",
                        "--quiet",
                        "--tags",
                        "--no-recurse-submodules",
                        "--",
                        "origin",
                        "+refs/heads/*:refs/remotes/origin/*");
                Files.writeString(
                        Path.of(git.run("rev-parse", "--absolute-git-dir").strip(), "FETCH_HEAD"),
                        git.run("rev-parse", "--verify", target + "^{commit}"));
            } else {
                git.run(
                        "fetch",
                        "--quiet",
                        "--no-tags",
                        "--no-recurse-submodules",
                        "--",
                        "origin",
                        target);
            }
        } catch (GitCommand.Failed e) {
            throw failed(e);
        }
    }

    private Internal failed(GitCommand.Failed e) {
        return new Internal("failed to fetch remote " + address.shown() + ": " + e.message(), e);
    }

    /// The directory that is asked for; links in the repository lead to nothing outside of it.
    private Path below(Path checkout) throws IOException {
        String wanted = address.directory();
        if (PathBytes.of(wanted).components().isEmpty()) {
            return checkout;
        }
        try (Fd root = FileCalls.openDirectory(checkout.toString());
                Fd directory =
                        FileCalls.open2(
                                root,
                                wanted,
                                FileCalls.O_RDONLY,
                                0,
                                FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS)) {
            Stat stat = FileCalls.stat(directory);
            if (!stat.isDirectory()) {
                throw new Internal("invalid subdir " + shown(wanted) + ": not a directory");
            }
            return Path.of(FileCalls.readlink(Fd.CWD, directory.procPath()).toString());
        } catch (Errno e) {
            if (!e.isAny(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP)) {
                throw e;
            }
            throw new Internal(
                    "invalid subdir "
                            + shown(wanted)
                            + ": failed to lstat \""
                            + wanted
                            + "\": statat "
                            + wanted
                            + ": "
                            + Errno.describe(e.number()),
                    e);
        }
    }

    private static String shown(String directory) {
        return directory.startsWith("/") ? directory : "/" + directory;
    }
}
