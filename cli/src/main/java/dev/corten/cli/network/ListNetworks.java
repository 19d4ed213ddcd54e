package dev.corten.cli.network;

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
import dev.corten.cli.text.NaturalOrder;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;

/// `network ls`.
public final class ListNetworks implements Command {
    private static final String TABLE = "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'f',
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"driver=bridge\")")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Do not truncate the output")
                .add('q', "quiet", FlagType.BOOL, "Only display network IDs");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean quiet = flags.isSet("quiet");
        boolean full = flags.isSet("no-trunc");
        String format = invocation.listFormat("networksFormat");
        Request request = Request.get("/networks");
        new Filters(flags.list("filter")).addTo(request);
        var networks = new ArrayList<>(invocation.api().json(request).items());
        networks.sort(
                (a, b) -> NaturalOrder.compare(a.get("Name").text(""), b.get("Name").text("")));
        Output out = invocation.out();
        var rows =
                new ListRows(
                        "network",
                        TABLE,
                        "ID",
                        "NETWORK ID",
                        "Name",
                        "NAME",
                        "Driver",
                        "DRIVER",
                        "Scope",
                        "SCOPE",
                        "IPv4",
                        "IPV4",
                        "IPv6",
                        "IPV6",
                        "Internal",
                        "INTERNAL",
                        "Labels",
                        "LABELS",
                        "Label",
                        "",
                        "CreatedAt",
                        "CREATED AT");
        for (Json network : networks) {
            String id = network.get("Id").text("");
            String shown = full ? id : Texts.shortId(id);
            if (quiet && format.isEmpty()) {
                out.line(shown);
            } else {
                rows.add(row(network, shown));
            }
        }
        if (!quiet || !format.isEmpty()) {
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    private static Row row(Json network, String id) {
        Json labels = network.get("Labels");
        return new Row()
                .put("ID", id)
                .put("Name", network.get("Name").text(""))
                .put("Driver", network.get("Driver").text(""))
                .put("Scope", network.get("Scope").text(""))
                .put("IPv4", Boolean.toString(network.get("EnableIPv4").isTrue()))
                .put("IPv6", Boolean.toString(network.get("EnableIPv6").isTrue()))
                .put("Internal", Boolean.toString(network.get("Internal").isTrue()))
                .put("Labels", ListRows.labels(labels))
                .put(
                        "CreatedAt",
                        dev.corten.cli.template.GoTime.show(network.get("Created").text("")))
                .put(ListRows.LABEL_MAP, labels);
    }
}
