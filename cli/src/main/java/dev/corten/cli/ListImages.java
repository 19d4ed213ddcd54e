package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `images`: a row for each tag.
final class ListImages implements Command {
    private static final String NONE = "<none>";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'a',
                        "all",
                        FlagType.BOOL,
                        "Show all images (default hides intermediate images)")
                .add(FlagTable.NONE, "digests", FlagType.BOOL, "Show digests")
                .add('f', "filter", FlagType.FILTER, "Filter output based on conditions provided")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Don't truncate output")
                .add('q', "quiet", FlagType.BOOL, "Only show image IDs");
    }

    @Override
    public int minArguments() {
        return 0;
    }

    @Override
    public int maxArguments() {
        return 1;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean quiet = flags.isSet("quiet");
        String format = flags.text("format");
        if (format.isEmpty() && !quiet) {
            format = ConfigFile.text(invocation, "imagesFormat");
        }
        var filters = new Filters(flags.list("filter"));
        if (!invocation.arguments().isEmpty()) {
            filters.add("reference", invocation.arguments().getFirst());
        }
        Request request = Request.get("/images/json").flag("all", flags.isSet("all"));
        filters.addTo(request);
        Json images = invocation.api().json(request);
        boolean digests = flags.isSet("digests") || format.indexOf(".Digest") >= 0;
        String table =
                flags.isSet("digests")
                        ? "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}"
                                + "\t{{.Size}}"
                        : "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
        var rows = new ListRows(headers(), quiet ? "{{.ID}}" : table);
        boolean full = flags.isSet("no-trunc");
        boolean everything = !format.isEmpty() && !format.equals("table");
        long now = System.currentTimeMillis() / 1000;
        Output out = invocation.out();
        for (Json image : images.items()) {
            for (String[] name : names(image, digests)) {
                var row = row(image, name, full, now, everything);
                if (quiet && format.isEmpty()) {
                    out.line(row.getOrDefault("ID", Json.ABSENT).literal());
                } else {
                    rows.add(row);
                }
            }
        }
        if (!quiet || !format.isEmpty()) {
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    private static Map<String, String> headers() {
        var headers = new LinkedHashMap<String, String>();
        headers.put("ID", "IMAGE ID");
        headers.put("Repository", "REPOSITORY");
        headers.put("Tag", "TAG");
        headers.put("Digest", "DIGEST");
        headers.put("CreatedSince", "CREATED");
        headers.put("CreatedAt", "CREATED AT");
        headers.put("Size", "SIZE");
        headers.put("Containers", "CONTAINERS");
        headers.put("VirtualSize", "SIZE");
        headers.put("SharedSize", "SHARED SIZE");
        headers.put("UniqueSize", "UNIQUE SIZE");
        return headers;
    }

    /// Repository, tag and digest of each row of an image.
    private static List<String[]> names(Json image, boolean digests) {
        var tags = new LinkedHashMap<String, List<String>>();
        for (Json tag : image.get("RepoTags").items()) {
            String text = tag.text("");
            int colon = text.lastIndexOf(':');
            if (colon > 0 && !text.startsWith(NONE)) {
                tags.computeIfAbsent(text.substring(0, colon), r -> new ArrayList<>())
                        .add(text.substring(colon + 1));
            }
        }
        var known = new LinkedHashMap<String, List<String>>();
        for (Json digest : image.get("RepoDigests").items()) {
            String text = digest.text("");
            int at = text.indexOf('@');
            if (at > 0 && !text.startsWith(NONE)) {
                known.computeIfAbsent(text.substring(0, at), r -> new ArrayList<>())
                        .add(text.substring(at + 1));
            }
        }
        var rows = new ArrayList<String[]>();
        for (var repository : tags.entrySet()) {
            List<String> own = known.getOrDefault(repository.getKey(), List.of());
            for (String tag : repository.getValue()) {
                if (!digests || own.isEmpty()) {
                    rows.add(new String[] {repository.getKey(), tag, NONE});
                }
                for (String digest : digests ? own : List.<String>of()) {
                    rows.add(new String[] {repository.getKey(), tag, digest});
                }
            }
        }
        for (var repository : known.entrySet()) {
            if (tags.containsKey(repository.getKey())) {
                continue;
            }
            for (String digest : repository.getValue()) {
                rows.add(new String[] {repository.getKey(), NONE, digest});
                if (!digests) {
                    break;
                }
            }
        }
        if (rows.isEmpty()) {
            rows.add(new String[] {NONE, NONE, NONE});
        }
        return rows;
    }

    private static LinkedHashMap<String, Json> row(
            Json image, String[] name, boolean full, long now, boolean everything) {
        var row = new LinkedHashMap<String, Json>();
        String id = image.get("Id").text("");
        long created = image.get("Created").integer(0);
        long size = image.get("Size").integer(0);
        put(row, "ID", full ? id : Texts.shortId(id));
        put(row, "Repository", name[0]);
        put(row, "Tag", name[1]);
        put(row, "Digest", name[2]);
        put(row, "CreatedSince", created <= 0 ? "N/A" : Quantity.duration(now - created) + " ago");
        put(row, "Size", Quantity.size(size, 3));
        if (everything) {
            long shared = image.get("SharedSize").integer(-1);
            long containers = image.get("Containers").integer(-1);
            put(row, "CreatedAt", created <= 0 ? "N/A" : Timestamps.show(created));
            put(row, "Containers", containers < 0 ? "N/A" : Long.toString(containers));
            put(row, "VirtualSize", Quantity.size(size, 4));
            put(row, "SharedSize", shared < 0 ? "N/A" : Quantity.size(shared, 3));
            put(row, "UniqueSize", shared < 0 ? "N/A" : Quantity.size(size - shared, 3));
        }
        return row;
    }

    private static void put(Map<String, Json> row, String name, String text) {
        row.put(name, Json.string(text));
    }
}
