package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `image mount` and `image unmount`: an image's files on the host, read-only; or which are mounted.
/// Podman has it; Docker does not.
public final class MountImages implements Command {
    private final boolean mounts;

    private MountImages(boolean mounts) {
        this.mounts = mounts;
    }

    public static MountImages mounting() {
        return new MountImages(true);
    }

    public static MountImages unmounting() {
        return new MountImages(false);
    }

    @Override
    public FlagTable flags() {
        var flags = new FlagTable();
        return mounts
                ? flags
                : flags.add(
                        'f', "force", FlagType.BOOL, "Unmount at once, though somebody uses it");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(mounts ? 0 : 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.localApi("images");
        List<String> names = invocation.arguments();
        var done = new ArrayList<Json>();
        int status = 0;
        if (names.isEmpty()) {
            done.addAll(api.json(Request.get("/corten/v1/image-mounts")).items());
        }
        for (String name : names) {
            try {
                String verb = mounts ? "/mount" : "/unmount";
                done.add(
                        api.json(
                                Request.post("/corten/v1/images/" + Request.segment(name) + verb)
                                        .flag("force", invocation.flags().isSet("force"))));
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                status = 1;
            }
        }
        print(invocation.out(), done, mounts && names.size() == 1);
        return status;
    }

    private void print(Output out, List<Json> done, boolean onlyThePath) {
        for (Json each : done) {
            String path = each.get("Mountpoint").text("");
            out.line(
                    !mounts
                            ? each.get("Id").text("")
                            : onlyThePath ? path : each.get("Name").text("") + "  " + path);
        }
        out.flush();
    }
}
