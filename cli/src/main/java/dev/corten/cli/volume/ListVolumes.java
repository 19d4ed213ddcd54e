package dev.corten.cli.volume;

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
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;

/// `volume ls`.
public final class ListVolumes implements Command {
    private static final String UNKNOWN = "N/A";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'f',
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"dangling=true\")")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add('q', "quiet", FlagType.BOOL, "Only display volume names");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean quiet = flags.isSet("quiet");
        String format = invocation.listFormat("volumesFormat");
        Request request = Request.get("/volumes");
        new Filters(flags.list("filter")).addTo(request);
        Json volumes = invocation.api().json(request).get("Volumes");
        Output out = invocation.out();
        if (quiet && ListRows.isUsual(format)) {
            volumes.items().forEach(volume -> out.line(volume.get("Name").text("")));
        } else {
            ListRows rows = rows("{{.Driver}}\t{{.Name}}");
            volumes.items().forEach(volume -> rows.add(row(volume)));
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    public static ListRows rows(String table) {
        return new ListRows(
                "volume",
                table,
                "Name",
                "VOLUME NAME",
                "Driver",
                "DRIVER",
                "Labels",
                "LABELS",
                "Label",
                "",
                "Mountpoint",
                "MOUNTPOINT",
                "Scope",
                "SCOPE",
                "Links",
                "LINKS",
                "Size",
                "SIZE",
                "Availability",
                "AVAILABILITY",
                "Group",
                "GROUP",
                "Status",
                "STATUS");
    }

    public static Row row(Json volume) {
        Json labels = volume.get("Labels");
        Json usage = volume.get("UsageData");
        boolean known = !usage.isNothing();
        return new Row()
                .put("Name", volume.get("Name").text(""))
                .put("Driver", volume.get("Driver").text(""))
                .put("Labels", ListRows.labels(labels))
                .put("Mountpoint", volume.get("Mountpoint").text(""))
                .put("Scope", volume.get("Scope").text(""))
                .put("Links", known ? usage.get("RefCount").literal() : UNKNOWN)
                .put("Size", known ? Quantity.size(usage.get("Size").integer(0), 4) : UNKNOWN)
                .put("Availability", UNKNOWN)
                .put("Group", UNKNOWN)
                .put("Status", UNKNOWN)
                .put(ListRows.LABEL_MAP, labels);
    }
}
