package dev.corten.build.front;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The variables at a place of a stage. `ARG` and `ENV` share one space of names, the later one
/// wins; a stage that begins with another one goes on with its arguments, but what its image says
/// by `ENV` comes first again.
public final class Variables {
    private final Map<String, String> values;
    private final Set<String> arguments;

    private Variables(Map<String, String> values, Set<String> arguments) {
        this.values = values;
        this.arguments = arguments;
    }

    /// Of a stage that begins with an image.
    ///
    /// @param environment `NAME=value` each
    public static Variables of(@Nullable List<String> environment) {
        var variables =
                new Variables(
                        new LinkedHashMap<>(), Collections.newSetFromMap(new LinkedHashMap<>()));
        variables.addAll(environment);
        return variables;
    }

    /// Of a stage that begins where this one ends.
    ///
    /// @param environment of the image that this one has become
    public Variables inherited(@Nullable List<String> environment) {
        Set<String> names = Collections.newSetFromMap(new LinkedHashMap<>());
        names.addAll(arguments);
        var variables = new Variables(new LinkedHashMap<>(values), names);
        variables.addAll(environment);
        return variables;
    }

    private void addAll(@Nullable List<String> environment) {
        if (environment == null) {
            return;
        }
        for (String variable : environment) {
            int equals = variable.indexOf('=');
            values.put(
                    equals < 0 ? variable : variable.substring(0, equals),
                    equals < 0 ? "" : variable.substring(equals + 1));
        }
    }

    /// `ENV`
    public void set(String name, String value) {
        values.put(name, value);
    }

    /// `ARG`
    ///
    /// @param value null if nobody has given one
    public void declare(String name, @Nullable String value) {
        arguments.add(name);
        if (value != null) {
            values.put(name, value);
        }
    }

    public @Nullable String get(String name) {
        return values.get(name);
    }

    /// Whether an `ARG` has named it, with a value or without.
    public boolean isDeclared(String name) {
        return arguments.contains(name);
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }

    /// The arguments in the order of their declaration, `NAME=value` each: what the history of a
    /// `RUN` begins with.
    ///
    /// @param all also those without a value, as `NAME=`
    public List<String> arguments(boolean all) {
        return arguments.stream()
                .filter(name -> all || values.containsKey(name))
                .map(name -> name + "=" + values.getOrDefault(name, ""))
                .toList();
    }

    /// What a `RUN` sees.
    public Map<String, String> environment() {
        return new LinkedHashMap<>(values);
    }
}
