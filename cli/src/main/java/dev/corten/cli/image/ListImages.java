package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Elapsed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `images`: a row for each tag.
public final class ListImages implements Command {
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
                .add('q', "quiet", FlagType.BOOL, "Only show image IDs")
                .add(
                        FlagTable.NONE,
                        "tree",
                        FlagType.BOOL,
                        "List multi-platform images as a tree (EXPERIMENTAL)");
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean quiet = flags.isSet("quiet");
        String format = invocation.listFormat("imagesFormat");
        var filters = new Filters(flags.list("filter"));
        if (!invocation.arguments().isEmpty()) {
            filters.add("reference", invocation.arguments().getFirst());
        }
        if (flags.isSet("tree")) {
            refuseWithTree(flags);
            ImageTree.show(invocation, flags.isSet("all"), filters);
            return 0;
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
        ListRows rows = rows(table);
        boolean full = flags.isSet("no-trunc");
        boolean everything = !ListRows.isUsual(format);
        long now = System.currentTimeMillis() / 1000;
        Output out = invocation.out();
        for (Json image : images.items()) {
            for (String[] name : names(image, digests)) {
                if (quiet && format.isEmpty()) {
                    String id = image.get("Id").text("");
                    out.line(full ? id : Texts.shortId(id));
                } else {
                    rows.add(row(image, name, full, now, everything));
                }
            }
        }
        if (!quiet || !format.isEmpty()) {
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    private static void refuseWithTree(Flags flags) {
        for (String name : new String[] {"quiet", "no-trunc", "digests"}) {
            if (flags.isSet(name)) {
                String shown = name.equals("digests") ? "show-digest" : name;
                throw new Refusal("--" + shown + " is not yet supported with --tree");
            }
        }
        if (!flags.text("format").isEmpty()) {
            throw new Refusal("--format is not yet supported with --tree");
        }
    }

    public static ListRows rows(String table) {
        return new ListRows(
                "image",
                table,
                "ID",
                "IMAGE ID",
                "Repository",
                "REPOSITORY",
                "Tag",
                "TAG",
                "Digest",
                "DIGEST",
                "CreatedSince",
                "CREATED",
                "CreatedAt",
                "CREATED AT",
                "Size",
                "SIZE",
                "Containers",
                "CONTAINERS",
                "VirtualSize",
                "SIZE",
                "SharedSize",
                "SHARED SIZE",
                "UniqueSize",
                "UNIQUE SIZE");
    }

    /// Repository, tag and digest of each row of an image.
    public static List<String[]> names(Json image, boolean digests) {
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

    public static Row row(Json image, String[] name, boolean full, long now, boolean everything) {
        var row = new Row();
        String id = image.get("Id").text("");
        long created = image.get("Created").integer(0);
        long size = image.get("Size").integer(0);
        row.put("ID", full ? id : Texts.shortId(id));
        row.put("Repository", name[0]);
        row.put("Tag", name[1]);
        row.put("Digest", name[2]);
        row.put("CreatedSince", created <= 0 ? "N/A" : Elapsed.words(now - created) + " ago");
        row.put("Size", Quantity.size(size, 3));
        if (everything) {
            long shared = image.get("SharedSize").integer(-1);
            long containers = image.get("Containers").integer(-1);
            row.put("CreatedAt", created <= 0 ? "N/A" : Timestamps.show(created));
            row.put("Containers", containers < 0 ? "N/A" : Long.toString(containers));
            row.put("VirtualSize", Quantity.size(size, 4));
            row.put("SharedSize", shared < 0 ? "N/A" : Quantity.size(shared, 4));
            row.put("UniqueSize", shared < 0 ? "N/A" : Quantity.size(size - shared, 4));
        }
        return row;
    }
}
