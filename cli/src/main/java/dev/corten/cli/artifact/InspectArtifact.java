package dev.corten.cli.artifact;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.template.Shape;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.client.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// `artifact inspect`.
public final class InspectArtifact implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
    }

    @Override
    public String about() {
        return "Provide details on an OCI artifact: its manifest, name and digest.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    /// @param name a name, a digest, or the beginning of one
    static Json ask(Invocation invocation, String name) throws IOException {
        return invocation
                .api()
                .json(Request.get("/corten/v1/artifacts/" + Request.segment(name) + "/json"));
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String format = invocation.flags().text("format");
        Json artifact = ask(invocation, invocation.arguments().getFirst());
        if (format.isEmpty() || format.equals("json")) {
            OutputStream out = invocation.console().out();
            byte[] text = artifact.toString().getBytes(StandardCharsets.UTF_8);
            out.write(JsonIndent.indent(text, "", "     "));
            out.write('\n');
            out.flush();
            return 0;
        }
        try {
            String text =
                    Template.parse(Formats.unescape(format)).apply(Value.of(artifact, Shape.ANY));
            invocation.out().line(text).flush();
        } catch (TemplateFailure e) {
            throw new Failure("template parsing error: " + e.message(), Formats.MALFORMED);
        }
        return 0;
    }
}
