package dev.corten.daemon.settings;

import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One thing that can be said to the daemon.
///
/// @param flag without dashes; null if it is said in the file only
/// @param letter of the short flag, or [#NONE]
/// @param key in the file; null if it is a flag only
/// @param initial the value when nothing is said
/// @param hidden left out of the help text
/// @param inert why it is accepted without effect; null if it has one. Saying it logs this sentence
/// @param reload whether SIGHUP brings what the file says then
/// @param refusal says in a sentence why a value cannot be had; null for those that can
public record Option<T>(
        @Nullable String flag,
        char letter,
        @Nullable String key,
        ValueType<T> type,
        T initial,
        String usage,
        boolean hidden,
        @Nullable String inert,
        Reload reload,
        Function<T, @Nullable String> refusal) {
    static final char NONE = 0;

    /// What SIGHUP does.
    enum Reload {
        /// Nothing: the value is the one of the start.
        NEVER,
        /// Takes what the file says; an option that is no longer there stays as it was.
        IF_SAID,
        /// Takes what the file says, the default if it says nothing.
        ALWAYS
    }

    static <T> Option<T> of(String name, ValueType<T> type, String usage) {
        return new Option<>(
                name, NONE, name, type, type.none(), usage, false, null, Reload.NEVER, _ -> null);
    }

    Option<T> letter(char of) {
        return new Option<>(flag, of, key, type, initial, usage, hidden, inert, reload, refusal);
    }

    /// The name in the file, where it is not the flag's.
    Option<T> key(String name) {
        return new Option<>(
                flag, letter, name, type, initial, usage, hidden, inert, reload, refusal);
    }

    Option<T> flagOnly() {
        return new Option<>(
                flag, letter, null, type, initial, usage, hidden, inert, reload, refusal);
    }

    Option<T> fileOnly() {
        return new Option<>(null, letter, key, type, initial, usage, true, inert, reload, refusal);
    }

    Option<T> initial(T value) {
        return new Option<>(flag, letter, key, type, value, usage, hidden, inert, reload, refusal);
    }

    Option<T> hide() {
        return new Option<>(flag, letter, key, type, initial, usage, true, inert, reload, refusal);
    }

    Option<T> reload(Reload how) {
        return new Option<>(flag, letter, key, type, initial, usage, hidden, inert, how, refusal);
    }

    /// Accepted, for it stands in many a configuration, but there is nothing that it could change.
    Option<T> inert(String reason) {
        return new Option<>(
                flag, letter, key, type, initial, usage, hidden, reason, reload, refusal);
    }

    /// What is not there yet and must not be ignored, since whoever says it relies on it.
    Option<T> only(Predicate<T> possible) {
        String sentence = name() + ": not supported by this version of Corten yet";
        return refuse(value -> possible.test(value) ? null : sentence);
    }

    Option<T> refuse(Function<T, @Nullable String> reason) {
        return new Option<>(flag, letter, key, type, initial, usage, hidden, inert, reload, reason);
    }

    /// The name by which messages speak of it.
    String name() {
        if (flag != null) {
            return flag;
        }
        return key == null ? "" : key;
    }

    /// As messages about flags name it: `-D, --debug`.
    String spelled() {
        return (letter == NONE ? "" : "-" + letter + ", ") + "--" + flag;
    }
}
