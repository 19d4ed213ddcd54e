package dev.corten.cli.container;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;
import dev.corten.client.JsonWriter;
import java.util.List;

/// The `--health-*` options, as the API's `Healthcheck`.
final class HealthOptions {
    private HealthOptions() {}

    /// Writes the member if there is anything to say.
    ///
    /// @throws Refusal if they contradict each other
    static void write(JsonWriter json, Flags flags) {
        boolean options =
                flags.isGiven("health-interval")
                        || flags.isGiven("health-timeout")
                        || flags.isGiven("health-start-period")
                        || flags.isGiven("health-start-interval")
                        || flags.isGiven("health-retries")
                        || !flags.text("health-cmd").isEmpty();
        if (flags.isSet("no-healthcheck")) {
            if (options) {
                throw new Refusal("--no-healthcheck conflicts with --health-* options");
            }
            json.name("Healthcheck").object().name("Test").values(List.of("NONE")).end();
            return;
        }
        if (!options) {
            return;
        }
        json.name("Healthcheck").object();
        if (!flags.text("health-cmd").isEmpty()) {
            json.name("Test").values(List.of("CMD-SHELL", flags.text("health-cmd")));
        }
        time(json, flags, "Interval", "health-interval");
        time(json, flags, "Timeout", "health-timeout");
        time(json, flags, "StartPeriod", "health-start-period");
        time(json, flags, "StartInterval", "health-start-interval");
        long retries = flags.integer("health-retries", 0);
        if (retries < 0) {
            throw new Refusal("--health-retries cannot be negative");
        }
        if (retries > 0) {
            json.name("Retries").value(retries);
        }
        json.end();
    }

    private static void time(JsonWriter json, Flags flags, String name, String flag) {
        long nanos = flags.duration(flag);
        if (nanos < 0) {
            throw new Refusal("--" + flag + " cannot be negative");
        }
        if (nanos > 0) {
            json.name(name).value(nanos);
        }
    }
}
