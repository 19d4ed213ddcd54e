package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Console;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.ApiClient;
import dev.corten.client.FrameReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;

/// `logs`.
public final class LogsCommand implements Command {
    @Override
    public FlagTable flags() {
        String time = "(e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)";
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "details",
                        FlagType.BOOL,
                        "Show extra details provided to logs")
                .add('f', "follow", FlagType.BOOL, "Follow log output")
                .add(FlagTable.NONE, "since", FlagType.STRING, "Show logs since timestamp " + time)
                .add(
                        'n',
                        "tail",
                        FlagType.STRING,
                        "Number of lines to show from the end of the logs",
                        "all")
                .add('t', "timestamps", FlagType.BOOL, "Show timestamps")
                .add(
                        FlagTable.NONE,
                        "until",
                        FlagType.STRING,
                        "Show logs before a timestamp " + time);
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Flags flags = invocation.flags();
        String path = EachContainer.path(invocation.arguments().getFirst());
        Request request =
                Request.get(path + "/logs")
                        .flag("details", flags.isSet("details"))
                        .flag("follow", flags.isSet("follow"))
                        .query("stderr", "1")
                        .query("stdout", "1")
                        .query("tail", flags.text("tail", "all"))
                        .flag("timestamps", flags.isSet("timestamps"));
        if (flags.isGiven("since")) {
            request.query("since", Timestamps.parse(flags.text("since"), "since"));
        }
        if (flags.isGiven("until")) {
            request.query("until", Timestamps.parse(flags.text("until"), "until"));
        }
        try (Response logs = api.send(request)) {
            if (logs.header("Content-Type").equals("application/vnd.docker.multiplexed-stream")) {
                new FrameReader(logs.body()).copyTo(console.out(), console.err());
            } else {
                logs.body().transferTo(console.out());
                console.out().flush();
            }
        }
        return 0;
    }
}
