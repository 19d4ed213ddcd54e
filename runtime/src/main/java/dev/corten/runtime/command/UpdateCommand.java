package dev.corten.runtime.command;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.runtime.bundle.Document;
import dev.corten.runtime.bundle.ResourcesReader;
import dev.corten.runtime.bundle.Value;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `update`: changes the limits of a container.
final class UpdateCommand {
    /// Flags by the place of their number in the specification's `resources`.
    private static final Map<String, List<String>> NUMBERS =
            Map.ofEntries(
                    Map.entry("blkio-weight", List.of("blockIO", "weight")),
                    Map.entry("cpu-period", List.of("cpu", "period")),
                    Map.entry("cpu-quota", List.of("cpu", "quota")),
                    Map.entry("cpu-burst", List.of("cpu", "burst")),
                    Map.entry("cpu-share", List.of("cpu", "shares")),
                    Map.entry("cpu-rt-period", List.of("cpu", "realtimePeriod")),
                    Map.entry("cpu-rt-runtime", List.of("cpu", "realtimeRuntime")),
                    Map.entry("memory", List.of("memory", "limit")),
                    Map.entry("memory-reservation", List.of("memory", "reservation")),
                    Map.entry("memory-swap", List.of("memory", "swap")),
                    Map.entry("pids-limit", List.of("pids", "limit")));

    private static final Map<String, List<String>> TEXTS =
            Map.of(
                    "cpuset-cpus", List.of("cpu", "cpus"),
                    "cpuset-mems", List.of("cpu", "mems"));

    static final Flags.Known FLAGS = flags();

    private static final int MAX_BYTES = 1 << 20;

    private final Place place;
    private final InputStream in;

    UpdateCommand(Place place, InputStream in) {
        this.place = place;
        this.in = in;
    }

    private static Flags.Known flags() {
        Set<String> valued = new java.util.HashSet<>(NUMBERS.keySet());
        valued.addAll(TEXTS.keySet());
        valued.add("resources");
        return new Flags.Known(Set.of(), valued, Map.of("r", "resources"), false);
    }

    void run(Flags flags) throws IOException, Failure {
        ContainerRecord container = place.load(flags.id("update"));
        if (container.process().isEmpty()) {
            throw new Failure("container not running");
        }
        container.group().change(ResourcesReader.read(resources(flags)));
    }

    private Value resources(Flags flags) throws IOException, Failure {
        var file = flags.find("resources");
        if (file.isPresent()) {
            byte[] text =
                    file.get().equals("-")
                            ? in.readNBytes(MAX_BYTES)
                            : FileData.readFile(Fd.CWD, file.get(), MAX_BYTES);
            return Document.parse("resources", text);
        }
        var parts = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        for (Map.Entry<String, List<String>> flag : NUMBERS.entrySet()) {
            for (String text : flags.all(flag.getKey())) {
                put(parts, flag.getValue(), number(flag.getKey(), text));
            }
        }
        for (Map.Entry<String, List<String>> flag : TEXTS.entrySet()) {
            for (String text : flags.all(flag.getKey())) {
                put(parts, flag.getValue(), text);
            }
        }
        return new Value("resources", parts);
    }

    private static void put(
            Map<String, Map<String, @Nullable Object>> parts, List<String> where, Object value) {
        parts.computeIfAbsent(where.getFirst(), _ -> new LinkedHashMap<>())
                .put(where.getLast(), value);
    }

    /// With a unit, as in `64m`.
    private static BigDecimal number(String flag, String text) throws Failure {
        String units = "kmgt";
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        String digits = lower.endsWith("b") ? lower.substring(0, lower.length() - 1) : lower;
        int unit = digits.isEmpty() ? -1 : units.indexOf(digits.charAt(digits.length() - 1));
        try {
            var number =
                    new BigDecimal(unit < 0 ? digits : digits.substring(0, digits.length() - 1));
            return number.multiply(BigDecimal.valueOf(1L << (10 * (unit + 1))));
        } catch (NumberFormatException e) {
            throw new Failure("invalid value for " + flag + ": " + text, e);
        }
    }
}
