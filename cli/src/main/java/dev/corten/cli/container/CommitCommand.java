package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.List;

/// `commit`: an image of what a container has become.
public final class CommitCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'a',
                        "author",
                        FlagType.STRING,
                        "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")")
                .add(
                        'c',
                        "change",
                        FlagType.LIST,
                        "Apply Dockerfile instruction to the created image")
                .add('m', "message", FlagType.STRING, "Commit message")
                // As Docker 29 says it.
                .alias("no-pause", FlagType.BOOL, "no-pause")
                .add('p', "pause", FlagType.BOOL, "Pause container during commit", "true");
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        List<String> arguments = invocation.arguments();
        if (flags.isGiven("pause") && flags.isGiven("no-pause")) {
            throw new Refusal(
                    "conflicting options: --no-pause and --pause cannot be used together");
        }
        String repository = "";
        String tag = "";
        if (arguments.size() > 1 && !arguments.get(1).isEmpty()) {
            Reference reference = ImageNames.parse(arguments.get(1)).orLatest();
            if (reference.digest().isPresent()) {
                throw new Refusal("refusing to create a tag with a digest reference");
            }
            repository = reference.familiarRepository();
            tag = reference.tag().orElse("");
        }
        Request request =
                Request.post("/commit")
                        .query("container", arguments.getFirst())
                        .query("repo", repository)
                        .query("tag", tag)
                        .query("comment", flags.text("message"))
                        .query("author", flags.text("author"));
        for (String change : flags.list("change")) {
            request.query("changes", change);
        }
        if (!flags.isSet("pause", true) || flags.isSet("no-pause")) {
            request.query("pause", "0");
        }
        Json committed = invocation.api().json(request.json(new JsonWriter().nothing()));
        invocation.out().line(committed.get("Id").text("")).flush();
        return 0;
    }
}
