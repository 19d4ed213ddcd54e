package dev.corten.cli.container;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What `mount` and `unmount` share: which containers are meant, and where this makes sense.
final class RootMounts {
    private RootMounts() {}

    /// @throws Failure if the daemon is on another machine: its paths mean nothing here
    static ApiClient local(Invocation invocation) throws IOException {
        return invocation.localApi("containers");
    }

    /// The arguments, or those that `--all` and `--latest` stand for.
    ///
    /// @throws Failure in Podman's words if these contradict each other
    static List<String> meant(Invocation invocation, ApiClient api) throws IOException {
        Flags flags = invocation.flags();
        List<String> names = invocation.arguments();
        boolean all = flags.isSet("all");
        boolean latest = flags.isSet("latest");
        if (all && latest) {
            throw new Failure("--all and --latest cannot be used together");
        }
        if (!names.isEmpty() && (all || latest)) {
            throw new Failure(
                    "--" + (all ? "all" : "latest") + " and containers cannot be used together");
        }
        if (!all && !latest) {
            return names;
        }
        Request list = Request.get("/containers/json").flag("all", true);
        var ids = new ArrayList<String>();
        for (Json each : api.json(latest ? list.query("limit", "1") : list).items()) {
            ids.add(each.get("Id").text(""));
        }
        if (latest && ids.isEmpty()) {
            throw new Failure("no containers to mount or unmount");
        }
        return ids;
    }

    /// The path of what is done to a container.
    static Request request(String name, String verb) {
        return Request.post("/corten/v1" + EachContainer.path(name) + "/" + verb);
    }
}
