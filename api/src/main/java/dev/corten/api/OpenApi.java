package dev.corten.api;

import dev.corten.api.wire.ApiVersion;
import dev.corten.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The document that describes the API, made of the route table: what is in it is what is served.
/// What bodies hold is in the reference of the Docker Engine API.
final class OpenApi {
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)(\\.\\.\\.)?}");

    private final byte[] document;

    /// @param missing those of the routes that only say that they are not there yet
    OpenApi(List<Route> routes, List<Route> missing, String version) {
        var all = new ArrayList<>(routes);
        all.add(route());
        document = document(all, missing, version).getBytes(StandardCharsets.UTF_8);
    }

    Route route() {
        Headers type = Headers.of("Content-Type", "application/yaml");
        return Route.get(
                "/openapi.yaml",
                Kind.SYSTEM,
                Effect.READ,
                _ -> new Response.Whole(200, type, document));
    }

    private static String document(List<Route> routes, List<Route> missing, String version) {
        var text = new StringBuilder();
        text.append(
                """
                openapi: 3.1.0
                info:
                  title: Docker Engine API of Corten %s
                  version: "%s"
                  description: >-
                    The routes that this daemon serves, with the kind of thing that each touches and
                    its effect. Bodies are those of the Docker Engine API, whose reference says what
                    they hold. A path may be preceded by a version, as in /v1.24/_ping; without one
                    the newest counts.
                  license:
                    name: Apache-2.0
                servers:
                  - url: /v%s
                  - url: /
                components:
                  schemas:
                    Error:
                      type: object
                      required: [message]
                      properties:
                        message:
                          type: string
                  responses:
                    Error:
                      description: What went wrong
                      content:
                        application/json:
                          schema:
                            $ref: '#/components/schemas/Error'
                paths:
                """
                        .formatted(version, ApiVersion.NEWEST, ApiVersion.NEWEST));
        byPath(routes)
                .forEach((path, operations) -> {
                    text.append("  ").append(path).append(":\n");
                    operations.forEach((method, route) ->
                            operation(text, method, path, route, missing.contains(route)));
                });
        return text.toString();
    }

    /// The first of two routes counts, as when a request is routed.
    private static Map<String, Map<String, Route>> byPath(List<Route> routes) {
        var paths = new TreeMap<String, Map<String, Route>>();
        for (Route route : routes) {
            String path = VARIABLE.matcher(route.pattern()).replaceAll("{$1}");
            paths.computeIfAbsent(path, _ -> new LinkedHashMap<>())
                    .putIfAbsent(route.method().toLowerCase(Locale.ROOT), route);
        }
        return paths;
    }

    private static void operation(
            StringBuilder text, String method, String path, Route route, boolean missing) {
        text.append("    ").append(method).append(":\n");
        text.append("      operationId: ").append(operationId(method, path)).append('\n');
        text.append("      tags: [").append(lower(route.kind())).append("]\n");
        text.append("      x-corten-effect: ").append(lower(route.effect())).append('\n');
        List<String> variables = variables(path);
        if (!variables.isEmpty()) {
            text.append("      parameters:\n");
            for (String variable : variables) {
                text.append("        - name: ").append(variable).append('\n');
                text.append("          in: path\n");
                text.append("          required: true\n");
                text.append("          schema: {type: string}\n");
            }
        }
        text.append("      responses:\n");
        if (missing) {
            text.append("        '501':\n");
        } else {
            text.append("        '2XX':\n          description: Done\n        default:\n");
        }
        text.append("          $ref: '#/components/responses/Error'\n");
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> variables(String path) {
        var variables = new ArrayList<String>();
        Matcher matcher = VARIABLE.matcher(path);
        while (matcher.find()) {
            variables.add(matcher.group(1));
        }
        return variables;
    }

    /// `getContainersNameJson`.
    private static String operationId(String method, String path) {
        var id = new StringBuilder(method);
        for (String word : path.split("\\W+|_")) {
            if (!word.isEmpty()) {
                id.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return id.toString();
    }
}
