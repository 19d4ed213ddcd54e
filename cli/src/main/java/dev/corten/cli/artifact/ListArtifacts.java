package dev.corten.cli.artifact;

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
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Elapsed;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// `artifact ls`.
public final class ListArtifacts implements Command {
    private static final int SHORT = 12;
    private static final int SIZE_DIGITS = 3;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add(FlagTable.NONE, "no-trunc", FlagType.BOOL, "Do not truncate output")
                .add('n', "noheading", FlagType.BOOL, "Do not print column headings")
                .add('q', "quiet", FlagType.BOOL, "Only display digests");
    }

    @Override
    public String about() {
        return "List OCI artifacts in local store.";
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String format = flags.text("format");
        List<Json> artifacts =
                invocation.api().json(Request.get("/corten/v1/artifacts/json")).items();
        boolean whole = flags.isSet("no-trunc");
        Output out = invocation.out();
        if (flags.isSet("quiet") && ListRows.isUsual(format)) {
            artifacts.forEach(artifact -> out.line(digest(artifact, whole)));
        } else {
            ListRows rows =
                    new ListRows(
                            "artifact",
                            "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.Created}}\t{{.Size}}",
                            "Repository",
                            "REPOSITORY",
                            "Tag",
                            "TAG",
                            "Digest",
                            "DIGEST",
                            "Created",
                            "CREATED",
                            "Size",
                            "SIZE",
                            "VirtualSize",
                            "VIRTUAL SIZE",
                            "Type",
                            "TYPE");
            artifacts.forEach(artifact -> rows.add(row(artifact, whole)));
            if (flags.isSet("noheading")) {
                rows.withoutTitles();
            }
            rows.print(format, out);
        }
        out.flush();
        return 0;
    }

    private static String since(String created) {
        long seconds = System.currentTimeMillis() / 1000 - Instant.parse(created).getEpochSecond();
        return Elapsed.words(Math.max(0, seconds)) + " ago";
    }

    private static String digest(Json artifact, boolean whole) {
        String hex = artifact.get("Digest").text("").substring("sha256:".length());
        return whole ? hex : hex.substring(0, SHORT);
    }

    private static Row row(Json artifact, boolean whole) {
        String tag = artifact.get("Tag").text("");
        String created = artifact.get("Created").text("");
        long size = artifact.get("Size").integer(0);
        return new Row()
                .put("Repository", artifact.get("Repository").text(""))
                .put("Tag", tag.isEmpty() ? "<none>" : tag)
                .put("Digest", digest(artifact, whole))
                .put("Created", created.isEmpty() ? "N/A" : since(created))
                .put("Size", Quantity.size(size, SIZE_DIGITS))
                .put("VirtualSize", Json.number(size))
                .put("Type", artifact.get("ArtifactType").text(""));
    }
}
