package dev.corten.registry.server;

import dev.corten.model.Release;
import dev.corten.registry.server.collect.Collection;
import dev.corten.registry.server.settings.BadSettings;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `corten-registry`.
public final class Main {
    private static final Logger LOG = System.getLogger(Main.class.getName());

    /// Where Docker Registry's image has its settings.
    private static final Path USUAL = Path.of("/etc/docker/registry/config.yml");

    private static final String USAGE =
            """
            Usage:  corten-registry COMMAND

            A registry for images: the OCI distribution protocol over a directory laid out as Docker
            Registry's

            Commands:
              serve            Serve images: serve [CONFIG]
              garbage-collect  Delete what no image refers to: garbage-collect [OPTIONS] [CONFIG]

            CONFIG is a config.yml of Docker Registry, /etc/docker/registry/config.yml unless given.
            REGISTRY_* in the environment is said over it, as REGISTRY_HTTP_ADDR=:5001.

            Options of garbage-collect:
              -d, --dry-run          Say what would be deleted, and delete nothing
              -m, --delete-untagged  Delete manifests too that no tag names
                  --grace DURATION   Leave alone what was used since (default 1h)
              -q, --quiet            Say nothing but the sum

            Options:
              -h, --help      Print usage
              -v, --version   Print version information and quit
            """;

    private Main() {}

    /// Runs one command.
    public static void main(String[] args) {
        System.exit(run(List.of(args), System.getenv()));
    }

    private static int run(List<String> words, Map<String, String> environment) {
        try {
            String command = words.isEmpty() ? "--help" : words.getFirst();
            List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
            switch (command) {
                case "-h", "--help", "help" -> System.out.print(USAGE);
                case "-v", "--version", "version" -> System.out.println(Release.CURRENT.line());
                case "serve" -> serve(rest, environment);
                case "garbage-collect" -> {
                    return collect(rest, environment);
                }
                default -> {
                    System.err.println("corten-registry: unknown command: " + command);
                    System.err.print(USAGE);
                    return 1;
                }
            }
            return 0;
        } catch (BadSettings e) {
            System.err.println("configuration error: " + e.message());
        } catch (IOException e) {
            System.err.println("corten-registry: " + described(e));
            LOG.log(Level.DEBUG, "failed", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    private static String described(IOException e) {
        String why = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
        return e.getMessage() + why;
    }

    private static void serve(List<String> words, Map<String, String> environment)
            throws BadSettings, IOException, InterruptedException {
        ServerSettings settings = settings(words, environment);
        try (var server = new RegistryServer(settings)) {
            var end = Termination.expect();
            server.open();
            end.await();
            LOG.log(Level.INFO, "stopping server gracefully. Draining connections");
        }
    }

    private static int collect(List<String> words, Map<String, String> environment)
            throws BadSettings, IOException {
        boolean dryRun = false;
        boolean untagged = false;
        boolean quiet = false;
        Optional<String> grace = Optional.empty();
        var files = new ArrayList<String>();
        for (var at = words.iterator(); at.hasNext(); ) {
            String word = at.next();
            switch (word) {
                case "-d", "--dry-run" -> dryRun = true;
                case "-m", "--delete-untagged" -> untagged = true;
                case "-q", "--quiet" -> quiet = true;
                case "--grace" -> {
                    if (!at.hasNext()) {
                        throw new BadSettings("--grace: a duration is missing");
                    }
                    grace = Optional.of(at.next());
                }
                default -> {
                    if (word.startsWith("--grace=")) {
                        grace = Optional.of(word.substring("--grace=".length()));
                    } else if (word.startsWith("-")) {
                        throw new BadSettings("unknown option: " + word);
                    } else {
                        files.add(word);
                    }
                }
            }
        }
        var changed = new HashMap<>(environment);
        grace.ifPresent(text -> changed.put("REGISTRY_CORTEN_COLLECTION_GRACE", text));
        ServerSettings settings = settings(files, changed);
        var storage = new Storage(settings.rootDirectory());
        var options = new Collection.Options(settings.collecting().grace(), untagged, dryRun);
        boolean silent = quiet;
        Optional<Collection.Report> report =
                new Collection(
                                storage,
                                options,
                                line -> {
                                    if (!silent) {
                                        System.out.println(line);
                                    }
                                })
                        .run();
        if (report.isEmpty()) {
            System.err.println("corten-registry: another collection is going on");
            return 1;
        }
        System.out.println(
                report.get().blobs()
                        + " blobs ("
                        + report.get().bytes()
                        + " bytes) and "
                        + report.get().manifests()
                        + " manifests "
                        + (dryRun ? "eligible for deletion" : "deleted"));
        return 0;
    }

    private static ServerSettings settings(List<String> words, Map<String, String> environment)
            throws BadSettings {
        if (words.size() > 1) {
            throw new BadSettings("more than one file: " + words);
        }
        Optional<Path> file = words.stream().findFirst().map(Path::of);
        if (file.isEmpty() && environment.containsKey("REGISTRY_CONFIGURATION_PATH")) {
            file = Optional.of(Path.of(environment.get("REGISTRY_CONFIGURATION_PATH")));
        }
        if (file.isEmpty() && Files.exists(USUAL)) {
            file = Optional.of(USUAL);
        }
        ServerSettings settings = ServerSettings.read(file, environment);
        ServerLog.install(settings.log());
        settings.warnings().forEach(warning -> LOG.log(Level.WARNING, warning));
        return settings;
    }
}
