package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `image convert`: the same image with layers that are compressed in another way. nerdctl has it;
/// Docker does not.
public final class ConvertImage implements Command {
    /// What nerdctl makes as well, and we do not.
    private static final List<String> REFUSED =
            List.of("estargz", "zstdchunked", "nydus", "overlaybd", "soci");

    @Override
    public FlagTable flags() {
        FlagTable flags =
                new FlagTable()
                        .add(
                                FlagTable.NONE,
                                "all-platforms",
                                FlagType.BOOL,
                                "Convert the images for all platforms")
                        .add(
                                FlagTable.NONE,
                                "format",
                                FlagType.STRING,
                                "Format the output: 'json', or the digest alone")
                        .add(FlagTable.NONE, "gzip", FlagType.BOOL, "Compress layers with gzip")
                        .add(
                                FlagTable.NONE,
                                "gzip-compression-level",
                                FlagType.INT,
                                "gzip compression level, 1 to 9")
                        .add(
                                FlagTable.NONE,
                                "oci",
                                FlagType.BOOL,
                                "Convert Docker media types to OCI media types")
                        .add(
                                FlagTable.NONE,
                                "platform",
                                FlagType.STRING,
                                "Convert the image for this platform")
                        .add(FlagTable.NONE, "uncompress", FlagType.BOOL, "Do not compress layers")
                        .add(
                                FlagTable.NONE,
                                "zstd",
                                FlagType.BOOL,
                                "Compress layers with zstd; implies --oci")
                        .add(
                                FlagTable.NONE,
                                "zstd-compression-level",
                                FlagType.INT,
                                "zstd compression level, 1 to 19");
        REFUSED.forEach(name -> flags.alias(name, FlagType.BOOL, name));
        return flags;
    }

    @Override
    public String about() {
        return "Convert an image: TARGET_IMAGE is the same image with its layers compressed in another"
                + " way.\nIts ID stays, the digest of its manifest is another one. The same image"
                + " gives the\nsame digest, always.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String source = invocation.arguments().get(0);
        Reference target = ImageNames.parse(invocation.arguments().get(1)).orLatest();
        String output = flags.text("format");
        if (!output.isEmpty() && !output.equals("json")) {
            throw new Refusal("unsupported format \"" + output + "\": only json is known");
        }
        Request request =
                Request.post("/corten/v1/images/" + Request.segment(source) + "/convert")
                        .query("target", target.toString())
                        .query("format", format(flags));
        level(flags, request, "gzip");
        level(flags, request, "zstd");
        request.flag("oci", flags.isSet("oci")).flag("all", flags.isSet("all-platforms"));
        if (!flags.text("platform").isEmpty()) {
            request.query("platform", invocation.platform());
        }
        Json made = invocation.api().json(request);
        String digest = made.get("Digest").text("");
        if (output.isEmpty()) {
            invocation.out().line(digest).flush();
        } else {
            String name = made.get("Name").text("") + "@" + digest;
            var json = new JsonWriter().object();
            json.name("Image").value(name).name("ExtraImages").array().end().end();
            invocation.out().line(json.toString()).flush();
        }
        return 0;
    }

    private static String format(Flags flags) {
        for (String refused : REFUSED) {
            if (flags.isSet(refused)) {
                throw new Refusal(
                        "--"
                                + refused
                                + " is not supported: layers can be converted to gzip, zstd and"
                                + " plain tar");
            }
        }
        var formats = new ArrayList<String>();
        for (String format : List.of("gzip", "zstd", "uncompress")) {
            if (flags.isSet(format)) {
                formats.add(format);
            }
        }
        if (formats.size() > 1) {
            throw new Refusal(
                    "options conflict, only one of --gzip, --zstd and --uncompress can be given");
        }
        if (formats.isEmpty() && !flags.isSet("oci")) {
            throw new Refusal("one of --gzip, --zstd, --uncompress and --oci must be given");
        }
        return formats.isEmpty()
                ? ""
                : formats.getFirst().equals("uncompress") ? "tar" : formats.getFirst();
    }

    private static void level(Flags flags, Request request, String format) {
        String name = format + "-compression-level";
        if (!flags.isGiven(name)) {
            return;
        }
        if (!flags.isSet(format)) {
            throw new Refusal("--" + name + " needs --" + format);
        }
        request.query("level", flags.text(name));
    }
}
