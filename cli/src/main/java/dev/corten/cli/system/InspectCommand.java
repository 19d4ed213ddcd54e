package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.manifest.InspectRemote;
import dev.corten.cli.option.Platforms;
import dev.corten.cli.template.Shape;
import dev.corten.cli.template.Shapes;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.CortenException;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.model.Unavailable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `inspect` of one kind of object, or of whatever has the name: the daemon's JSON, byte for byte
/// but for its layout, or a template applied to it.
public final class InspectCommand implements Command {
    /// What the daemon has of one name.
    private record Found(byte[] document, Kind kind) {}

    /// Kinds in the order in which they are looked for.
    private enum Kind {
        CONTAINER("container", "containers", "/json", "container.InspectResponse"),
        IMAGE("image", "images", "/json", "image.InspectResponse"),
        NETWORK("network", "networks", "", "network.Inspect"),
        VOLUME("volume", "volumes", "", "volume.Volume"),
        SERVICE("service", "services", "", ""),
        TASK("task", "tasks", "", ""),
        NODE("node", "nodes", "", ""),
        PLUGIN("plugin", "plugins", "/json", ""),
        SECRET("secret", "secrets", "", ""),
        CONFIG("config", "configs", "", "");

        private final String word;
        private final String folder;
        private final String suffix;
        private final String shape;

        /// @param folder of the API
        /// @param shape in `shapes.txt`; empty for kinds that no daemon of ours has
        Kind(String word, String folder, String suffix, String shape) {
            this.word = word;
            this.folder = folder;
            this.suffix = suffix;
            this.shape = shape;
        }

        Shape shape() {
            return shape.isEmpty() ? Shape.ANY : Shapes.get(shape);
        }
    }

    private final String word;

    /// @param word of the kind, or empty for any
    public InspectCommand(String word) {
        this.word = word;
    }

    @Override
    public FlagTable flags() {
        var flags = new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
        if (word.isEmpty()) {
            flags.add(
                    FlagTable.NONE,
                    "type",
                    FlagType.STRING,
                    "Only inspect objects of the given type");
            flags.add(
                    's',
                    "size",
                    FlagType.BOOL,
                    "Display total file sizes if the type is container");
        } else if (word.equals("container")) {
            flags.add('s', "size", FlagType.BOOL, "Display total file sizes");
        } else if (word.equals("image")) {
            flags.add(
                    FlagTable.NONE,
                    "platform",
                    FlagType.STRING,
                    "Inspect a specific platform of the multi-platform image.\n"
                            + "If the image or the server is not multi-platform capable, the"
                            + " command will error out if the platform does not match.\n"
                            + "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)");
            flags.add(
                    FlagTable.NONE,
                    "remote",
                    FlagType.BOOL,
                    "Show what the registry has, without fetching the image");
        } else if (word.equals("network")) {
            flags.add('v', "verbose", FlagType.BOOL, "Verbose output for diagnostics");
        }
        return flags;
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        if (flags.isSet("remote")) {
            return InspectRemote.run(invocation);
        }
        List<Kind> kinds = kinds(flags.isGiven("type") ? flags.text("type") : word);
        String format = flags.text("format");
        Template template = template(format);
        var found = new ArrayList<Found>();
        var failures = new ArrayList<String>();
        for (String name : invocation.arguments()) {
            try {
                Found one = find(invocation, name, kinds);
                if (one == null) {
                    failures.add("Error: No such object: " + name);
                } else {
                    found.add(one);
                }
            } catch (CortenException e) {
                failures.add("Error response from daemon: " + e.message());
            }
        }
        if (template == null) {
            print(found, format.equals("json"), invocation);
        } else {
            apply(template, found, failures, invocation.out());
        }
        for (String failure : failures) {
            invocation.warn(failure);
        }
        return failures.isEmpty() ? 0 : 1;
    }

    private static @Nullable Template template(String format) {
        if (format.isEmpty() || format.equals("json")) {
            return null;
        }
        try {
            return Template.parse(format);
        } catch (TemplateFailure e) {
            throw new Failure("template parsing error: " + e.message(), Formats.MALFORMED);
        }
    }

    private static List<Kind> kinds(String word) {
        if (word.isEmpty()) {
            return List.of(Kind.values());
        }
        for (Kind kind : Kind.values()) {
            if (kind.word.equals(word)) {
                return List.of(kind);
            }
        }
        throw new Failure(
                "unknown type: \""
                        + word
                        + "\": must be one of \"config\", \"container\", \"image\", \"network\","
                        + " \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"");
    }

    /// The first object of that name, or null if several kinds were asked and none has it.
    private static @Nullable Found find(Invocation invocation, String name, List<Kind> kinds)
            throws IOException {
        String bare = name.startsWith("/") ? name.substring(1) : name;
        if (bare.isEmpty()) {
            String kind = kinds.size() == 1 ? kinds.getFirst().word : Kind.CONTAINER.word;
            throw new Failure("[]\ninvalid " + kind + " name or ID: value is empty");
        }
        boolean size = invocation.flags().isSet("size");
        for (Kind kind : kinds) {
            Request request =
                    Request.get("/" + kind.folder + "/" + Request.segment(bare) + kind.suffix)
                            .flag("size", kind == Kind.CONTAINER && size)
                            .flag("verbose", invocation.flags().isSet("verbose"));
            Platforms.ask(request, "platform", invocation.flags().text("platform"));
            try (Response response = invocation.api().send(request)) {
                byte[] document = response.bytes();
                if (size && kind != Kind.CONTAINER) {
                    invocation.warn("WARNING: --size ignored for " + kind.word);
                }
                return new Found(document, kind);
            } catch (NotFound | NotImplemented | Unavailable e) {
                if (kinds.size() == 1) {
                    throw e;
                }
            }
        }
        return null;
    }

    /// First as Docker's types see it, and if they lack something, as the JSON is.
    private static void apply(
            Template template, List<Found> found, List<String> failures, Output out)
            throws IOException {
        boolean any = false;
        for (Found one : found) {
            Json document = Json.parse(one.document);
            String text;
            try {
                text = template.apply(Value.of(document, one.kind.shape()));
            } catch (TemplateFailure typed) {
                try {
                    text = template.applyStrictly(Value.of(document, Shape.ANY));
                } catch (TemplateFailure e) {
                    failures.add("template parsing error: " + e.message());
                    continue;
                }
            }
            out.line(text);
            any = true;
        }
        if (!any) {
            out.line("");
        }
        out.flush();
    }

    private static void print(List<Found> found, boolean compact, Invocation invocation)
            throws IOException {
        var all = new ByteArrayOutputStream();
        all.write('[');
        for (int i = 0; i < found.size(); i++) {
            if (i > 0) {
                all.write(',');
            }
            all.writeBytes(trim(found.get(i).document));
        }
        all.write(']');
        byte[] text = all.toByteArray();
        boolean indented = !compact && !found.isEmpty();
        var out = invocation.console().out();
        out.write(indented ? JsonIndent.indent(text, "", "    ") : text);
        out.write('\n');
        out.flush();
    }

    private static byte[] trim(byte[] document) {
        int end = document.length;
        while (end > 0 && document[end - 1] <= ' ') {
            end--;
        }
        return java.util.Arrays.copyOf(document, end);
    }
}
