package dev.corten.engine.build.output;

import dev.corten.model.InvalidParameter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a client asks of an attestation, as `--provenance` and `--attest type=provenance` write it.
///
/// @param max whether it tells all
/// @param version of SLSA's predicate: `v0.2`, `v1`
record ProvenanceOptions(boolean max, String version, String builder, boolean reproducible) {
    static final ProvenanceOptions LEAST = new ProvenanceOptions(false, "v0.2", "", false);

    /// @param text `mode=min,version=v1`, `true`, `false`; empty if it was not asked for
    /// @return empty for none
    static Optional<ProvenanceOptions> of(Optional<String> text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<Attributes> asked = parameters(text.get());
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        String mode = asked.get().text("mode").orElse("max");
        String version = asked.get().text("version").orElse("v0.2");
        if (!mode.equals("min") && !mode.equals("max")) {
            throw new InvalidParameter("invalid mode: " + mode);
        }
        if (!version.equals("v0.2") && !version.equals("v1")) {
            throw new InvalidParameter("invalid provenance version: " + version);
        }
        return Optional.of(
                new ProvenanceOptions(
                        mode.equals("max"),
                        version,
                        asked.get().text("builder-id").orElse(""),
                        asked.get().flag("reproducible", false)));
    }

    /// @return empty if it says that none is wanted
    static Optional<Attributes> parameters(String text) {
        var values = new TreeMap<String, String>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                values.put(field.substring(0, equals), field.substring(equals + 1));
            } else if (field.equals("false")) {
                return Optional.empty();
            } else if (!field.isEmpty() && !field.equals("true")) {
                throw new InvalidParameter("invalid attestation parameter: " + field);
            }
        }
        var attributes = new Attributes(values);
        return attributes.flag("disabled", false) ? Optional.empty() : Optional.of(attributes);
    }

    /// The parameters of one kind of attestation.
    static Optional<String> asked(Map<String, String> attestations, String type) {
        return Optional.ofNullable(attestations.get(type));
    }

    String predicateType() {
        return "https://slsa.dev/provenance/" + version;
    }
}
