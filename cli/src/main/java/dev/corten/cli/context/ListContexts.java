package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.StoredContext;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import java.io.IOException;
import java.util.List;

/// `context ls`.
public final class ListContexts implements Command {
    private static final int ERROR_COLUMNS = 45;
    private static final String TABLE =
            "{{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add('q', "quiet", FlagType.BOOL, "Only show context names");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Setup setup = invocation.setup();
        String current = setup.contextName();
        List<String> names = setup.contexts().names();
        if (!names.contains(current) && !current.equals(ContextStore.DEFAULT)) {
            names.add(current);
        }
        names.add(ContextStore.DEFAULT);
        names.sort(null);
        Output out = invocation.out();
        if (invocation.flags().isSet("quiet")) {
            names.forEach(out::line);
        } else {
            var rows =
                    new ListRows(
                            "clientContext",
                            TABLE,
                            "Name",
                            "NAME",
                            "Description",
                            "DESCRIPTION",
                            "DockerEndpoint",
                            "DOCKER ENDPOINT",
                            "Error",
                            "ERROR",
                            "Current",
                            "");
            for (String name : names) {
                rows.add(row(setup, name, name.equals(current)));
            }
            rows.print(invocation.flags().text("format"), out);
        }
        out.flush();
        if (!setup.variableHost().isEmpty()) {
            invocation.warn(
                    "Warning: DOCKER_HOST environment variable overrides the active context. To use"
                            + " a context, either set the global --context flag, or unset"
                            + " DOCKER_HOST environment variable.");
        }
        return 0;
    }

    private static Row row(Setup setup, String name, boolean current) throws IOException {
        String description = "Current DOCKER_HOST based configuration";
        String host = "";
        String error = "";
        try {
            StoredContext context = ContextConfig.find(setup, name);
            if (!name.equals(ContextStore.DEFAULT)) {
                description = context.description();
            }
            host = context.host();
        } catch (Failure e) {
            description = "";
            error = e.message().replace('\n', ' ');
        }
        return new Row()
                .put("Name", name)
                .put("Current", Json.bool(current))
                .put("Description", description)
                .put("DockerEndpoint", host)
                .put("Error", Texts.ellipsis(error, ERROR_COLUMNS));
    }
}
