package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.option.Platforms;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Elapsed;
import java.io.IOException;

/// `history`: how an image was made, the last step first.
public final class HistoryCommand implements Command {
    private static final int COMMAND_COLUMNS = 45;

    /// The year 2000: what is older was made by no clock.
    private static final long EPOCH = 946_684_800;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(
                        'H',
                        "human",
                        FlagType.BOOL,
                        "Print sizes and dates in human readable format",
                        "true")
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Don't truncate output")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Show history for the given platform. Formatted as"
                                + " \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")")
                .add('q', "quiet", FlagType.BOOL, "Only show image IDs");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String format = flags.text("format");
        boolean human = flags.isSet("human", true);
        boolean whole = flags.isSet("no-trunc");
        String name = Request.segment(invocation.arguments().getFirst());
        Request request = Request.get("/images/" + name + "/history");
        Platforms.ask(request, "platform", flags.text("platform"));
        Json steps = invocation.api().json(request);
        ListRows rows = rows(human);
        long now = System.currentTimeMillis() / 1000;
        Output out = invocation.out();
        boolean quiet = flags.isSet("quiet") && ListRows.isUsual(format);
        for (Json step : steps.items()) {
            Row row = row(step, human, whole, now);
            if (quiet) {
                out.line(row.json().get("ID").text(""));
            } else {
                rows.add(row);
            }
        }
        if (!quiet) {
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    private static ListRows rows(boolean human) {
        return new ListRows(
                "history",
                "{{.ID}}\t{{.Created"
                        + (human ? "Since" : "At")
                        + "}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
                "ID",
                "IMAGE",
                "CreatedSince",
                "CREATED",
                "CreatedAt",
                "CREATED AT",
                "CreatedBy",
                "CREATED BY",
                "Size",
                "SIZE",
                "Comment",
                "COMMENT");
    }

    private static Row row(Json step, boolean human, boolean whole, long now) {
        String id = step.get("Id").text("");
        long created = step.get("Created").integer(0);
        String command = step.get("CreatedBy").text("").replace('\t', ' ');
        long size = step.get("Size").integer(0);
        String at = Timestamps.rfc3339(created);
        String since = created <= EPOCH ? "" : Elapsed.words(now - created) + " ago";
        return new Row()
                .put("ID", whole ? id : Texts.shortId(id))
                .put("CreatedSince", human ? since : at)
                .put("CreatedAt", at)
                .put("CreatedBy", whole ? command : Texts.ellipsis(command, COMMAND_COLUMNS))
                .put("Size", human ? Quantity.size(size, 3) : Long.toString(size))
                .put("Comment", step.get("Comment").text(""));
    }
}
