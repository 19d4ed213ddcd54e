package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.container.ListContainers;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.image.ListImages;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.listing.ListRows;
import dev.corten.cli.listing.Row;
import dev.corten.cli.template.Shape;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.volume.ListVolumes;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/// `system df`: what lies on the disk, in sums or item by item.
public final class DiskUsage implements Command {
    private static final String SUMS =
            "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
    private static final String IMAGES =
            "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}"
                    + "\t{{.UniqueSize}}\t{{.Containers}}";
    private static final String CONTAINERS =
            "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}"
                    + "\t{{.Status}}\t{{.Names}}";
    private static final String VOLUMES = "{{.Name}}\t{{.Links}}\t{{.Size}}";
    private static final String CACHES =
            "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}"
                    + "\t{{.UsageCount}}\t{{.Shared}}";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.LIST)
                .add('v', "verbose", FlagType.BOOL, "Show detailed information on space usage");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Json usage = invocation.api().json(Request.get("/system/df"));
        Output out = invocation.out();
        String format = invocation.flags().text("format");
        if (!invocation.flags().isSet("verbose")) {
            printSums(usage, format, out);
        } else if (ListRows.isUsual(format)) {
            printItems(usage, out);
        } else {
            printItems(usage, format, out);
        }
        out.flush();
        return 0;
    }

    private static void printSums(Json usage, String format, Output out) {
        var rows =
                new ListRows(
                        "diskUsageImages",
                        SUMS,
                        "Type",
                        "TYPE",
                        "TotalCount",
                        "TOTAL",
                        "Active",
                        "ACTIVE",
                        "Size",
                        "SIZE",
                        "Reclaimable",
                        "RECLAIMABLE");
        List<Json> images = usage.get("Images").items();
        long layers = usage.get("LayersSize").integer(0);
        long used = 0;
        for (Json image : images) {
            long size = image.get("Size").integer(-1);
            long shared = image.get("SharedSize").integer(-1);
            if (image.get("Containers").integer(0) != 0 && size != -1 && shared != -1) {
                used += size - shared;
            }
        }
        long active = count(images, image -> image.get("Containers").integer(0) > 0);
        rows.add(sum("Images", images.size(), active, layers, layers - used, true));

        List<Json> containers = usage.get("Containers").items();
        rows.add(
                sum(
                        "Containers",
                        containers.size(),
                        count(containers, DiskUsage::runs),
                        size(containers, "SizeRw", container -> true),
                        size(containers, "SizeRw", container -> !runs(container)),
                        true));

        List<Json> volumes = new ArrayList<>();
        for (Json volume : usage.get("Volumes").items()) {
            volumes.add(volume.get("UsageData"));
        }
        Predicate<Json> linked = volume -> volume.get("RefCount").integer(0) > 0;
        rows.add(
                sum(
                        "Local Volumes",
                        volumes.size(),
                        count(volumes, linked),
                        size(volumes, "Size", volume -> true),
                        size(volumes, "Size", linked.negate()),
                        true));

        List<Json> caches = usage.get("BuildCache").items();
        Predicate<Json> own = cache -> !cache.get("Shared").isTrue();
        Predicate<Json> inUse = cache -> cache.get("InUse").isTrue();
        rows.add(
                sum(
                        "Build Cache",
                        caches.size(),
                        count(caches, inUse),
                        size(caches, "Size", own),
                        size(caches, "Size", own.and(inUse.negate())),
                        false));
        rows.print(format, out);
    }

    private static boolean runs(Json container) {
        return switch (container.get("State").text("")) {
            case "running", "paused", "restarting" -> true;
            default -> false;
        };
    }

    private static long count(List<Json> items, Predicate<Json> which) {
        long count = 0;
        for (Json item : items) {
            count += which.test(item) ? 1 : 0;
        }
        return count;
    }

    private static long size(List<Json> items, String member, Predicate<Json> which) {
        long size = 0;
        for (Json item : items) {
            size += which.test(item) ? Math.max(0, item.get(member).integer(0)) : 0;
        }
        return size;
    }

    private static Row sum(
            String type, long total, long active, long size, long reclaimable, boolean share) {
        String percent = share && size > 0 ? " (" + reclaimable * 100 / size + "%)" : "";
        return new Row()
                .put("Type", type)
                .put("TotalCount", Long.toString(total))
                .put("Active", Long.toString(active))
                .put("Size", Quantity.size(size, 4))
                .put("Reclaimable", Quantity.size(reclaimable, 4) + percent);
    }

    private static void printItems(Json usage, Output out) {
        ListRows images = ListImages.rows(IMAGES);
        images(usage, false).forEach(images::add);
        out.line("Images space usage:").line("");
        images.print("", out);
        ListRows containers = ListContainers.rows(CONTAINERS);
        containers(usage, false).forEach(containers::add);
        out.line("").line("Containers space usage:").line("");
        containers.print("", out);
        ListRows volumes = ListVolumes.rows(VOLUMES);
        volumes(usage).forEach(volumes::add);
        out.line("").line("Local Volumes space usage:").line("");
        volumes.print("", out);
        long size = size(usage.get("BuildCache").items(), "Size", cache -> true);
        out.line("").line("Build cache usage: " + Quantity.size(size, 4)).line("");
        var caches =
                new ListRows(
                        "buildCache",
                        CACHES,
                        "ID",
                        "CACHE ID",
                        "CacheType",
                        "CACHE TYPE",
                        "Size",
                        "SIZE",
                        "CreatedSince",
                        "CREATED",
                        "LastUsedSince",
                        "LAST USED",
                        "UsageCount",
                        "USAGE",
                        "Shared",
                        "SHARED");
        BuildCacheRows.of(usage.get("BuildCache").items(), false).forEach(caches::add);
        caches.print("", out);
    }

    private static void printItems(Json usage, String format, Output out) {
        var all = new LinkedHashMap<String, Json>();
        all.put("Images", array(images(usage, true)));
        all.put("Containers", array(containers(usage, true)));
        all.put("Volumes", array(volumes(usage)));
        all.put("BuildCache", array(BuildCacheRows.of(usage.get("BuildCache").items(), true)));
        Json document = Json.object(all);
        if (format.equals("json")) {
            out.print(new JsonWriter(true).value(document).toString());
            return;
        }
        try {
            Template template = Template.parse(Formats.unescape(format));
            out.print(template.apply(Value.of(document, Shape.ANY)));
        } catch (TemplateFailure e) {
            throw new Failure("template parsing error: " + e.message());
        }
    }

    private static Json array(List<Row> rows) {
        var items = new ArrayList<Json>();
        for (Row row : rows) {
            items.add(ListRows.sorted(row.json()));
        }
        return Json.array(items);
    }

    /// Each by its first name only.
    private static List<Row> images(Json usage, boolean full) {
        var rows = new ArrayList<Row>();
        long now = System.currentTimeMillis() / 1000;
        for (Json image : usage.get("Images").items()) {
            String[] name = ListImages.names(image, false).getFirst();
            rows.add(ListImages.row(image, new String[] {name[0], name[1], ""}, full, now, true));
        }
        return rows;
    }

    private static List<Row> containers(Json usage, boolean full) {
        var rows = new ArrayList<Row>();
        long now = System.currentTimeMillis() / 1000;
        for (Json container : usage.get("Containers").items()) {
            // The image's part is among the images.
            var own = new LinkedHashMap<>(container.members());
            own.remove("SizeRootFs");
            rows.add(ListContainers.row(Json.object(own), full, now, true));
        }
        return rows;
    }

    private static List<Row> volumes(Json usage) {
        var rows = new ArrayList<Row>();
        for (Json volume : usage.get("Volumes").items()) {
            rows.add(ListVolumes.row(volume));
        }
        return rows;
    }
}
