package dev.corten.cli;

import dev.corten.client.ApiClient;
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

/// `inspect` of containers, images, or whatever has the name: the daemon's JSON, byte for byte but
/// for its layout, or a template applied to it.
final class InspectCommand implements Command {
    private final String kind;

    /// @param kind `container`, `image`, or empty for any
    InspectCommand(String kind) {
        this.kind = kind;
    }

    @Override
    public FlagTable flags() {
        var flags = new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
        if (kind.isEmpty()) {
            flags.add(
                    FlagTable.NONE,
                    "type",
                    FlagType.STRING,
                    "Only inspect objects of the given type");
        }
        if (kind.equals("container")) {
            flags.add('s', "size", FlagType.BOOL, "Display total file sizes");
        } else if (kind.isEmpty()) {
            flags.add(
                    's',
                    "size",
                    FlagType.BOOL,
                    "Display total file sizes if the type is container");
        }
        return flags;
    }

    @Override
    public int minArguments() {
        return 1;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        List<String> kinds = kinds(flags.isGiven("type") ? flags.text("type") : kind);
        String format = flags.text("format");
        Template template =
                format.isEmpty() || format.equals("json")
                        ? null
                        : Template.parse(format.replace("\\t", "\t").replace("\\n", "\n"));
        var documents = new ArrayList<byte[]>();
        var failures = new ArrayList<String>();
        for (String name : invocation.arguments()) {
            try {
                byte[] document = find(invocation, name, kinds);
                if (document == null) {
                    failures.add("Error: No such object: " + name);
                } else {
                    documents.add(document);
                }
            } catch (CortenException e) {
                failures.add("Error response from daemon: " + e.message());
            }
        }
        if (template == null) {
            print(documents, format.equals("json"), invocation);
        } else {
            Output out = invocation.out();
            for (byte[] document : documents) {
                out.line(template.apply(Json.parse(document)));
            }
            out.flush();
        }
        for (String failure : failures) {
            invocation.warn(failure);
        }
        return failures.isEmpty() ? 0 : 1;
    }

    private static List<String> kinds(String kind) {
        return switch (kind) {
            case "" -> List.of("containers", "images", "networks", "volumes");
            case "container" -> List.of("containers");
            case "image" -> List.of("images");
            case "network" -> List.of("networks");
            case "volume" -> List.of("volumes");
            default -> throw new Failure("\"" + kind + "\" is not a valid value for --type");
        };
    }

    /// The first object of that name, or null if several kinds were asked and none has it.
    private static byte @Nullable [] find(Invocation invocation, String name, List<String> kinds)
            throws IOException {
        ApiClient api = invocation.api();
        for (String kind : kinds) {
            boolean json = kind.equals("containers") || kind.equals("images");
            Request request =
                    Request.get("/" + kind + "/" + Request.segment(name) + (json ? "/json" : ""))
                            .flag(
                                    "size",
                                    kind.equals("containers") && invocation.flags().isSet("size"));
            try (Response response = api.send(request)) {
                return response.bytes();
            } catch (NotFound | NotImplemented | Unavailable e) {
                if (kinds.size() == 1) {
                    throw e;
                }
            }
        }
        return null;
    }

    private static void print(List<byte[]> documents, boolean compact, Invocation invocation)
            throws IOException {
        var out = new ByteArrayOutputStream();
        if (documents.isEmpty()) {
            out.writeBytes(new byte[] {'[', ']', '\n'});
        } else if (compact) {
            for (byte[] document : documents) {
                out.writeBytes(trim(document));
                out.write('\n');
            }
        } else {
            out.write('[');
            for (int i = 0; i < documents.size(); i++) {
                if (i > 0) {
                    out.write(',');
                }
                out.writeBytes(documents.get(i));
            }
            out.write(']');
            byte[] indented = JsonIndent.indent(out.toByteArray(), "", "    ");
            out.reset();
            out.writeBytes(indented);
            out.write('\n');
        }
        out.writeTo(invocation.console().out());
        invocation.console().out().flush();
    }

    private static byte[] trim(byte[] document) {
        int end = document.length;
        while (end > 0 && document[end - 1] <= ' ') {
            end--;
        }
        return java.util.Arrays.copyOf(document, end);
    }
}
