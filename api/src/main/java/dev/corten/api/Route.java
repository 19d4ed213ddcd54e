package dev.corten.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One row of the route table.
///
/// @param pattern like `/containers/{name}/json`; `{name...}` takes several segments, and so does a
///     container's, as that of a link has a slash in it
record Route(String method, String pattern, Kind kind, Effect effect, Operation operation) {
    /// What the paths of containers begin with.
    private static final String CONTAINER = "/containers/{name}";

    static Route get(String pattern, Kind kind, Effect effect, Operation operation) {
        return new Route("GET", pattern, kind, effect, operation);
    }

    static Route head(String pattern, Kind kind, Effect effect, Operation operation) {
        return new Route("HEAD", pattern, kind, effect, operation);
    }

    static Route post(String pattern, Kind kind, Effect effect, Operation operation) {
        return new Route("POST", pattern, kind, effect, operation);
    }

    static Route put(String pattern, Kind kind, Effect effect, Operation operation) {
        return new Route("PUT", pattern, kind, effect, operation);
    }

    static Route delete(String pattern, Kind kind, Effect effect, Operation operation) {
        return new Route("DELETE", pattern, kind, effect, operation);
    }

    /// The variables of a path that this route is for.
    Optional<Map<String, String>> match(String path) {
        String[] wanted = pattern.split("/", -1);
        String[] given = path.split("/", -1);
        var variables = new HashMap<String, String>();
        int at = 0;
        for (int i = 0; i < wanted.length; i++) {
            String segment = wanted[i];
            if (at >= given.length) {
                return Optional.empty();
            }
            boolean several = segment.endsWith("...}");
            if (several || (pattern.startsWith(CONTAINER) && segment.equals("{name}"))) {
                int rest = wanted.length - i - 1;
                int end = given.length - rest;
                if (end <= at || (!several && given[at].isEmpty())) {
                    return Optional.empty();
                }
                List<String> taken = new ArrayList<>(List.of(given).subList(at, end));
                String variable = segment.substring(1, segment.length() - (several ? 4 : 1));
                variables.put(variable, String.join("/", taken));
                at = end;
            } else if (segment.startsWith("{")) {
                if (given[at].isEmpty()) {
                    return Optional.empty();
                }
                variables.put(segment.substring(1, segment.length() - 1), given[at]);
                at++;
            } else if (segment.equals(given[at])) {
                at++;
            } else {
                return Optional.empty();
            }
        }
        return at == given.length ? Optional.of(variables) : Optional.empty();
    }
}
