package dev.corten.registry.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a server wants to be shown: one challenge of `WWW-Authenticate` (RFC 9110, 11.6.1).
///
/// @param scheme in lower case
/// @param parameters names in lower case
record Challenge(String scheme, Map<String, String> parameters) {
    Challenge {
        parameters = Map.copyOf(parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /// Reads all challenges; what cannot be read ends the header that it is in.
    static List<Challenge> parse(List<String> headers) {
        var challenges = new ArrayList<Challenge>();
        for (String header : headers) {
            new Reader(header).read(challenges);
        }
        return List.copyOf(challenges);
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void read(List<Challenge> challenges) {
            skip(" \t,");
            String word = token();
            while (!word.isEmpty()) {
                String scheme = word.toLowerCase(Locale.ROOT);
                var parameters = new LinkedHashMap<String, String>();
                skip(" \t");
                word = token();
                while (!word.isEmpty() && peek() == '=') {
                    at++;
                    parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
                    skip(" \t,");
                    word = token();
                    int before = at;
                    skip(" \t");
                    if (peek() != '=') {
                        at = before;
                    }
                }
                challenges.add(new Challenge(scheme, parameters));
            }
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String token() {
            int start = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        private String value() {
            skip(" \t");
            if (peek() != '"') {
                return token();
            }
            at++;
            var value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at++));
            }
            at++;
            return value.toString();
        }
    }
}
