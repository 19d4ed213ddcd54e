package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Request;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.IOException;

/// `tag`.
public final class TagCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String source = invocation.arguments().get(0);
        String target = invocation.arguments().get(1);
        Reference reference;
        try {
            reference = Reference.parse(target).orLatest();
        } catch (InvalidParameter e) {
            throw new Failure(
                    "Error parsing reference: \""
                            + target
                            + "\" is not a valid repository/tag: "
                            + e.message());
        }
        if (reference.digest().isPresent()) {
            throw new Failure("refusing to create a tag with a digest reference");
        }
        invocation
                .api()
                .call(
                        Request.post("/images/" + Request.segment(source) + "/tag")
                                .query("repo", reference.repository().toString())
                                .query("tag", reference.tag().orElse("")));
        return 0;
    }
}
