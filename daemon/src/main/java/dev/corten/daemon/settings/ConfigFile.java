package dev.corten.daemon.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `daemon.json`.
final class ConfigFile {
    /// The one object whose members are options themselves.
    private static final String PROXIES = "proxies";

    /// The name of 27 and before for `host-gateway-ips`.
    private static final String OLD_GATEWAY = "host-gateway-ip";

    private static final Map<String, Option<?>> BY_KEY = new HashMap<>();

    static {
        for (Option<?> option : Options.all()) {
            if (option.key() != null) {
                BY_KEY.put(option.key(), option);
            }
        }
        BY_KEY.put(OLD_GATEWAY, Options.HOST_GATEWAY_IPS);
    }

    private final String path;
    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    private ConfigFile(String path) {
        this.path = path;
    }

    /// Reads the file.
    ///
    /// @return empty if it is not there
    static Optional<ConfigFile> read(String path) throws BadSettings {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(Path.of(path));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new BadSettings("open " + path + ": " + reason(e));
        }
        var file = new ConfigFile(path);
        file.parse(text(bytes));
        return Optional.of(file);
    }

    private static String reason(IOException failure) {
        return failure instanceof java.nio.file.AccessDeniedException
                ? "permission denied"
                : String.valueOf(failure.getMessage());
    }

    /// With or without a byte order mark, as some editors write one.
    private static String text(byte[] bytes) throws BadSettings {
        Charset charset = StandardCharsets.UTF_8;
        int start = 0;
        if (starts(bytes, 0xEF, 0xBB, 0xBF)) {
            start = 3;
        } else if (starts(bytes, 0xFF, 0xFE)) {
            charset = StandardCharsets.UTF_16LE;
            start = 2;
        } else if (starts(bytes, 0xFE, 0xFF)) {
            charset = StandardCharsets.UTF_16BE;
            start = 2;
        }
        try {
            return charset.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, start, bytes.length - start))
                    .toString()
                    .strip();
        } catch (CharacterCodingException _) {
            throw new BadSettings("failed to decode configuration JSON: it is not " + charset);
        }
    }

    private static boolean starts(byte[] bytes, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (bytes.length <= i || (bytes[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }

    private void parse(String text) throws BadSettings {
        if (text.isEmpty()) {
            return;
        }
        JsonValue value;
        try {
            value = JsonText.parse(text);
        } catch (JsonText.Malformed e) {
            throw new BadSettings(
                    "invalid JSON: " + e.getMessage(), List.of(place(e.line()) + "look here"));
        }
        switch (value) {
            case JsonValue.Null _ -> {}
            case JsonValue.Members(Map<String, JsonValue> all, int _) -> {
                for (Map.Entry<String, JsonValue> entry : all.entrySet()) {
                    if (entry.getKey().equals(PROXIES)
                            && entry.getValue()
                                    instanceof
                                    JsonValue.Members(Map<String, JsonValue> inner, int _)) {
                        members.putAll(inner);
                    } else {
                        members.put(entry.getKey(), entry.getValue());
                    }
                }
            }
            default ->
                    throw new BadSettings(
                            "invalid JSON: json: cannot unmarshal "
                                    + value.kind()
                                    + " into Go value of type map[string]interface {}");
        }
    }

    private String place(int line) {
        return path + ":" + line + ": ";
    }

    /// What the file says, after a look for what it must not say.
    ///
    /// @param flags what was said by flags
    Map<Option<?>, Object> values(Map<Option<?>, Object> flags) throws BadSettings {
        refuseUnknown();
        refuseConflicts(flags);
        var values = new LinkedHashMap<Option<?>, Object>();
        for (Map.Entry<String, JsonValue> entry : members.entrySet()) {
            if (!(entry.getValue() instanceof JsonValue.Null)) {
                read(entry.getKey(), entry.getValue(), values);
            }
        }
        return values;
    }

    private void read(String key, JsonValue value, Map<Option<?>, Object> values)
            throws BadSettings {
        Option<?> option = BY_KEY.get(key);
        if (option == null) {
            throw new IllegalStateException("unknown keys were refused before: " + key);
        }
        JsonValue given =
                key.equals(OLD_GATEWAY) && value instanceof JsonValue.Text
                        ? new JsonValue.Array(List.of(value), value.line())
                        : value;
        try {
            Object read = option.type().fromFile(given, key);
            // In Go a zero is the same as nothing, but for switches.
            if (option.type().isSwitch() || !read.equals(option.type().none())) {
                values.put(option, read);
            }
        } catch (BadValue e) {
            throw new BadSettings(
                    e.message(),
                    List.of(place(value.line()) + "\"" + key + "\" is " + value.shown()));
        }
    }

    private void refuseUnknown() throws BadSettings {
        var unknown = new ArrayList<String>();
        var hints = new ArrayList<String>();
        members.forEach((key, value) -> {
            if (BY_KEY.containsKey(key)) {
                return;
            }
            // Go flattens objects: those who search for the message find the inner names.
            if (value instanceof JsonValue.Members(Map<String, JsonValue> inner, int _)
                    && !inner.isEmpty()
                    && inner.keySet().stream().noneMatch(BY_KEY::containsKey)) {
                unknown.addAll(inner.keySet());
            } else {
                unknown.add(key);
            }
            hints.add(place(value.line()) + "\"" + key + "\"" + suggestion(key));
        });
        if (!unknown.isEmpty()) {
            throw new BadSettings(
                    "the following directives don't match any configuration option: "
                            + String.join(", ", unknown),
                    hints);
        }
    }

    private static String suggestion(String key) {
        Option<?> flag = CommandLine.find(key);
        if (flag != null && flag.key() != null) {
            return ": in the file it is called \"" + flag.key() + "\"";
        }
        return Nearest.to(key, BY_KEY.keySet())
                .map(near -> ": did you mean \"" + near + "\"?")
                .orElse(": take it out");
    }

    private void refuseConflicts(Map<Option<?>, Object> flags) throws BadSettings {
        if (members.containsKey(OLD_GATEWAY) && members.containsKey("host-gateway-ips")) {
            throw new BadSettings(
                    "host-gateway-ip and host-gateway-ips must not both be specified in the config"
                            + " file");
        }
        var conflicts = new ArrayList<String>();
        var hints = new ArrayList<String>();
        flags.forEach((option, value) -> {
            // Runtimes of both are taken together.
            if (option.equals(Options.RUNTIMES) || option.key() == null) {
                return;
            }
            String key =
                    option.equals(Options.HOST_GATEWAY_IPS) && members.containsKey(OLD_GATEWAY)
                            ? OLD_GATEWAY
                            : option.key();
            JsonValue said = members.get(key);
            if (said != null) {
                conflicts.add(
                        key
                                + ": (from flag: "
                                + masked(key, shown(option, value))
                                + ", from file: "
                                + masked(key, said.shown())
                                + ")");
                hints.add(
                        place(said.line()) + "say it here or by --" + option.flag() + ", not both");
            }
        });
        if (!conflicts.isEmpty()) {
            throw new BadSettings(
                    "the following directives are specified both as a flag and in the configuration"
                            + " file: "
                            + String.join(", ", conflicts),
                    hints);
        }
    }

    private static <T> String shown(Option<T> option, Object value) {
        @SuppressWarnings("unchecked") // values are kept under the option they were read for
        T typed = (T) value;
        return option.type().shown(typed);
    }

    private static String masked(String key, String value) {
        return key.endsWith("-proxy") ? Settings.withoutCredentials(value) : value;
    }
}
