package dev.corten.cli.build;

import dev.corten.client.JsonWriter;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Where the files of a context come from.
sealed interface Source {
    /// As the request says it.
    void write(JsonWriter json) throws IOException;

    /// There are none.
    record Nothing() implements Source {
        @Override
        public void write(JsonWriter json) {
            json.nothing();
        }
    }

    /// A directory of this machine.
    record Directory(String path) implements Source {
        @Override
        public void write(JsonWriter json) throws IOException {
            json.object().name("type").value("local");
            json.name("key").value(key(path)).end();
        }
    }

    /// An archive on standard input.
    record Archive() implements Source {
        @Override
        public void write(JsonWriter json) {
            json.object().name("type").value("tar").name("name").value("-").end();
        }
    }

    /// What the daemon gets by itself.
    ///
    /// @param type `git`, `http`, or `image`
    record Remote(String type, String address) implements Source {
        /// Whether a repository is behind SSH, and keys are needed.
        boolean isBySsh() {
            return type.equals("git")
                    && (address.startsWith("git@") || address.startsWith("ssh://"));
        }

        @Override
        public void write(JsonWriter json) {
            json.object().name("type").value(type);
            json.name(type.equals("image") ? "reference" : "url").value(address).end();
        }
    }

    /// A directory with images.
    record Layout(String path, String reference) implements Source {
        @Override
        public void write(JsonWriter json) {
            json.object().name("type").value("oci-layout");
            json.name("reference").value(reference).end();
        }
    }

    /// The same for the same directory of the same machine.
    private static String key(String path) throws IOException {
        return machine() + ":" + new File(path).getCanonicalPath();
    }

    private static String machine() throws IOException {
        try (var in = new FileInputStream("/etc/machine-id")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (FileNotFoundException e) {
            return "here";
        }
    }

    /// What a context on the command line stands for, but for `-`.
    static Source parse(String text) {
        if (new File(text).isDirectory()) {
            return new Directory(text);
        }
        if (isGit(text)) {
            return new Remote("git", text);
        }
        if (text.startsWith("http://") || text.startsWith("https://")) {
            return new Remote("http", text);
        }
        throw BuildFailures.of("unable to prepare context: path \"" + text + "\" not found");
    }

    /// The value of `--build-context NAME=...`.
    static Source named(String name, String value) {
        if (value.startsWith("docker-image://")) {
            return new Remote("image", value.substring("docker-image://".length()));
        }
        if (value.startsWith("oci-layout://")) {
            return layout(value.substring("oci-layout://".length()));
        }
        if (value.startsWith("target:")) {
            throw BuildFailures.of("target contexts belong to bake files: " + name + "=" + value);
        }
        if (isGit(value)) {
            return new Remote("git", value);
        }
        if (value.startsWith("http://") || value.startsWith("https://")) {
            return new Remote("http", value);
        }
        if (!new File(value).exists()) {
            throw BuildFailures.of(
                    "failed to get build context "
                            + name
                            + ": stat "
                            + value
                            + ": no such file or directory");
        }
        if (!new File(value).isDirectory()) {
            throw BuildFailures.of(
                    "failed to get build context " + name + ": " + value + ": not a directory");
        }
        return new Directory(value);
    }

    private static Source layout(String text) {
        int at = text.lastIndexOf('@');
        String named = at < 0 ? text : text.substring(0, at);
        int colon = named.lastIndexOf(':');
        String path = colon > named.lastIndexOf('/') ? named.substring(0, colon) : named;
        File index = new File(path, "index.json");
        if (!index.isFile()) {
            throw BuildFailures.of(
                    "oci-layout reference \"oci-layout://"
                            + text
                            + "\" could not be resolved: could not read "
                            + index
                            + ": open "
                            + index
                            + ": no such file or directory");
        }
        // A digest says all.
        return new Layout(path, text.substring(at < 0 ? path.length() : at));
    }

    private static boolean isGit(String text) {
        int fragment = text.indexOf('#');
        String address = fragment < 0 ? text : text.substring(0, fragment);
        int query = address.indexOf('?');
        String path = query < 0 ? address : address.substring(0, query);
        boolean web = address.startsWith("http://") || address.startsWith("https://");
        return address.startsWith("git://")
                || address.startsWith("git@")
                || address.startsWith("ssh://")
                || address.startsWith("github.com/")
                || (web && path.endsWith(".git"));
    }
}
