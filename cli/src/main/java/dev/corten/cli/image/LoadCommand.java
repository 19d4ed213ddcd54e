package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/// `load`: images from an archive.
public final class LoadCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('i', "input", FlagType.STRING, "Read from tar archive file, instead of STDIN")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Load only the given platform variant. Formatted as"
                                + " \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")")
                .add('q', "quiet", FlagType.BOOL, "Suppress the load output");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String file = flags.text("input");
        if (file.isEmpty() && invocation.console().isInTerminal()) {
            throw new Failure("requested load from stdin, but stdin is empty");
        }
        boolean quiet = flags.isSet("quiet") || !invocation.console().isOutTerminal();
        Request request = Request.post("/images/load").query("quiet", quiet ? "1" : "0");
        Platforms.ask(request, "platform", flags.text("platform"));
        if (file.isEmpty()) {
            send(invocation, request, invocation.console().in());
        } else {
            try (InputStream in = open(file)) {
                send(invocation, request, in);
            }
        }
        return 0;
    }

    static InputStream open(String file) throws IOException {
        try {
            return new FileInputStream(file);
        } catch (FileNotFoundException e) {
            throw new Failure("open " + file + ": " + LocalFiles.reason(e));
        }
    }

    private static void send(Invocation invocation, Request request, InputStream in)
            throws IOException {
        try (Response response = invocation.api().send(request.stream("application/x-tar", in))) {
            invocation.progress().show(response, false);
        }
    }
}
