package dev.corten.cli;

import dev.corten.cli.completion.CompletionScript;
import dev.corten.cli.console.Environment;
import dev.corten.cli.console.Signals;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.setup.ConfigFile;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.client.Dialer;
import dev.corten.client.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Commands that are programs of their own, `docker-NAME` in certain folders: Docker's plugins,
/// compose and buildx among them.
final class Plugins {
    private static final String PREFIX = "docker-";
    private static final String METADATA = "docker-cli-plugin-metadata";
    private static final String CALLER = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND";

    private static final String[] SYSTEM_FOLDERS = {
        "/usr/local/lib/docker/cli-plugins",
        "/usr/local/libexec/docker/cli-plugins",
        "/usr/lib/docker/cli-plugins",
        "/usr/libexec/docker/cli-plugins"
    };

    /// What a plugin says of itself.
    ///
    /// @param error why it is none after all; empty if it is one
    record Plugin(
            String name,
            String path,
            String version,
            String vendor,
            String summary,
            String error) {}

    private final Setup setup;
    private final Environment environment;

    Plugins(Setup setup, Environment environment) {
        this.setup = setup;
        this.environment = environment;
    }

    private List<String> folders() {
        ConfigFile config = setup.config();
        var folders = new ArrayList<>(config.texts("cliPluginsExtraDirs"));
        folders.add(config.folder() + "/cli-plugins");
        folders.addAll(List.of(SYSTEM_FOLDERS));
        return folders;
    }

    /// The plugin for a command; null if there is none. It is not asked for anything yet.
    @Nullable Plugin find(String command) {
        String name = command;
        Json alias = setup.config().get("aliases").get(command);
        if (!alias.isNothing()) {
            name = alias.text("");
        }
        if (!isName(name)) {
            return null;
        }
        for (String folder : folders()) {
            var file = new File(folder, PREFIX + name);
            if (file.isFile() && file.canExecute()) {
                return new Plugin(name, file.getPath(), "", "", "", "");
            }
        }
        return null;
    }

    private static boolean isName(String name) {
        boolean valid = !name.isEmpty();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean digit = c >= '0' && c <= '9';
            valid &= (c >= 'a' && c <= 'z') || (digit && i > 0);
        }
        return valid;
    }

    /// All of them by name, with what they say of themselves.
    List<Plugin> list() {
        var files = new TreeMap<String, File>();
        for (String folder : folders()) {
            File[] found = new File(folder).listFiles();
            for (File file : found == null ? new File[0] : found) {
                String name = file.getName();
                boolean plugin = name.startsWith(PREFIX) && file.isFile() && file.canExecute();
                if (plugin && isName(name.substring(PREFIX.length()))) {
                    files.putIfAbsent(name.substring(PREFIX.length()), file);
                }
            }
        }
        var plugins = new ArrayList<Plugin>();
        for (var file : files.entrySet()) {
            plugins.add(ask(file.getKey(), file.getValue()));
        }
        return plugins;
    }

    private Plugin ask(String name, File file) {
        var builder = new ProcessBuilder(file.getPath(), METADATA);
        prepare(builder);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        String error = "";
        Json metadata = Json.NULL;
        try {
            // What cannot be run is none; the others are listed all the same.
            Process process = builder.start();
            process.getOutputStream().close();
            metadata = Json.parse(process.getInputStream().readAllBytes());
            if (!metadata.get("SchemaVersion").text("").equals("0.1.0")) {
                error = "plugin SchemaVersion is not valid";
            } else if (metadata.get("Vendor").text("").isEmpty()) {
                error = "plugin metadata does not define a vendor";
            }
        } catch (IOException e) {
            error = "failed to fetch metadata: " + e.getMessage();
        }
        return new Plugin(
                name,
                file.getPath(),
                metadata.get("Version").text(""),
                metadata.get("Vendor").text(""),
                metadata.get("ShortDescription").text(""),
                error);
    }

    /// Gives it the caller's variables.
    private void prepare(ProcessBuilder builder) {
        builder.environment().clear();
        builder.environment().putAll(environment.variables());
        builder.environment().put(CALLER, environment.program());
    }

    /// What the plugin says of completing its own words, as [CompleteCommand] prints it.
    ///
    /// @param words from the plugin's name on
    List<String> complete(Plugin plugin, List<String> words) throws IOException {
        var command = new ArrayList<>(List.of(plugin.path, CompletionScript.COMPLETE, plugin.name));
        command.addAll(words.subList(1, words.size()));
        var builder = new ProcessBuilder(command);
        prepare(builder);
        address(builder);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        return process.inputReader(StandardCharsets.UTF_8).lines().toList();
    }

    /// Runs it in our place.
    ///
    /// @param words the command line from the plugin's name on
    int run(Plugin plugin, List<String> words, boolean wantsHelp) throws IOException {
        var command = new ArrayList<>(List.of(plugin.path, plugin.name));
        command.addAll(words.subList(1, words.size()));
        if (wantsHelp) {
            command.add("--help");
        }
        var builder = new ProcessBuilder(command).inheritIO();
        prepare(builder);
        address(builder);
        Process process = builder.start();
        try (var signals = new Signals()) {
            // A terminal tells the plugin itself; we only have to outlive it.
            signals.ignore("INT");
            signals.onSignal("TERM", process::destroy);
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    /// Tells it of the daemon that we would talk to: their usual one is Docker's, ours is our own.
    private void address(ProcessBuilder builder) throws IOException {
        var variables = builder.environment();
        String context = setup.contextName();
        variables.put("DOCKER_CONFIG", setup.config().folder());
        if (context.equals(ContextStore.DEFAULT)) {
            Dialer dialer = setup.daemon().dialer();
            variables.put("DOCKER_HOST", dialer.text());
            variables.remove("DOCKER_CONTEXT");
        } else {
            variables.remove("DOCKER_HOST");
            variables.put("DOCKER_CONTEXT", context);
        }
    }
}
