package dev.corten.build.dockerfile;

import dev.corten.model.Suggestions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `RUN --mount=type=cache,target=/root/.npm`.
///
/// @param from a stage, an image or a named context; `""` is the build context
/// @param source a path in `from`, or the name of a secret or an agent socket; `""` if not given
/// @param target a path in the container; `""` if not given
/// @param readOnly what is written is lost if it is false and the type is bind
/// @param required whether the step fails without the secret or the agent
/// @param size of a tmpfs, in bytes; 0 is without a limit
/// @param id of a cache, a secret or an agent; `""` if not given
/// @param environment the variable that gets a secret's text; `""` for none
public record RunMount(
        Type type,
        String from,
        String source,
        String target,
        boolean readOnly,
        boolean required,
        long size,
        String id,
        Sharing sharing,
        OptionalInt mode,
        OptionalInt uid,
        OptionalInt gid,
        String environment) {
    public enum Type {
        BIND,
        CACHE,
        TMPFS,
        SECRET,
        SSH;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// What a second step does that wants the same cache at the same time.
    public enum Sharing {
        SHARED,
        PRIVATE,
        LOCKED
    }

    /// Replaces variables in a value.
    @FunctionalInterface
    public interface Expander {
        String expand(String value) throws DockerfileException;
    }

    /// A mount before its variables are known.
    ///
    /// @param value what follows `--mount=`
    public record Written(String value, Statement statement, Position position) {
        public RunMount read(Expander expander) throws DockerfileException {
            try {
                return new Reader().read(fields(value), expander);
            } catch (Reader.Wrong e) {
                throw DockerfileException.instruction(
                        position, statement.lastLine(), e.complaint());
            }
        }

        /// What the mount is taken from; variables cannot be used in it, as the order of the
        /// stages follows from it.
        ///
        /// @return `""` if nothing is said
        public String from() throws DockerfileException {
            String from = "";
            for (String field : fields(value)) {
                int equals = field.indexOf('=');
                if (equals < 0 || !field.substring(0, equals).equalsIgnoreCase("from")) {
                    continue;
                }
                from = field.substring(equals + 1);
                if (VARIABLE.matcher(from).find()) {
                    throw DockerfileException.instruction(
                            position,
                            statement.lastLine(),
                            "'from' doesn't support variable expansion, define alias stage instead");
                }
            }
            return from;
        }
    }

    private static final Pattern VARIABLE = Pattern.compile("\\$.");
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,18})\\s?([kKmMgGtTpP]?)([iI]?[bB])?");
    private static final List<String> KEYS =
            List.of(
                    "type",
                    "from",
                    "source",
                    "src",
                    "target",
                    "dst",
                    "destination",
                    "readonly",
                    "ro",
                    "readwrite",
                    "rw",
                    "required",
                    "size",
                    "id",
                    "sharing",
                    "mode",
                    "uid",
                    "gid",
                    "env");

    /// The fields of a line of comma-separated values (RFC 4180).
    private static List<String> fields(String value) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean doubled = quoted && i + 1 < value.length() && value.charAt(i + 1) == '"';
            if (c == '"' && doubled) {
                field.append('"');
                i++;
            } else if (c == '"' && (quoted || field.isEmpty())) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }

    private static final class Reader {
        private static final class Wrong extends Exception {
            private static final long serialVersionUID = 1L;

            Wrong(String complaint) {
                super(complaint);
            }

            String complaint() {
                return String.valueOf(getMessage());
            }
        }

        private Type type = Type.BIND;
        private String from = "";
        private String source = "";
        private String target = "";
        private boolean readOnly;
        private boolean accessGiven;
        private boolean required;
        private long size;
        private String id = "";
        private Sharing sharing = Sharing.SHARED;
        private boolean sharingGiven;
        private OptionalInt mode = OptionalInt.empty();
        private OptionalInt uid = OptionalInt.empty();
        private OptionalInt gid = OptionalInt.empty();
        private String environment = "";

        RunMount read(List<String> fields, Expander expander) throws Wrong, DockerfileException {
            for (String field : fields) {
                int equals = field.indexOf('=');
                if (equals < 0) {
                    word(field, field.toLowerCase(Locale.ROOT));
                } else {
                    String key = field.substring(0, equals).toLowerCase(Locale.ROOT);
                    pair(field, key, expander.expand(field.substring(equals + 1)));
                }
            }
            return finish();
        }

        private void word(String field, String key) throws Wrong {
            switch (key) {
                case "readonly", "ro" -> access(true);
                case "readwrite", "rw" -> access(false);
                case "required" -> require(key, true);
                default ->
                        throw new Wrong("invalid field '" + field + "' must be a key=value pair");
            }
        }

        private void pair(String field, String key, String value) throws Wrong {
            switch (key) {
                case "type" -> type = type(value);
                case "from" -> from = value;
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" -> access(flag(key, value));
                case "readwrite", "rw" -> access(!flag(key, value));
                case "required" -> require(key, flag(key, value));
                case "size" -> {
                    onlyFor(key, Type.TMPFS);
                    size = size(value);
                }
                case "id" -> id = value;
                case "sharing" -> sharing = sharing(value);
                case "mode" -> mode = number(key, value, 8);
                case "uid" -> uid = number(key, value, 10);
                case "gid" -> gid = number(key, value, 10);
                case "env" -> {
                    onlyFor(key, Type.SECRET);
                    environment = value;
                }
                default ->
                        throw new Wrong(
                                "unexpected key '"
                                        + key
                                        + "' in '"
                                        + field
                                        + "'"
                                        + didYouMean(key, KEYS));
            }
        }

        private RunMount finish() throws Wrong {
            boolean owned = type == Type.SECRET || type == Type.SSH || type == Type.CACHE;
            if (!owned) {
                refuse("mode", mode);
                refuse("uid", uid);
                refuse("gid", gid);
            }
            if (type == Type.SECRET) {
                finishSecret();
            }
            if (sharingGiven && type != Type.CACHE) {
                throw new Wrong("invalid cache sharing set for " + type.word() + " mount");
            }
            if (!accessGiven) {
                readOnly = type != Type.CACHE && type != Type.TMPFS;
            }
            return new RunMount(
                    type,
                    from,
                    source,
                    target,
                    readOnly,
                    required,
                    size,
                    id,
                    sharing,
                    mode,
                    uid,
                    gid,
                    environment);
        }

        private void finishSecret() throws Wrong {
            if (!from.isEmpty()) {
                throw new Wrong("secret mount should not have a from");
            }
            if (sharingGiven) {
                throw new Wrong("secret mount should not define sharing");
            }
            if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
                throw new Wrong("invalid secret mount. one of source, target required");
            }
            if (!source.isEmpty() && !id.isEmpty()) {
                throw new Wrong("both source and id can't be set");
            }
        }

        private void refuse(String key, OptionalInt given) throws Wrong {
            if (given.isPresent()) {
                throw new Wrong(key + " not allowed for \"" + type.word() + "\" type mounts");
            }
        }

        private void access(boolean only) {
            readOnly = only;
            accessGiven = true;
        }

        private void require(String key, boolean value) throws Wrong {
            if (type != Type.SSH) {
                onlyFor(key, Type.SECRET);
            }
            required = value;
        }

        private void onlyFor(String key, Type one) throws Wrong {
            if (type != one) {
                throw new Wrong(
                        "unexpected key '" + key + "' for mount type '" + type.word() + "'");
            }
        }

        private static Type type(String value) throws Wrong {
            for (Type type : Type.values()) {
                if (type.word().equals(value.toLowerCase(Locale.ROOT))) {
                    return type;
                }
            }
            throw new Wrong(
                    "unsupported mount type \""
                            + value
                            + "\""
                            + didYouMean(
                                    value, List.of("bind", "cache", "tmpfs", "secret", "ssh")));
        }

        private Sharing sharing(String value) throws Wrong {
            sharingGiven = true;
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "shared" -> Sharing.SHARED;
                case "private" -> Sharing.PRIVATE;
                case "locked" -> Sharing.LOCKED;
                default ->
                        throw new Wrong(
                                "unsupported sharing value \""
                                        + value
                                        + "\""
                                        + didYouMean(
                                                value, List.of("shared", "private", "locked")));
            };
        }

        /// As Go's `strconv.ParseBool` has it.
        private static boolean flag(String key, String value) throws Wrong {
            return switch (value) {
                case "1", "t", "T", "true", "TRUE", "True" -> true;
                case "0", "f", "F", "false", "FALSE", "False" -> false;
                default -> throw new Wrong("invalid value for " + key + ": " + value);
            };
        }

        private static OptionalInt number(String key, String value, int radix) throws Wrong {
            try {
                return OptionalInt.of(Integer.parseUnsignedInt(value, radix));
            } catch (NumberFormatException e) {
                throw new Wrong("invalid value " + value + " for " + key);
            }
        }

        private static long size(String value) throws Wrong {
            Matcher matcher = SIZE.matcher(value);
            if (!matcher.matches()) {
                throw new Wrong("invalid value for size: " + value);
            }
            String unit = matcher.group(2).toLowerCase(Locale.ROOT);
            long bytes = Long.parseLong(matcher.group(1));
            int shift = unit.isEmpty() ? 0 : 10 * ("kmgtp".indexOf(unit) + 1);
            if (bytes > Long.MAX_VALUE >> shift) {
                throw new Wrong("invalid value for size: " + value);
            }
            return bytes << shift;
        }

        private static String didYouMean(String typed, List<String> known) {
            String near = Suggestions.nearest(typed, known, FlagSet.NEAR);
            return near.isEmpty() ? "" : " (did you mean " + near + "?)";
        }
    }
}
