package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `unmount`: undoes `mount`, and prints the IDs. Podman has it; Docker does not.
public final class UnmountCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Unmount all containers")
                .add(
                        'f',
                        "force",
                        FlagType.BOOL,
                        "Unmount at once, however often it was mounted and whoever uses it")
                .add('l', "latest", FlagType.BOOL, "Act on the latest container");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = RootMounts.local(invocation);
        boolean all = invocation.flags().isSet("all");
        List<String> names = RootMounts.meant(invocation, api);
        if (all) {
            names = new ArrayList<>();
            for (Json mount : api.json(Request.get("/corten/v1/mounts")).items()) {
                names.add(mount.get("Id").text(""));
            }
        } else if (names.isEmpty()) {
            throw new Failure("you must provide at least one name or id");
        }
        int status = 0;
        for (String name : names) {
            try {
                Request request =
                        RootMounts.request(name, "unmount")
                                .flag("force", invocation.flags().isSet("force"));
                invocation.out().line(api.json(request).get("Id").text("")).flush();
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                status = 1;
            }
        }
        return status;
    }
}
