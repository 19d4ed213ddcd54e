package dev.corten.cli.setup;

import dev.corten.cli.console.Output;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What the user's `config.json` says, the file that Docker's command line shares.
public final class ConfigFile {
    private static final String NAME = "config.json";

    private final String folder;
    private Json content;

    private ConfigFile(String folder, Json content) {
        this.folder = folder;
        this.content = content;
    }

    /// @param warnings where it is said that the file cannot be read
    static ConfigFile load(String folder, Output warnings) {
        String file = folder + "/" + NAME;
        try (var in = new FileInputStream(file)) {
            return new ConfigFile(folder, Json.parse(in.readAllBytes()));
        } catch (FileNotFoundException e) {
            boolean absent = LocalFiles.reason(e).equals("no such file or directory");
            if (!absent) {
                warn(warnings, "open " + file + ": " + LocalFiles.reason(e));
            }
        } catch (IOException e) {
            warn(warnings, file + ": " + e.getMessage());
        }
        return new ConfigFile(folder, Json.object(new LinkedHashMap<>()));
    }

    private static void warn(Output warnings, String why) {
        warnings.line("WARNING: Error loading config file: " + why).flush();
    }

    /// Where the file is, with contexts and plugins beside it.
    public String folder() {
        return folder;
    }

    /// A text of the file; empty if there is none.
    public String text(String name) {
        return content.get(name).text("");
    }

    public Json get(String name) {
        return content.get(name);
    }

    /// The texts of an array.
    public List<String> texts(String name) {
        var texts = new ArrayList<String>();
        for (Json item : content.get(name).items()) {
            texts.add(item.text(""));
        }
        return texts;
    }

    /// Names and values in turn of an object of texts.
    List<String> pairs(String name) {
        var pairs = new ArrayList<String>();
        for (Map.Entry<String, Json> member : content.get(name).members().entrySet()) {
            pairs.add(member.getKey());
            pairs.add(member.getValue().text(""));
        }
        return pairs;
    }

    /// The path of the file itself.
    public String path() {
        return folder + "/" + NAME;
    }

    /// The same file with another text; everything else stays as it was.
    ///
    /// @param value empty to leave the name out
    public void save(String name, String value) throws IOException {
        change(name, former -> value.isEmpty() ? Json.ABSENT : Json.string(value));
    }

    /// The same file with another value. Everything else stays as it is in the file now, which
    /// another command may have changed since this one has read it.
    ///
    /// @param change gets the value there is and gives the new one, [Json#ABSENT] for none
    /// @throws IOException if it cannot be written, or is no JSON: what is in it is not thrown away
    public void change(String name, UnaryOperator<Json> change) throws IOException {
        Path file = Path.of(folder, NAME);
        Json current =
                Files.exists(file)
                        ? Json.parse(Files.readAllBytes(file))
                        : Json.object(new LinkedHashMap<>());
        var members = new LinkedHashMap<>(current.members());
        members.putIfAbsent("auths", Json.object(new LinkedHashMap<>()));
        Json value = change.apply(current.get(name));
        if (value.isAbsent()) {
            members.remove(name);
        } else {
            members.put(name, value);
        }
        Json changed = Json.object(members);
        write(file, changed);
        content = changed;
    }

    private void write(Path file, Json changed) throws IOException {
        if (!Files.isDirectory(Path.of(folder))) {
            Files.createDirectories(Path.of(folder), mode("rwx------"));
        }
        // A link stays one: what it points to changes.
        Path target = Files.exists(file) ? file.toRealPath() : file;
        byte[] compact = changed.toString().getBytes(StandardCharsets.UTF_8);
        Path temporary = Files.createTempFile(target.getParent(), NAME, "", mode("rw-------"));
        try {
            Files.write(temporary, JsonIndent.indent(compact, "", "\t"));
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
