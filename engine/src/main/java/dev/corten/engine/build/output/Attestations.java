package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What is attested of the results of one build. Only what is asked for: unlike BuildKit's, an image
/// has no provenance otherwise, and the same input gives the same image.
final class Attestations {
    private static final String PROVENANCE = "provenance";
    private static final String SBOM = "sbom";
    private static final String SPDX = "https://spdx.dev/Document";

    /// A bill of many packages is larger than any manifest; its size is bounded where it is read.
    private static final JsonMapper LARGE = JsonMapper.builder().build();

    private final ExportRequest request;
    private final Scanner scanner;
    private final Listener listener;
    private final Instant end;
    private final Optional<ProvenanceOptions> provenance;
    private final Optional<Attributes> bill;

    /// Each result is looked at once.
    private final IdentityHashMap<Finished, List<Attestation>> bills = new IdentityHashMap<>();

    Attestations(ExportRequest request, Scanner scanner, Clock clock, Listener listener) {
        this.request = request;
        this.scanner = scanner;
        this.listener = listener;
        this.end = clock.instant();
        this.provenance = provenance(request.attestations());
        this.bill = bill(request.attestations());
    }

    /// @throws InvalidParameter for what nobody can attest
    static void check(Map<String, String> attestations) {
        for (String type : attestations.keySet()) {
            if (!type.equals(PROVENANCE) && !type.equals(SBOM)) {
                throw new InvalidParameter("unknown attestation type \"" + type + "\"");
            }
        }
        isWanted(attestations);
    }

    static boolean isWanted(Map<String, String> attestations) {
        // Both: what is malformed in one shall not depend on the other.
        boolean provenance = provenance(attestations).isPresent();
        return bill(attestations).isPresent() || provenance;
    }

    private static Optional<ProvenanceOptions> provenance(Map<String, String> attestations) {
        return ProvenanceOptions.of(ProvenanceOptions.asked(attestations, PROVENANCE));
    }

    private static Optional<Attributes> bill(Map<String, String> attestations) {
        return ProvenanceOptions.asked(attestations, SBOM).flatMap(ProvenanceOptions::parameters);
    }

    /// @param layers of the result in the form in which it is exported
    List<Attestation> of(Finished result, List<Descriptor> layers)
            throws IOException, InterruptedException {
        var all = new ArrayList<Attestation>();
        if (bill.isPresent()) {
            List<Attestation> known = bills.get(result);
            if (known == null) {
                known = scanned(result, bill.get().text("generator").orElse(""));
                bills.put(result, known);
            }
            all.addAll(known);
        }
        if (provenance.isPresent()) {
            ProvenanceOptions options = provenance.get();
            all.add(
                    new Attestation(
                            options.predicateType(),
                            "provenance.json",
                            new ProvenanceText(options, request.invocation(), request.epoch())
                                    .predicate(result, layers, end)));
        }
        return all;
    }

    private List<Attestation> scanned(Finished result, String generator)
            throws IOException, InterruptedException {
        var found = new ArrayList<Attestation>();
        for (Scanner.Found file : scanner.scan(result, generator, listener)) {
            JsonNode json;
            try {
                json = LARGE.readTree(file.statement());
            } catch (JacksonException e) {
                throw new InvalidParameter(
                        "bill of materials " + file.name() + " is not valid JSON", e);
            }
            String type = json.path("predicateType").asString("");
            if (!type.equals(SPDX)) {
                throw new InvalidParameter(
                        "bundle entry " + type + " does not match required predicate type " + SPDX);
            }
            found.add(new Attestation(type, file.name(), json.path("predicate")));
        }
        return found;
    }

    /// Tells `--metadata-file` how the results came about.
    void describe(List<Finished> results, SortedMap<String, String> metadata) {
        for (Finished result : results) {
            String name =
                    "buildx.build.provenance"
                            + (request.severalPlatforms() ? "/" + result.platform() : "");
            metadata.put(
                    name,
                    Json.MAPPER.writeValueAsString(
                            new ProvenanceText(
                                            ProvenanceOptions.LEAST,
                                            request.invocation(),
                                            request.epoch())
                                    .summary(result)));
        }
    }
}
