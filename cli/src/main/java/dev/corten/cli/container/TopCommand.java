package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.console.Table;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `top`.
public final class TopCommand implements Command {
    private static final int COLUMN_MIN = 20;

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    /// What follows the container is for `ps`.
    @Override
    public boolean interspersed() {
        return false;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> arguments = invocation.arguments();
        Request request = Request.get(EachContainer.path(arguments.getFirst()) + "/top");
        if (arguments.size() > 1) {
            request.query("ps_args", String.join(" ", arguments.subList(1, arguments.size())));
        }
        Json answer = invocation.api().json(request);
        var table = new Table(COLUMN_MIN);
        table.row(cells(answer.get("Titles")));
        for (Json process : answer.get("Processes").items()) {
            table.row(cells(process));
        }
        Output out = invocation.out();
        table.print(out);
        out.flush();
        return 0;
    }

    private static String[] cells(Json row) {
        return row.items().stream().map(cell -> cell.text("")).toArray(String[]::new);
    }
}
