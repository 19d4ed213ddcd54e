package dev.corten.registry.server.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Headers;
import dev.corten.http.Query;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.storage.Repository;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Lists of tags and repositories, page by page, and the search of old.
final class ListingRoutes {
    /// Without a word about the number, as Docker Registry.
    private static final int USUAL_REPOSITORIES = 100;

    private static final int USUAL_FOUND = 25;
    private static final int MAX_FOUND = 100;

    private final Services services;

    ListingRoutes(Services services) {
        this.services = services;
    }

    void tags(Call call, RepositoryName name) throws IOException {
        Repository repository = services.storage().repository(name);
        if (services.upstream().isEmpty() && !repository.hasTags()) {
            throw new Refusal(ErrorCode.NAME_UNKNOWN).with(Map.of("name", name.path()));
        }
        Query query = call.exchange().query();
        OptionalInt limit = limit(query, Integer.MAX_VALUE);
        String last = query.text("last");
        List<String> all =
                services.upstream().isPresent()
                        ? services.upstream().get().tags(name).stream().sorted().toList()
                        : repository.tags();
        List<String> after =
                all.stream().filter(tag -> last.isEmpty() || tag.compareTo(last) > 0).toList();
        boolean more = limit.isPresent() && limit.getAsInt() < after.size();
        List<String> page = more ? after.subList(0, limit.getAsInt()) : after;
        Headers lines =
                more && !page.isEmpty()
                        ? next("/v2/" + name + "/tags/list", limit.getAsInt(), page.getLast())
                        : Headers.none();
        var document = new LinkedHashMap<String, Object>();
        document.put("name", name.path());
        document.put("tags", page);
        call.json(200, lines, document);
    }

    void catalog(Call call) throws IOException {
        Query query = call.exchange().query();
        int limit = limit(query, services.maxEntries()).orElse(USUAL_REPOSITORIES);
        Optional<String> last = Optional.of(query.text("last")).filter(l -> !l.isEmpty());
        // One more than is shown tells whether there are more.
        List<RepositoryName> found = services.storage().repositories(last, limit + 1);
        boolean more = found.size() > limit;
        List<String> page = found.stream().limit(limit).map(RepositoryName::path).toList();
        Headers lines =
                more && !page.isEmpty()
                        ? next("/v2/_catalog", limit, page.getLast())
                        : Headers.none();
        call.json(200, lines, Map.of("repositories", page));
    }

    /// `docker search HOST/TERM`: repositories whose name has the term in it.
    void search(Call call) throws IOException {
        Query query = call.exchange().query();
        String term = query.text("q");
        int limit = Math.clamp(limit(query, MAX_FOUND).orElse(USUAL_FOUND), 1, MAX_FOUND);
        var found = new java.util.ArrayList<Map<String, Object>>();
        services.storage()
                .eachRepository(
                        Optional.empty(),
                        name -> {
                            if (name.path().contains(term)) {
                                found.add(result(name));
                            }
                            return found.size() < limit;
                        });
        var document = new LinkedHashMap<String, Object>();
        document.put("num_pages", 1);
        document.put("num_results", found.size());
        document.put("page", 1);
        document.put("page_size", limit);
        document.put("query", term);
        document.put("results", found);
        call.json(200, Headers.none(), document);
    }

    private static Map<String, Object> result(RepositoryName name) {
        var result = new LinkedHashMap<String, Object>();
        result.put("name", name.path());
        result.put("description", "");
        result.put("is_automated", false);
        result.put("is_official", false);
        result.put("is_trusted", false);
        result.put("star_count", 0);
        return result;
    }

    private static OptionalInt limit(Query query, int max) {
        String text = query.text("n");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 0 && limit <= max) {
                return OptionalInt.of(limit);
            }
        } catch (NumberFormatException _) {
            // As one that is too large.
        }
        throw new Refusal(ErrorCode.PAGINATION_NUMBER_INVALID).with(Map.of("n", text));
    }

    private static Headers next(String path, int limit, String last) {
        return Headers.of(
                "Link",
                "<"
                        + path
                        + "?last="
                        + URLEncoder.encode(last, UTF_8)
                        + "&n="
                        + limit
                        + ">; rel=\"next\"");
    }
}
