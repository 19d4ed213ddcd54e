package dev.corten.kernel.seccomp;

import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Seccomp.Action;
import dev.corten.model.oci.Seccomp.Condition;
import dev.corten.model.oci.Seccomp.Operator;
import dev.corten.model.oci.Seccomp.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A profile in moby's format: rules that depend on the container's capabilities, the
/// architecture and the kernel. [#reduce] decides those and leaves the OCI specification's form.
public final class SeccompProfile {
    /// The most characters that a profile may have; moby's own has about 16,000.
    private static final int MAX_LENGTH = 1 << 20;

    private static final int EPERM = 1;

    private final Action defaultAction;
    private final int defaultErrno;
    private final List<String> architectures;
    private final Map<String, List<String>> archMap;
    private final List<String> flags;
    private final List<Entry> entries;

    /// A profile meets few sets of capabilities: most containers have the default one.
    private final Map<Key, Seccomp> reduced = new ConcurrentHashMap<>();

    private record Key(Set<Capability> capabilities, Abi arch, KernelVersion kernel) {}

    private record Entry(Rule rule, Filter includes, Filter excludes) {}

    private record Filter(
            List<String> capabilities, List<String> arches, Optional<KernelVersion> minKernel) {
        static final Filter EMPTY = new Filter(List.of(), List.of(), Optional.empty());
    }

    /// Holds the built-in profile, so that it is read when it is first needed.
    private static final class Standard {
        static final SeccompProfile PROFILE = parse(read());

        private Standard() {}

        private static String read() {
            try (var in = SeccompProfile.class.getResourceAsStream("default.json")) {
                if (in == null) {
                    throw new IllegalStateException("no resource default.json");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private SeccompProfile(Json.Obj json) {
        defaultAction = action(text(json, "defaultAction"));
        int errno = number(json, "defaultErrnoRet").orElse(EPERM);
        defaultErrno = defaultAction == Action.ERRNO ? errno : 0;
        architectures = texts(json, "architectures");
        archMap = archMap(json);
        flags = texts(json, "flags");
        if (!architectures.isEmpty() && !archMap.isEmpty()) {
            throw new InvalidParameter(
                    "both 'architectures' and 'archMap' are specified in the seccomp profile,"
                            + " use either 'architectures' or 'archMap'");
        }
        var list = new ArrayList<Entry>();
        for (Json syscall : array(json, "syscalls")) {
            list.add(entry(object(syscall)));
        }
        entries = List.copyOf(list);
    }

    /// The built-in profile: Docker's allow-list.
    public static SeccompProfile standard() {
        return Standard.PROFILE;
    }

    /// @throws InvalidParameter if it is no profile
    public static SeccompProfile parse(String json) {
        if (json.length() > MAX_LENGTH) {
            throw new InvalidParameter("seccomp profile is larger than " + MAX_LENGTH);
        }
        return new SeccompProfile(object(Json.parse(json)));
    }

    /// The rules for a container with these capabilities (its bounding set) on this machine. The
    /// result is the same object for the same question.
    public Seccomp reduce(Set<Capability> capabilities, Abi arch, KernelVersion kernel) {
        return reduced.computeIfAbsent(
                new Key(Set.copyOf(capabilities), arch, kernel), this::reduceNow);
    }

    private Seccomp reduceNow(Key key) {
        var names = new ArrayList<String>();
        for (Capability capability : key.capabilities()) {
            names.add(capability.specName());
        }
        var rules = new ArrayList<Rule>();
        for (Entry entry : entries) {
            if (included(entry.includes(), key, names) && !excluded(entry.excludes(), key, names)) {
                rules.add(entry.rule());
            }
        }
        return new Seccomp(defaultAction, defaultErrno, archesFor(key.arch()), flags, rules);
    }

    private List<String> archesFor(Abi arch) {
        if (!archMap.isEmpty()) {
            List<String> sub = archMap.get(arch.specName());
            var all = new ArrayList<String>();
            all.add(arch.specName());
            if (sub != null) {
                all.addAll(sub);
            }
            return all;
        }
        return architectures;
    }

    private static boolean included(Filter filter, Key key, List<String> capabilities) {
        return capabilities.containsAll(filter.capabilities())
                && (filter.arches().isEmpty() || filter.arches().contains(key.arch().goName()))
                && filter.minKernel().map(min -> key.kernel().compareTo(min) >= 0).orElse(true);
    }

    private static boolean excluded(Filter filter, Key key, List<String> capabilities) {
        return filter.capabilities().stream().anyMatch(capabilities::contains)
                || filter.arches().contains(key.arch().goName())
                || filter.minKernel().map(min -> key.kernel().compareTo(min) >= 0).orElse(false);
    }

    private static Entry entry(Json.Obj json) {
        List<String> names = texts(json, "names");
        String name = text(json, "name");
        if (!name.isEmpty()) {
            if (!names.isEmpty()) {
                throw new InvalidParameter(
                        "both 'name' and 'names' are specified in the seccomp profile, use either"
                                + " 'name' or 'names'");
            }
            names = List.of(name);
        }
        Action action = action(text(json, "action"));
        var conditions = new ArrayList<Condition>();
        for (Json arg : array(json, "args")) {
            conditions.add(condition(object(arg)));
        }
        int errno = number(json, "errnoRet").orElse(action == Action.ERRNO ? EPERM : 0);
        return new Entry(
                new Rule(names, action, errno, conditions),
                filter(json, "includes"),
                filter(json, "excludes"));
    }

    private static Filter filter(Json.Obj json, String member) {
        Json value = json.members().get(member);
        if (!(value instanceof Json.Obj filter)) {
            return Filter.EMPTY;
        }
        String minKernel = text(filter, "minKernel");
        try {
            return new Filter(
                    texts(filter, "caps"),
                    texts(filter, "arches"),
                    minKernel.isEmpty()
                            ? Optional.empty()
                            : Optional.of(KernelVersion.parse(minKernel)));
        } catch (NumberFormatException e) {
            throw new InvalidParameter("invalid minKernel in seccomp profile: " + minKernel, e);
        }
    }

    private static Condition condition(Json.Obj json) {
        int index = number(json, "index").orElse(0);
        if (index < 0 || index > 5) {
            throw new InvalidParameter("invalid argument index in seccomp profile: " + index);
        }
        return new Condition(
                index,
                operator(text(json, "op")),
                unsigned(json, "value"),
                unsigned(json, "valueTwo"));
    }

    private static Action action(String name) {
        if (name.equals("SCMP_ACT_KILL_THREAD")) {
            return Action.KILL_THREAD;
        }
        for (Action action : Action.values()) {
            if (action.specName().equals(name)) {
                return action;
            }
        }
        throw new InvalidParameter("string " + name + " is not a valid action for seccomp");
    }

    private static Operator operator(String name) {
        for (Operator operator : Operator.values()) {
            if (operator.specName().equals(name)) {
                return operator;
            }
        }
        throw new InvalidParameter("string " + name + " is not a valid operator for seccomp");
    }

    private static Map<String, List<String>> archMap(Json.Obj json) {
        var map = new java.util.LinkedHashMap<String, List<String>>();
        for (Json entry : array(json, "archMap")) {
            Json.Obj object = object(entry);
            map.put(text(object, "architecture"), texts(object, "subArchitectures"));
        }
        return Map.copyOf(map);
    }

    private static Json.Obj object(Json json) {
        if (json instanceof Json.Obj object) {
            return object;
        }
        throw new InvalidParameter("Decoding seccomp profile failed: object expected");
    }

    private static List<Json> array(Json.Obj json, String member) {
        return switch (json.members().get(member)) {
            case null -> List.of();
            case Json.Null _ -> List.of();
            case Json.Arr(var elements) -> elements;
            case Json _ -> throw wrong(member);
        };
    }

    private static List<String> texts(Json.Obj json, String member) {
        var texts = new ArrayList<String>();
        for (Json element : array(json, member)) {
            if (!(element instanceof Json.Str(var text))) {
                throw wrong(member);
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    private static String text(Json.Obj json, String member) {
        return switch (json.members().get(member)) {
            case null -> "";
            case Json.Null _ -> "";
            case Json.Str(var text) -> text;
            case Json _ -> throw wrong(member);
        };
    }

    private static OptionalInt number(Json.Obj json, String member) {
        Json value = json.members().get(member);
        if (value == null || value instanceof Json.Null) {
            return OptionalInt.empty();
        }
        long number = unsigned(json, member);
        if (number < 0 || number > 0xffff) {
            throw wrong(member);
        }
        return OptionalInt.of((int) number);
    }

    private static long unsigned(Json.Obj json, String member) {
        return switch (json.members().get(member)) {
            case null -> 0;
            case Json.Null _ -> 0;
            case Json.Num(var text) -> {
                try {
                    yield Long.parseUnsignedLong(text);
                } catch (NumberFormatException e) {
                    throw new InvalidParameter(wrong(member).message(), e);
                }
            }
            case Json _ -> throw wrong(member);
        };
    }

    private static InvalidParameter wrong(String member) {
        return new InvalidParameter(
                "Decoding seccomp profile failed: invalid value of \"" + member + "\"");
    }
}
