package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `mount`: root file systems of containers on the host, or which there are. Podman has it; Docker
/// does not.
public final class MountCommand implements Command {
    private static final int SHORT = 12;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Mount all containers")
                .add(FlagTable.NONE, "format", FlagType.STRING, "Print the mounts as \"json\"")
                .add('l', "latest", FlagType.BOOL, "Act on the latest container")
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Do not truncate the output");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String format = flags.text("format");
        if (!format.isEmpty() && !format.equals("json")) {
            throw new Failure("unknown --format argument: \"" + format + "\"");
        }
        ApiClient api = RootMounts.local(invocation);
        List<String> names = RootMounts.meant(invocation, api);
        var mounts = new ArrayList<Json>();
        int status = 0;
        if (names.isEmpty() && !flags.isSet("all")) {
            mounts.addAll(api.json(Request.get("/corten/v1/mounts")).items());
        }
        for (String name : names) {
            try {
                mounts.add(api.json(RootMounts.request(name, "mount")));
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                status = 1;
            }
        }
        boolean onlyThePath = names.size() == 1 && format.isEmpty() && !flags.isSet("all");
        print(invocation.out(), mounts, format, onlyThePath, flags.isSet("no-trunc"));
        return status;
    }

    private static void print(
            Output out, List<Json> mounts, String format, boolean onlyThePath, boolean whole) {
        if (format.equals("json")) {
            out.line(json(mounts)).flush();
            return;
        }
        for (Json mount : mounts) {
            String id = mount.get("Id").text("");
            String path = mount.get("Mountpoint").text("");
            String shown = whole ? id : id.substring(0, Math.min(SHORT, id.length()));
            out.line(onlyThePath ? path : shown + "  " + path);
        }
        out.flush();
    }

    /// With Podman's members, indented by one blank as Podman does.
    private static String json(List<Json> mounts) {
        if (mounts.isEmpty()) {
            return "[]";
        }
        var text = new StringBuilder("[\n");
        for (int i = 0; i < mounts.size(); i++) {
            Json mount = mounts.get(i);
            text.append(" {\n  \"id\": ").append(mount.get("Id"));
            text.append(",\n  \"Names\": [\n   ").append(mount.get("Name")).append("\n  ],\n");
            text.append("  \"mountpoint\": ").append(mount.get("Mountpoint")).append("\n }");
            text.append(i + 1 < mounts.size() ? ",\n" : "\n");
        }
        return text.append(']').toString();
    }
}
