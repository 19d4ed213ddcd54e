package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.List;

/// `push`.
public final class PushCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all-tags", FlagType.BOOL, "Push all tags of an image to the repository")
                .add(
                        FlagTable.NONE,
                        "disable-content-trust",
                        FlagType.BOOL,
                        "Skip image signing",
                        "true")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Push a platform-specific manifest as a single-platform image to the"
                                + " registry.\nImage index won't be pushed, meaning that other"
                                + " manifests, including attestations won't be preserved.\n"
                                + "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)")
                .add('q', "quiet", FlagType.BOOL, "Suppress verbose output");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public String hint(String program, List<String> arguments) {
        if (arguments.size() != 2) {
            return "";
        }
        String source = arguments.get(0);
        String target = arguments.get(1);
        return "An image is pushed under its own name. To push "
                + source
                + " as "
                + target
                + ":\n  "
                + program
                + " tag "
                + source
                + " "
                + target
                + "\n  "
                + program
                + " push "
                + target;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String image = invocation.arguments().getFirst();
        boolean quiet = flags.isSet("quiet");
        boolean all = flags.isSet("all-tags");
        String platform = flags.text("platform");
        Output out = invocation.out();
        String wanted = platform.isEmpty() ? "" : platform(invocation, platform);
        Reference reference = ImageNames.all(image, all);
        if (!all && !quiet && ImageNames.isBare(ImageNames.parse(image))) {
            out.line("Using default tag: " + Reference.DEFAULT_TAG).flush();
        }
        if (reference.digest().isPresent()) {
            throw new Refusal("cannot push a digest reference");
        }
        Request request =
                Request.post("/images/" + Request.segment(reference.familiarRepository()) + "/push")
                        .header("X-Registry-Auth", new Credentials(invocation).header(reference));
        if (!all) {
            request.query("tag", reference.tag().orElse(""));
        }
        if (!wanted.isEmpty()) {
            request.query("platform", wanted);
        }
        try (Response response = invocation.api().send(request)) {
            invocation.progress().show(response, quiet);
        }
        if (quiet) {
            out.line(reference.toString()).flush();
        }
        return 0;
    }

    private static String platform(Invocation invocation, String platform) {
        String json;
        try {
            json = Platforms.json(platform);
        } catch (Refusal e) {
            invocation.err().print("Invalid platform " + platform).flush();
            throw e;
        }
        invocation
                .out()
                .line("")
                .line(
                        " Info -> Using --platform pushes only the specified platform manifest of a"
                                + " multi-platform image index.")
                .line("         Other components, like attestations, will not be included.")
                .line(
                        "         To push the complete multi-platform image, remove the --platform"
                                + " flag.")
                .line("         ")
                .flush();
        return json;
    }
}
