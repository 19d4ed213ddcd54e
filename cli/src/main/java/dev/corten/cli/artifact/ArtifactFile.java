package dev.corten.cli.artifact;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.Json;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// A file of an artifact as its manifest has it. What it is called there comes from strangers.
///
/// @param title `""` without one
record ArtifactFile(Digest digest, String title) {
    private static final String TITLE = "org.opencontainers.image.title";

    static List<ArtifactFile> of(Json manifest) {
        var files = new ArrayList<ArtifactFile>();
        for (Json layer : manifest.get("layers").items()) {
            files.add(
                    new ArtifactFile(
                            Digest.parse(layer.get("digest").text("")),
                            layer.get("annotations").get(TITLE).text("")));
        }
        return files;
    }

    /// @throws Refusal in Podman's words, if there is none
    static ArtifactFile chosen(List<ArtifactFile> files, String digest, String title) {
        for (ArtifactFile file : files) {
            if (digest.isEmpty()
                    ? file.title.equals(title)
                    : file.digest.toString().equals(digest) || file.digest.hex().equals(digest)) {
                return file;
            }
        }
        throw new Refusal(
                digest.isEmpty()
                        ? "no blob with the title \"" + title + "\""
                        : "no blob with the digest \"" + digest + "\"");
    }

    /// What the files are called in a directory: each is one name, and no path.
    ///
    /// @throws Refusal if one would lead elsewhere, or two are the same
    static List<String> names(List<ArtifactFile> files) {
        var names = new LinkedHashSet<String>();
        for (ArtifactFile file : files) {
            String name = file.name();
            if (!names.add(name)) {
                throw new Refusal("invalid name: \"" + name + "\" is the title of two blobs");
            }
        }
        return List.copyOf(names);
    }

    private String name() {
        if (title.isEmpty()) {
            return digest.hex();
        }
        for (char separator : new char[] {'/', File.separatorChar, '\0'}) {
            if (title.indexOf(separator) >= 0) {
                throw new Refusal(
                        "invalid name: \""
                                + title.replace("\0", "\\0")
                                + "\" cannot contain "
                                + (separator == '\0' ? "NUL" : Character.toString(separator))
                                + ": artifact blob title invalid");
            }
        }
        if (title.equals(".") || title.equals("..")) {
            throw new Refusal("invalid name: \"" + title + "\": artifact blob title invalid");
        }
        try {
            if (Path.of(title).getNameCount() != 1 || Path.of(title).isAbsolute()) {
                throw new Refusal("invalid name: \"" + title + "\": artifact blob title invalid");
            }
        } catch (java.nio.file.InvalidPathException e) {
            throw new InvalidParameter("invalid name: \"" + title + "\": " + e.getReason(), e);
        }
        return title;
    }
}
