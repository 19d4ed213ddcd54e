package dev.corten.cli.registry;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;

/// `search`: repositories of a registry, those with the most stars first.
public final class SearchCommand implements Command {
    private static final int DESCRIPTION_COLUMNS = 45;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('f', "filter", FlagType.FILTER, "Filter output based on conditions provided")
                .add(
                        FlagTable.NONE,
                        "format",
                        FlagType.STRING,
                        "Pretty-print search using a Go template")
                .add(FlagTable.NONE, "limit", FlagType.INT, "Max number of search results")
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Don't truncate output");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String term = invocation.arguments().getFirst();
        String format = flags.text("format");
        Request request =
                Request.get("/images/search")
                        .query("term", term)
                        .header(
                                "X-Registry-Auth",
                                new Credentials(invocation).header(domain(term)));
        if (flags.integer("limit", 0) > 0) {
            request.query("limit", flags.text("limit"));
        }
        new Filters(flags.list("filter")).addTo(request);
        var found = new ArrayList<>(invocation.api().json(request).items());
        found.sort((a, b) -> Long.compare(stars(b), stars(a)));
        ListRows rows =
                new ListRows(
                        "search",
                        "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}",
                        "Name",
                        "NAME",
                        "Description",
                        "DESCRIPTION",
                        "StarCount",
                        "STARS",
                        "IsOfficial",
                        "OFFICIAL");
        boolean json = format.equals("json") || format.equals("{{json .}}");
        boolean whole = flags.isSet("no-trunc");
        for (Json each : found) {
            boolean official = each.get("is_official").isTrue();
            String about = each.get("description").text("").replace('\n', ' ').replace('\r', ' ');
            rows.add(
                    new Row()
                            .put("Name", each.get("name").text(""))
                            .put(
                                    "Description",
                                    whole ? about : Texts.ellipsis(about, DESCRIPTION_COLUMNS))
                            .put("StarCount", Long.toString(stars(each)))
                            .put(
                                    "IsOfficial",
                                    json ? Boolean.toString(official) : official ? "[OK]" : ""));
        }
        Output out = invocation.out();
        rows.print(format, out);
        out.flush();
        return 0;
    }

    private static long stars(Json result) {
        return result.get("star_count").integer(0);
    }

    /// The registry that is searched: what stands before the first slash, if it looks like a host.
    private static String domain(String term) {
        int slash = term.indexOf('/');
        String first = slash < 0 ? "" : term.substring(0, slash);
        boolean host =
                first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        return host ? first : Reference.DEFAULT_DOMAIN;
    }
}
