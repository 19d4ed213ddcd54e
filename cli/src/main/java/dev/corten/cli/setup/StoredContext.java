package dev.corten.cli.setup;

import dev.corten.client.Json;
import dev.corten.client.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A context as its file has it.
///
/// @param meta the content of `meta.json`
/// @param tlsFolder of its TLS files, which need not be there
public record StoredContext(Json meta, Path tlsFolder) {
    private static final String[] TLS_NAMES = {"ca.pem", "cert.pem", "key.pem"};

    String name() {
        return meta.get("Name").text("");
    }

    public String description() {
        return meta.get("Metadata").get("Description").text("");
    }

    public Json metadata() {
        return meta.get("Metadata");
    }

    private Json endpoint() {
        return meta.get("Endpoints").get(ContextStore.ENDPOINT);
    }

    public String host() {
        return endpoint().get("Host").text("");
    }

    public boolean skipsVerification() {
        return endpoint().get("SkipTLSVerify").isTrue();
    }

    private String file(String name) {
        Path file = tlsFolder.resolve(ContextStore.ENDPOINT).resolve(name);
        return Files.exists(file) ? file.toString() : "";
    }

    /// The contents of its TLS files by name.
    public Map<String, byte[]> tls() throws IOException {
        var contents = new TreeMap<String, byte[]>();
        for (String name : TLS_NAMES) {
            if (!file(name).isEmpty()) {
                contents.put(name, Files.readAllBytes(Path.of(file(name))));
            }
        }
        return contents;
    }

    /// How it is reached by TLS; null if it is not.
    @Nullable TlsFiles tlsFiles() {
        if (!Files.isDirectory(tlsFolder.resolve(ContextStore.ENDPOINT)) && !skipsVerification()) {
            return null;
        }
        return new TlsFiles(
                file("ca.pem"), file("cert.pem"), file("key.pem"), !skipsVerification());
    }
}
