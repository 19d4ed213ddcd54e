package dev.corten.cli.system;

import dev.corten.cli.listing.Row;
import dev.corten.cli.text.Instants;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.Json;
import dev.corten.model.Elapsed;
import java.util.ArrayList;
import java.util.List;

/// What builds keep, as `system df -v` shows it: what was used least recently comes first.
final class BuildCacheRows {
    private static final long SECOND = 1_000_000_000L;
    private static final int SIZE_DIGITS = 3;

    private BuildCacheRows() {}

    /// @param full whether IDs are not shortened
    static List<Row> of(List<Json> records, boolean full) {
        var sorted = new ArrayList<>(records);
        sorted.sort(BuildCacheRows::compare);
        long now = System.currentTimeMillis() / 1000;
        var rows = new ArrayList<Row>();
        for (Json record : sorted) {
            rows.add(row(record, full, now));
        }
        return rows;
    }

    private static int compare(Json a, Json b) {
        int byTime = Long.compare(time(a, "LastUsedAt"), time(b, "LastUsedAt"));
        return byTime != 0 ? byTime : a.get("ID").text("").compareTo(b.get("ID").text(""));
    }

    private static long time(Json record, String member) {
        return Instants.parse(record.get(member).text(""));
    }

    private static Row row(Json record, boolean full, long now) {
        String id = record.get("ID").text("");
        boolean used = record.get("InUse").isTrue();
        List<Json> parents = record.get("Parents").items();
        String parent = parents.isEmpty() ? "" : parents.getFirst().text("");
        return new Row()
                .put("ID", (full ? id : Texts.shortId(id)) + (used && !full ? "*" : ""))
                .put("Parent", full ? parent : Texts.shortId(parent))
                .put("CacheType", record.get("Type").text(""))
                .put("Description", record.get("Description").text(""))
                .put("InUse", Boolean.toString(used))
                .put("Shared", Boolean.toString(record.get("Shared").isTrue()))
                .put("Size", Quantity.size(record.get("Size").integer(0), SIZE_DIGITS))
                .put("CreatedAt", shown(record, "CreatedAt"))
                .put("CreatedSince", since(record, "CreatedAt", now))
                .put("LastUsedAt", shown(record, "LastUsedAt"))
                .put("LastUsedSince", since(record, "LastUsedAt", now))
                .put("UsageCount", Long.toString(record.get("UsageCount").integer(0)));
    }

    private static String shown(Json record, String member) {
        long time = time(record, member);
        return time == Instants.NONE ? "" : Timestamps.show(Math.floorDiv(time, SECOND));
    }

    private static String since(Json record, String member, long now) {
        long time = time(record, member);
        return time == Instants.NONE
                ? ""
                : Elapsed.words(now - Math.floorDiv(time, SECOND)) + " ago";
    }
}
