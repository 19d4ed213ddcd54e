package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `untag`: takes names from an image, which stays. Podman has it; Docker's `rmi` deletes the image
/// with its last name.
public final class UntagImage implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public String about() {
        return "Remove names from an image, all of them if none is given. The image stays.";
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> arguments = invocation.arguments();
        Request request =
                Request.post(
                        "/corten/v1/images/" + Request.segment(arguments.getFirst()) + "/untag");
        for (String name : arguments.subList(1, arguments.size())) {
            request.query("tag", ImageNames.parse(name).orLatest().toString());
        }
        Output out = invocation.out();
        for (Json name : invocation.api().json(request).get("Untagged").items()) {
            out.line("Untagged: " + name.text(""));
        }
        out.flush();
        return 0;
    }
}
