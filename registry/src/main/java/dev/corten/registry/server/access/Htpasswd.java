package dev.corten.registry.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Headers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/// Names and passwords of a file of `htpasswd -B`: whoever is in it may do everything. The file is
/// read again when it has changed.
///
/// A bcrypt takes tens of milliseconds on purpose, and clients send their password with each
/// request: who has been found right is remembered, as a salted hash that only this process can
/// make, until the file changes.
public final class Htpasswd implements AccessControl {
    private static final Logger LOG = System.getLogger(Htpasswd.class.getName());
    private static final int MAX_REMEMBERED = 10_000;

    /// So that those who guess passwords leave processors to the others.
    private static final int AT_ONCE = 2;

    /// Compared with when the name is unknown, with the cost that the file's hashes have: the answer
    /// takes as long as for a known one. The password is not to be guessed from it, as the result is
    /// thrown away.
    private static final String NOBODY = "$abcdefghijklmnopqrstuuCS2.ADyWZpx2ERxK0Ab0Cd0Ef0Gh0I2";

    private static final Pattern COST = Pattern.compile("\\$2[abxy]?\\$(\\d\\d)\\$.*");
    private static final int USUAL_COST = 5;
    private static final int MAX_COST = 31;

    private final String realm;
    private final Path file;
    private final byte[] salt = new byte[16];
    private final Semaphore turns = new Semaphore(AT_ONCE);
    private volatile @Nullable Users users;

    /// What the file said when it was read.
    private record Users(
            FileTime modified,
            long size,
            @Nullable Object key,
            Map<String, String> hashes,
            String nobody,
            Map<String, byte[]> remembered) {}

    /// @throws IOException if the file cannot be read
    public Htpasswd(String realm, Path file) throws IOException {
        this.realm = realm;
        this.file = file;
        new SecureRandom().nextBytes(salt);
        users();
    }

    @Override
    public String admit(Headers request, List<Permission> needed) throws Challenge, IOException {
        Credentials shown =
                Credentials.of(request).orElseThrow(() -> challenge("no basic auth credentials"));
        Users now = users();
        byte[] proof = proof(shown);
        byte[] known = now.remembered().get(shown.user());
        if (known != null && MessageDigest.isEqual(known, proof)) {
            return shown.user();
        }
        String hash = now.hashes().get(shown.user());
        if (!matches(hash == null ? now.nobody() : hash, shown.password()) || hash == null) {
            throw challenge("authentication failure");
        }
        if (now.remembered().size() < MAX_REMEMBERED) {
            now.remembered().put(shown.user(), proof);
        }
        return shown.user();
    }

    private boolean matches(String hash, String password) throws IOException {
        if (password.isEmpty()) {
            return false;
        }
        try {
            turns.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a password was checked");
        }
        try {
            return OpenBSDBCrypt.checkPassword(hash, password.getBytes(UTF_8));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, () -> "a password in " + file + " is no bcrypt: " + e);
            return false;
        } finally {
            turns.release();
        }
    }

    private Challenge challenge(String why) {
        return new Challenge("Basic realm=\"" + realm.replace("\"", "\\\"") + "\"", why);
    }

    private byte[] proof(Credentials shown) {
        MessageDigest hash = dev.corten.model.Digest.newHash();
        hash.update(salt);
        hash.update(shown.user().getBytes(UTF_8));
        hash.update((byte) 0);
        return hash.digest(shown.password().getBytes(UTF_8));
    }

    private Users users() throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        Users known = users;
        if (known != null
                && known.modified().equals(attributes.lastModifiedTime())
                && known.size() == attributes.size()
                && java.util.Objects.equals(known.key(), attributes.fileKey())) {
            return known;
        }
        Map<String, String> hashes = Map.copyOf(read());
        var fresh =
                new Users(
                        attributes.lastModifiedTime(),
                        attributes.size(),
                        attributes.fileKey(),
                        hashes,
                        "$2y$%02d".formatted(cost(hashes.values())) + NOBODY,
                        new ConcurrentHashMap<>());
        users = fresh;
        return fresh;
    }

    /// The highest that is used.
    private static int cost(Collection<String> hashes) {
        return hashes.stream()
                .map(COST::matcher)
                .filter(Matcher::matches)
                .mapToInt(cost -> Integer.parseInt(cost.group(1)))
                .filter(cost -> cost <= MAX_COST)
                .max()
                .orElse(USUAL_COST);
    }

    private Map<String, String> read() throws IOException {
        var hashes = new LinkedHashMap<String, String>();
        int number = 0;
        for (String line : Files.readAllLines(file, UTF_8)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            int colon = text.indexOf(':');
            if (colon <= 0) {
                throw new IOException("htpasswd: invalid entry at line " + number + " of " + file);
            }
            hashes.put(text.substring(0, colon), text.substring(colon + 1));
        }
        return hashes;
    }

    /// What a client sends in `Authorization: Basic`.
    private record Credentials(String user, String password) {
        static Optional<Credentials> of(Headers request) {
            String value = request.first("Authorization");
            if (value == null || !value.regionMatches(true, 0, "Basic ", 0, 6)) {
                return Optional.empty();
            }
            try {
                String text =
                        new String(Base64.getDecoder().decode(value.substring(6).strip()), UTF_8);
                int colon = text.indexOf(':');
                return colon < 0
                        ? Optional.empty()
                        : Optional.of(
                                new Credentials(
                                        text.substring(0, colon), text.substring(colon + 1)));
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        }
    }
}
