package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.template.GoText;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Elapsed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// `ps`.
public final class ListContainers implements Command {
    private static final String TABLE =
            "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}"
                    + "\t{{.Names}}";
    private static final int COMMAND_COLUMNS = 20;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Show all containers (default shows just running)")
                .add('f', "filter", FlagType.FILTER, "Filter output based on conditions provided")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(
                        'n',
                        "last",
                        FlagType.INT,
                        "Show n last created containers (includes all states)",
                        "-1")
                .add(
                        'l',
                        "latest",
                        FlagType.BOOL,
                        "Show the latest created container (includes all states)")
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Don't truncate output")
                .add('q', "quiet", FlagType.BOOL, "Only display container IDs")
                .add('s', "size", FlagType.BOOL, "Display total file sizes");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean quiet = flags.isSet("quiet");
        String format = invocation.listFormat("psFormat");
        boolean asksSize = format.indexOf(".Size") >= 0 || format.equals("{{json .}}");
        boolean size = flags.isSet("size", asksSize && !quiet);
        ListRows rows = rows(size ? TABLE + "\t{{.Size}}" : TABLE);
        rows.check(flags.text("format"));
        Request request =
                Request.get("/containers/json").flag("all", flags.isSet("all")).flag("size", size);
        long limit = flags.isSet("latest") ? 1 : flags.integer("last", -1);
        if (limit >= 0) {
            request.query("limit", Long.toString(limit));
        }
        new Filters(flags.list("filter")).addTo(request);
        Json containers = invocation.api().json(request);
        boolean full = flags.isSet("no-trunc");
        Output out = invocation.out();
        if (quiet) {
            if (!format.isEmpty()) {
                invocation.warn(
                        "WARNING: Ignoring custom format, because both --format and --quiet are"
                                + " set.");
            }
            for (Json container : containers.items()) {
                String id = container.get("Id").text("");
                out.line(full ? id : Texts.shortId(id));
            }
            out.flush();
            return 0;
        }

        long now = System.currentTimeMillis() / 1000;
        boolean everything = !ListRows.isUsual(format);
        for (Json container : containers.items()) {
            rows.add(row(container, full, now, everything));
        }
        rows.print(format, out);
        out.flush();
        return 0;
    }

    public static ListRows rows(String table) {
        return new ListRows(
                "Container",
                table,
                "ID",
                "CONTAINER ID",
                "Image",
                "IMAGE",
                "Command",
                "COMMAND",
                "CreatedAt",
                "CREATED AT",
                "RunningFor",
                "CREATED",
                "Status",
                "STATUS",
                "State",
                "STATE",
                "Ports",
                "PORTS",
                "Names",
                "NAMES",
                "Size",
                "SIZE",
                "Labels",
                "LABELS",
                "Label",
                "",
                "Mounts",
                "MOUNTS",
                "LocalVolumes",
                "LOCAL VOLUMES",
                "Networks",
                "NETWORKS",
                "Platform",
                "PLATFORM");
    }

    /// @param everything whether fields that no usual table shows are wanted too
    public static Row row(Json container, boolean full, long now, boolean everything) {
        var row = new Row();
        String id = container.get("Id").text("");
        String command = container.get("Command").text("");
        long created = container.get("Created").integer(0);
        row.put("ID", full ? id : Texts.shortId(id));
        row.put("Image", image(container, full));
        row.put("Command", GoText.quote(full ? command : Texts.ellipsis(command, COMMAND_COLUMNS)));
        row.put("RunningFor", Elapsed.words(now - created) + " ago");
        row.put("Status", container.get("Status").text(""));
        row.put("Ports", PortList.show(container.get("Ports").items()));
        row.put("Names", names(container.get("Names").items(), full));
        row.put("Size", size(container));
        if (everything) {
            Json labels = container.get("Labels");
            row.put("CreatedAt", Timestamps.show(created));
            row.put("State", container.get("State").text(""));
            row.put("Labels", ListRows.labels(labels));
            row.put("Mounts", mounts(container.get("Mounts").items(), full));
            row.put("LocalVolumes", localVolumes(container.get("Mounts").items()));
            row.put("Networks", networks(container));
            row.put("Platform", platform(container));
            row.put(ListRows.LABEL_MAP, labels);
        }
        return row;
    }

    private static String image(Json container, boolean full) {
        String image = container.get("Image").text("");
        if (image.isEmpty()) {
            return "<no image>";
        }
        if (full) {
            return image;
        }
        String id = container.get("ImageID").text("");
        boolean isId = !id.isEmpty() && Texts.shortId(id).equals(Texts.shortId(image));
        if (isId) {
            return Texts.shortId(image);
        }
        int at = image.indexOf('@');
        boolean tagged = at > 0 && image.lastIndexOf(':', at) > image.lastIndexOf('/', at);
        return tagged ? image.substring(0, at) : image;
    }

    private static String names(List<Json> names, boolean full) {
        var text = new StringBuilder();
        for (Json name : names) {
            String bare = name.text("");
            bare = bare.startsWith("/") ? bare.substring(1) : bare;
            // Names with a slash are those of links to it.
            if (full || bare.indexOf('/') < 0) {
                text.append(text.isEmpty() ? "" : ",").append(bare);
            }
        }
        return text.toString();
    }

    private static String size(Json container) {
        String own = Quantity.size(container.get("SizeRw").integer(0), 3);
        long all = container.get("SizeRootFs").integer(0);
        return all > 0 ? own + " (virtual " + Quantity.size(all, 3) + ")" : own;
    }

    private static String mounts(List<Json> mounts, boolean full) {
        var names = new ArrayList<String>();
        for (Json mount : mounts) {
            String name = mount.get("Name").text("");
            name = name.isEmpty() ? mount.get("Source").text("") : name;
            names.add(full ? name : Texts.ellipsis(name, 15));
        }
        return String.join(",", names);
    }

    private static String localVolumes(List<Json> mounts) {
        int count = 0;
        for (Json mount : mounts) {
            count += mount.get("Driver").text("").equals("local") ? 1 : 0;
        }
        return Integer.toString(count);
    }

    private static String networks(Json container) {
        Json networks = container.get("NetworkSettings").get("Networks");
        return String.join(",", new TreeMap<>(networks.members()).keySet());
    }

    private static Json platform(Json container) {
        Json platform = container.get("ImageManifestDescriptor").get("platform");
        return platform.isNothing() ? Json.NULL : platform;
    }
}
