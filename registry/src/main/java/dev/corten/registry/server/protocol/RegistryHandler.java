package dev.corten.registry.server.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Exchange;
import dev.corten.http.Handler;
import dev.corten.http.Headers;
import dev.corten.model.InvalidParameter;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.access.AccessControl;
import dev.corten.registry.server.access.Challenge;
import dev.corten.registry.server.access.Permission;
import dev.corten.registry.server.event.Events;
import dev.corten.registry.server.storage.Quotas;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers all requests of a registry: finds what a path is about, who asks, and words what goes
/// wrong.
public final class RegistryHandler implements Handler {
    private static final Logger LOG = System.getLogger(RegistryHandler.class.getName());
    private static final byte[] NOT_FOUND = "404 page not found\n".getBytes(UTF_8);
    private static final Headers TEXT =
            Headers.of(
                    "Content-Type",
                    "text/plain; charset=utf-8",
                    "X-Content-Type-Options",
                    "nosniff");
    private static final Headers VERSION =
            Headers.of("Docker-Distribution-Api-Version", "registry/2.0");

    private final Options options;
    private final AccessControl access;
    private final RequestLog log;
    private final Services services;
    private final ManifestRoutes manifests;
    private final BlobRoutes blobs;
    private final UploadRoutes uploads;
    private final ListingRoutes listings;

    /// @param headers more lines of every answer
    /// @param prefix of all paths, `/` at its end; `/` for none
    /// @param host scheme and host in locations; `""` for what the client says
    /// @param relative whether locations have neither
    /// @param deletes whether manifests and blobs may be deleted
    /// @param readOnly whether nothing may be changed at all
    /// @param anyMount whether a blob may be mounted without saying from where
    /// @param maxEntries the most repositories that are listed at once
    public record Options(
            Headers headers,
            String prefix,
            String host,
            boolean relative,
            boolean deletes,
            boolean readOnly,
            boolean anyMount,
            int maxEntries) {}

    public RegistryHandler(
            Options options,
            Storage storage,
            Quotas quotas,
            AccessControl access,
            Events events,
            Optional<Upstream> upstream,
            RequestLog log) {
        this.options = options;
        this.access = access;
        this.log = log;
        this.services =
                new Services(
                        storage,
                        new FactsCache(),
                        quotas,
                        events,
                        upstream,
                        options.deletes(),
                        options.readOnly(),
                        options.anyMount(),
                        options.maxEntries());
        this.manifests = new ManifestRoutes(services);
        this.blobs = new BlobRoutes(services);
        this.uploads = new UploadRoutes(services);
        this.listings = new ListingRoutes(services);
    }

    @Override
    public void handle(Exchange exchange) throws Exception {
        long start = System.nanoTime();
        var call = new Call(exchange, options.headers(), options.relative(), options.host());
        String handler = "";
        try {
            String path = path(exchange);
            Optional<Route> route = Route.parse(path);
            handler = route.map(Route::handler).orElse("");
            if (route.isPresent()) {
                call.add(VERSION);
                serve(call, route.get());
            } else {
                serveOther(call, path);
            }
        } catch (Refusal e) {
            answer(call, e);
        } catch (InvalidParameter e) {
            answer(call, new Refusal(ErrorCode.UNSUPPORTED, e.message()).withStatus(400));
        } catch (IOException e) {
            if (exchange.isClosed() || exchange.isAnswered()) {
                throw e;
            }
            LOG.log(
                    Level.ERROR,
                    () -> exchange.method() + " " + exchange.rawPath() + " failed: " + e);
            answer(call, new Refusal(ErrorCode.UNKNOWN).with(String.valueOf(e.getMessage())));
        } finally {
            log.answered(
                    exchange,
                    handler,
                    call.user(),
                    // As nginx says of clients that did not wait.
                    call.status() == 0 ? 499 : call.status(),
                    call.bytes(),
                    Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private String path(Exchange exchange) {
        String path = exchange.path();
        String prefix = options.prefix();
        return path.startsWith(prefix) ? path.substring(prefix.length() - 1) : "";
    }

    private static void answer(Call call, Refusal refusal) {
        if (call.status() == 0) {
            call.refuse(refusal);
        }
    }

    /// What is no distribution protocol.
    private void serveOther(Call call, String path) throws IOException {
        switch (path) {
            case "/" -> call.respond(200, Headers.none(), new byte[0]);
            case "/v2" -> call.empty(301, Headers.of("Location", call.location("/v2/")));
            // Docker's daemon asks before it searches.
            case "/v1/_ping" ->
                    call.json(
                            200,
                            Headers.of(
                                    "X-Docker-Registry-Version",
                                    "corten",
                                    "X-Docker-Registry-Standalone",
                                    "true"),
                            true);
            case "/v1/search" -> {
                if (admit(call, List.of(Permission.CATALOG))) {
                    listings.search(call);
                }
            }
            default -> call.respond(404, TEXT, NOT_FOUND);
        }
    }

    private void serve(Call call, Route route) throws IOException {
        String method = call.method();
        if (!List.of(route.methods().split(", ", -1)).contains(method)) {
            call.refuse(new Refusal(ErrorCode.UNSUPPORTED), Headers.of("Allow", route.methods()));
            return;
        }
        if (!admit(call, needed(call, route))) {
            return;
        }
        boolean changes = !method.equals("GET") && !method.equals("HEAD");
        if (changes && (services.readOnly() || services.upstream().isPresent())) {
            throw new Refusal(ErrorCode.UNSUPPORTED);
        }
        boolean removes = method.equals("DELETE") && !(route instanceof Route.Upload);
        if (removes && !services.deletes()) {
            throw new Refusal(ErrorCode.UNSUPPORTED);
        }
        switch (route) {
            case Route.Base() -> call.json(200, Headers.none(), Map.of());
            case Route.Catalog() -> listings.catalog(call);
            case Route.Tags(RepositoryName name) -> listings.tags(call, name);
            case Route.ByTag(RepositoryName name, String tag) -> {
                switch (method) {
                    case "PUT" -> manifests.put(call, name, Optional.of(tag), Optional.empty());
                    case "DELETE" -> manifests.delete(call, name, tag);
                    default -> manifests.get(call, name, tag);
                }
            }
            case Route.ByDigest(RepositoryName name, var digest) -> {
                switch (method) {
                    case "PUT" -> manifests.put(call, name, Optional.empty(), Optional.of(digest));
                    case "DELETE" -> manifests.delete(call, name, digest);
                    default -> manifests.get(call, name, digest);
                }
            }
            case Route.Blob(RepositoryName name, var digest) -> {
                if (method.equals("DELETE")) {
                    blobs.delete(call, name, digest);
                } else {
                    blobs.get(call, name, digest);
                }
            }
            case Route.Uploads(RepositoryName name) -> uploads.start(call, name);
            case Route.Upload(RepositoryName name, String id) -> {
                switch (method) {
                    case "PATCH" -> uploads.append(call, name, id);
                    case "PUT" -> uploads.finish(call, name, id);
                    case "DELETE" -> uploads.cancel(call, name, id);
                    default -> uploads.status(call, name, id);
                }
            }
            case Route.Referrers(RepositoryName name, var digest) ->
                    manifests.referrers(call, name, digest);
        }
    }

    /// @return false if the request has been refused
    private boolean admit(Call call, List<Permission> needed) throws IOException {
        try {
            call.setUser(access.admit(call.headers(), needed));
            return true;
        } catch (Challenge e) {
            var refusal = new Refusal(ErrorCode.UNAUTHORIZED);
            if (!needed.isEmpty()) {
                refusal = refusal.with(needed.stream().map(RegistryHandler::shown).toList());
            }
            call.refuse(refusal, Call.challenge(e));
            return false;
        }
    }

    private static Map<String, String> shown(Permission permission) {
        return Map.of(
                "Type", permission.type(),
                "Class", "",
                "Name", permission.name(),
                "Action", permission.action());
    }

    private static List<Permission> needed(Call call, Route route) {
        return switch (route) {
            case Route.Base() -> List.of();
            case Route.Catalog() -> List.of(Permission.CATALOG);
            case Route.Tags(RepositoryName name) -> needed(call, name);
            case Route.ByTag(RepositoryName name, _) -> needed(call, name);
            case Route.ByDigest(RepositoryName name, _) -> needed(call, name);
            case Route.Blob(RepositoryName name, _) -> needed(call, name);
            case Route.Upload(RepositoryName name, _) ->
                    List.of(Permission.pull(name), Permission.push(name));
            case Route.Referrers(RepositoryName name, _) -> needed(call, name);
            case Route.Uploads(RepositoryName name) -> {
                var all = new ArrayList<>(needed(call, name));
                String from = call.exchange().query().text("from");
                if (RepositoryName.isValid(from)) {
                    all.add(Permission.pull(new RepositoryName(from)));
                }
                yield all;
            }
        };
    }

    private static List<Permission> needed(Call call, RepositoryName name) {
        return switch (call.method()) {
            case "GET", "HEAD" -> List.of(Permission.pull(name));
            case "DELETE" -> List.of(Permission.delete(name));
            default -> List.of(Permission.pull(name), Permission.push(name));
        };
    }
}
