package dev.corten.cli.build;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.cli.build.context.LayoutFiles;
import dev.corten.cli.build.context.LocalFiles;
import dev.corten.cli.build.output.UnpackedFiles;
import dev.corten.cli.build.output.WholeFile;
import dev.corten.cli.build.session.BuildSession;
import dev.corten.cli.build.session.Channel;
import dev.corten.cli.console.Console;
import dev.corten.client.Json;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Answers what the daemon asks while it builds; gives nothing that the command line has not named.
final class BuildAnswers implements BuildSession.Answers {
    private static final int BUFFER = 128 << 10;
    private static final String CACHE = "cache:";

    private final Console console;
    private final InputStream archive;
    private final List<ResultOutput> outputs;
    private final Caches caches;
    private final Secrets secrets;
    private final Agents agents;

    /// Directories by the names that the protocol has for them.
    private final Map<String, LocalFiles> directories = new HashMap<>();

    private final Map<String, LayoutFiles> layouts = new HashMap<>();

    BuildAnswers(
            Console console,
            Definition definition,
            Map<String, Source> contexts,
            List<ResultOutput> outputs,
            Caches caches,
            Secrets secrets,
            Agents agents)
            throws IOException {
        this.console = console;
        this.archive = definition.input();
        this.outputs = outputs;
        this.caches = caches;
        this.secrets = secrets;
        this.agents = agents;
        if (definition.context() instanceof Source.Directory directory) {
            directories.put("", new LocalFiles(directory.path(), definition.rules()));
        }
        for (var named : contexts.entrySet()) {
            if (named.getValue() instanceof Source.Directory directory) {
                IgnoreRules rules = rules(directory.path());
                directories.put(named.getKey(), new LocalFiles(directory.path(), rules));
            } else if (named.getValue() instanceof Source.Layout layout) {
                layouts.put(named.getKey(), new LayoutFiles(layout.path()));
            }
        }
        for (int i = 0; i < caches.from().size(); i++) {
            Attributes cache = caches.from().get(i);
            if (cache.type().equals("local")) {
                directories.put(CACHE + i, new LocalFiles(cache.get("src"), IgnoreRules.NONE));
            }
        }
    }

    /// A named directory has an ignore file of its own.
    private static IgnoreRules rules(String directory) throws IOException {
        try (var in = new FileInputStream(directory + "/.dockerignore")) {
            return IgnoreRules.read(in.readNBytes(IgnoreRules.MAX_BYTES + 1));
        } catch (FileNotFoundException e) {
            return IgnoreRules.NONE;
        }
    }

    @Override
    public void answer(Json question, Channel channel) throws IOException {
        switch (question.get("ask").text("")) {
            case "list" -> directory(question).list(texts(question.get("paths")), channel);
            case "files" -> directory(question).files(channel);
            case "blob" -> layout(question).send(question.get("path").text(""), channel);
            case "tar" -> sendArchive(channel);
            case "secret" -> secrets.send(question.get("id").text(""), channel);
            case "agent" -> agents.serve(question.get("id").text("default"), channel);
            case "output" -> take((int) question.get("output").integer(0), channel.input());
            default ->
                    throw new IOException(
                            "this client knows no answer to " + question.get("ask").text(""));
        }
    }

    private LocalFiles directory(Json question) throws IOException {
        String name = question.get("context").text("");
        LocalFiles directory = directories.get(name);
        if (directory == null) {
            throw new IOException("no such context: " + name);
        }
        return directory;
    }

    private LayoutFiles layout(Json question) throws IOException {
        String name = question.get("context").text("");
        LayoutFiles layout = layouts.get(name);
        if (layout == null) {
            throw new IOException("no such OCI image layout: " + name);
        }
        return layout;
    }

    private static List<String> texts(Json array) {
        var texts = new ArrayList<String>();
        for (Json item : array.items()) {
            texts.add(item.text(""));
        }
        return texts;
    }

    private void sendArchive(Channel channel) throws IOException {
        var buffer = new byte[BUFFER];
        for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
            channel.write(buffer, 0, count);
        }
    }

    private void take(int index, InputStream archiveOfResult) throws IOException {
        if (index < 0) {
            int cache = -1 - index;
            if (cache >= caches.to().size() || caches.to().get(cache).get("dest").isEmpty()) {
                throw new IOException("no such cache to write to");
            }
            UnpackedFiles.unpack(archiveOfResult, caches.to().get(cache).get("dest"));
            return;
        }
        if (index >= outputs.size() || outputs.get(index).destination().isEmpty()) {
            throw new IOException("no such output");
        }
        ResultOutput output = outputs.get(index);
        if (output.isDirectory()) {
            UnpackedFiles.unpack(archiveOfResult, output.destination());
        } else if (output.destination().equals(ResultOutput.STANDARD_OUTPUT)) {
            WholeFile.copy(archiveOfResult, console.out());
            console.out().flush();
        } else {
            WholeFile.copy(output.destination(), archiveOfResult);
        }
    }
}
