package dev.corten.cli;

import dev.corten.client.Json;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;

/// What the user's `config.json` says, the file that Docker's command line shares.
final class ConfigFile {
    private ConfigFile() {}

    /// A text of the file; empty if there is no such member or no file.
    static String text(Invocation invocation, String name) {
        String file = invocation.configFolder() + "/config.json";
        try (var in = new FileInputStream(file)) {
            return Json.parse(in.readAllBytes()).get(name).text("");
        } catch (FileNotFoundException e) {
            return "";
        } catch (IOException e) {
            invocation.warn("WARNING: Error loading config file: " + file + ": " + e.getMessage());
            return "";
        }
    }
}
