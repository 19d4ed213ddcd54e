package dev.corten.engine.build.context;

import dev.corten.build.context.Folder;
import dev.corten.build.context.Folders;
import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.image.WebSources;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.registry.client.Download;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One file of the web: a tree with nothing else in it.
public final class HttpSource implements TreeSource {
    private static final int BUFFER = 128 << 10;
    private static final int NOT_MODIFIED = 304;
    private static final Duration SETTLED = Duration.ofMinutes(1);

    /// What is kept, until the server has said whether it is still right. No address ends so.
    private static final String BEFORE = ".before\n";

    private static final long TOLD_EACH = 1 << 20;
    private static final Pattern FILE_NAME =
            Pattern.compile("(?i)(?:^|;)\\s*filename\\s*=\\s*(?:\"([^\"]*)\"|([^;\\s]+))");
    private static final int NEW =
            FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL | FileCalls.O_NOFOLLOW;

    private final Folders folders;
    private final WebSources web;
    private final KeptDownloads kept;
    private final String address;
    private final String checksum;
    private final Optional<String> givenName;

    /// @param checksum what the file has to have, as `sha256:…`; `""` for any
    /// @param givenName of the file; empty for the one that the server or the address says
    HttpSource(
            Folders folders,
            WebSources web,
            KeptDownloads kept,
            String address,
            String checksum,
            Optional<String> givenName) {
        this.folders = folders;
        this.web = web;
        this.kept = kept;
        this.address = address;
        this.checksum = checksum;
        this.givenName = givenName;
    }

    @Override
    public Folder open(Collection<String> wanted, StepOutput output)
            throws IOException, InterruptedException {
        URI uri = WebSources.address(address);
        Path directory = folders.make();
        boolean done = false;
        try {
            Folder folder = open(uri, directory, output);
            done = true;
            return folder;
        } finally {
            if (!done) {
                folders.delete(directory);
            }
        }
    }

    private Folder open(URI uri, Path directory, StepOutput output)
            throws IOException, InterruptedException {
        Path before = directory.resolve(BEFORE);
        Optional<KeptDownloads.Known> known = kept.take(key(), before);
        var asked = new HashMap<String, String>();
        known.ifPresent(it -> asked.putAll(it.conditions()));
        // Bytes as they are: what the server would compress on the way is another file.
        asked.put("Accept-Encoding", "identity");
        try (Download answer = web.ask(uri, asked)) {
            if (known.isPresent() && answer.status() == NOT_MODIFIED) {
                check(known.get().digest());
                try (Fd root = FileCalls.openDirectory(directory.toString())) {
                    FileCalls.rename(root, BEFORE, root, known.get().name(), 0);
                }
                return folder(directory, known.get().digest(), known.get().name());
            }
            if (answer.status() < 200 || answer.status() >= 300) {
                throw new Internal("invalid response status " + answer.status());
            }
            Files.deleteIfExists(before);
            return receive(answer, directory, output);
        }
    }

    /// What the server decides, it decides for this address; the name is part of what was kept.
    private String key() {
        return address + "\0" + givenName.orElse("");
    }

    private void check(Digest digest) {
        if (!checksum.isEmpty() && !checksum.equals(digest.toString())) {
            throw new InvalidParameter("digest mismatch " + digest + ": " + checksum);
        }
    }

    private Folder receive(Download answer, Path directory, StepOutput output) throws IOException {
        Map<String, String> headers = answer.headers();
        String name =
                givenName.orElseGet(() ->
                        name(answer.address(), headers.getOrDefault("content-disposition", "")));
        Instant modified = time(headers.getOrDefault("last-modified", "")).orElse(Instant.EPOCH);
        boolean secret = headers.getOrDefault("cache-control", "").contains("no-store");
        try (Fd root = FileCalls.openDirectory(directory.toString());
                Fd file = FileCalls.open(root, name, NEW, 0600)) {
            Digest digest = copy(answer, file, output);
            check(digest);
            FileCalls.chmod(file, 0600);
            long seconds = modified.getEpochSecond();
            FileCalls.times(file, seconds, 0, seconds, 0);
            var known =
                    new KeptDownloads.Known(
                            digest, name, headers.getOrDefault("etag", ""), reliable(headers));
            if (!known.conditions().isEmpty() && !secret) {
                kept.keep(key(), root, known);
            }
            return folder(directory, digest, name);
        }
    }

    /// The time of the last change, if it tells one state from another (RFC 9110, 8.8.2.2): the file
    /// may have changed twice in the second in which it was fetched.
    static String reliable(Map<String, String> headers) {
        String text = headers.getOrDefault("last-modified", "");
        Optional<Instant> modified = time(text);
        Optional<Instant> now = time(headers.getOrDefault("date", ""));
        boolean old =
                modified.isPresent()
                        && now.isPresent()
                        && modified.get().plus(SETTLED).isBefore(now.get());
        return old ? text : "";
    }

    private Folder folder(Path directory, Digest digest, String name) {
        Digest content =
                Digest.of(("http " + digest + " " + name).getBytes(StandardCharsets.UTF_8));
        PathBytes path = PathBytes.of(name);
        return new Folder(
                directory,
                content,
                asked -> asked.equals(path) ? Optional.of(digest) : Optional.empty(),
                () -> folders.delete(directory));
    }

    private Digest copy(Download answer, Fd file, StepOutput output) throws IOException {
        long limit = folders.limit();
        long total = Math.max(0, answer.length());
        String part = "downloading";
        MessageDigest hash = Digest.newHash();
        byte[] buffer = new byte[BUFFER];
        long bytes = 0;
        long told = 0;
        InputStream in = answer.in();
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
            bytes += got;
            if (bytes > limit) {
                throw new InvalidParameter(
                        address + " is larger than max-layer-size, " + limit + " bytes");
            }
            hash.update(buffer, 0, got);
            FileData.writeFully(file, buffer, 0, got);
            if (bytes - told >= TOLD_EACH) {
                told = bytes;
                output.progress(part, bytes, total, false);
            }
        }
        if (answer.length() >= 0 && bytes != answer.length()) {
            throw new Internal(address + " broke off after " + bytes + " bytes");
        }
        if (told > 0) {
            output.progress(part, bytes, total, true);
        }
        return Digest.finish(hash);
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    /// What the file is called: as the server says, else the last part of the address.
    static String name(URI address, String disposition) {
        Matcher said = FILE_NAME.matcher(disposition);
        if (said.find()) {
            String name = base(said.group(1) == null ? said.group(2) : said.group(1));
            if (!name.isEmpty()) {
                return name;
            }
        }
        String path = address.getPath();
        String name = path == null || path.endsWith("/") ? "" : base(path);
        return name.isEmpty() ? "download" : name;
    }

    /// @return `""` if it cannot be the name of a file
    private static String base(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean usable =
                !name.isEmpty()
                        && !name.equals(".")
                        && !name.equals("..")
                        && name.indexOf('\0') < 0
                        && name.getBytes(StandardCharsets.UTF_8).length <= 255;
        return usable ? name : "";
    }
}
