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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the user's `config.json` says, the file that Docker's command line shares.
public final class ConfigFile {
    private static final String NAME = "config.json";

    private final String folder;
    private final Json content;

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

    /// The same file with another value; everything else stays as it was.
    ///
    /// @param value empty to leave the name out
    public void save(String name, String value) throws IOException {
        var members = new LinkedHashMap<>(content.members());
        members.putIfAbsent("auths", Json.object(new LinkedHashMap<>()));
        if (value.isEmpty()) {
            members.remove(name);
        } else {
            members.put(name, Json.string(value));
        }
        Path file = Path.of(folder, NAME);
        Files.createDirectories(file.getParent());
        // A link stays one: what it points to changes.
        Path target = Files.exists(file) ? file.toRealPath() : file;
        byte[] compact = Json.object(members).toString().getBytes(StandardCharsets.UTF_8);
        Path temporary =
                Files.createTempFile(
                        target.getParent(),
                        NAME,
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, JsonIndent.indent(compact, "", "\t"));
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
