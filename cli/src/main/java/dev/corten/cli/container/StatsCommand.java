package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.text.Texts;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// `stats`: a table that is drawn anew twice a second, or once.
public final class StatsCommand implements Command {
    private static final long REDRAW_MILLIS = 500;
    private static final String HOME = "\033[H";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Show all containers (default shows just running)")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(
                        FlagTable.NONE,
                        "no-stream",
                        FlagType.BOOL,
                        "Disable streaming stats and only pull the first result")
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Do not truncate output");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean once = flags.isSet("no-stream");
        List<String> named = invocation.arguments();
        ApiClient api = invocation.api();
        var board = new StatsBoard(api, !once);
        try {
            board.show(named.isEmpty() ? listed(api, flags) : named);
            board.awaitFirst();
            // Of a list, some may have gone since.
            List<String> failures = named.isEmpty() ? List.of() : board.failures();
            if (!failures.isEmpty()) {
                throw new Failure(String.join("\n", failures));
            }
            if (once) {
                invocation.out().print(table(board, flags)).flush();
                return 0;
            }
            do {
                draw(table(board, flags), invocation.out());
                board.awaitMillis(REDRAW_MILLIS);
                if (named.isEmpty()) {
                    board.show(listed(api, flags));
                }
            } while (named.isEmpty() || !board.isOver());
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    private static List<String> listed(ApiClient api, Flags flags) throws IOException {
        Json containers = api.json(Request.get("/containers/json").flag("all", flags.isSet("all")));
        var ids = new ArrayList<String>();
        for (Json container : containers.items()) {
            ids.add(Texts.shortId(container.get("Id").text("")));
        }
        return ids;
    }

    private static String table(StatsBoard board, Flags flags) {
        ListRows rows = StatsRow.rows();
        board.rows(flags.isSet("no-trunc")).forEach(rows::add);
        var bytes = new ByteArrayOutputStream();
        var out = new Output(bytes);
        rows.print(flags.text("format"), out);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// Over what was there, so that nothing flickers.
    private static void draw(String table, Output out) {
        out.print(HOME);
        table.lines().forEach(line -> out.line(line + CLEAR_LINE));
        out.print(CLEAR_BELOW).flush();
    }
}
