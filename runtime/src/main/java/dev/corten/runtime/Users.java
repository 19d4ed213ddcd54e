package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.AccountNumber;
import dev.corten.model.InvalidParameter;
import dev.corten.model.oci.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/// Turns names of users and groups into numbers by the image's own `/etc/passwd` and
/// `/etc/group`, as Docker does.
///
/// The files are hostile: they are opened below the root only, links included, must be ordinary
/// files, and are read up to a bound. A number is a number even if a user has that name
/// (CVE-2016-3697), and none above 2^31-1 is taken (CVE-2024-40635).
public final class Users {
    private static final int MAX_FILE = 16 << 20;
    private static final int UMASK = 022;

    private Users() {}

    /// @param home of the user; `/` if `/etc/passwd` does not know it
    public record Resolved(User user, String home) {}

    private record Passwd(String name, int uid, int gid, String home) {}

    private record Group(String name, int gid, List<String> members) {}

    /// @param root the container's root
    /// @param user `""`, `name`, `uid`, `name:group`, `uid:gid`
    /// @param groupAdd further groups by name or number
    /// @throws InvalidParameter if there is no such user or group
    public static Resolved resolve(Fd root, String user, List<String> groupAdd) throws IOException {
        int colon = user.indexOf(':');
        String userPart = colon < 0 ? user : user.substring(0, colon);
        String groupPart = colon < 0 ? "" : user.substring(colon + 1);
        OptionalInt uidNumber = AccountNumber.parse(userPart);
        List<Passwd> users = passwd(read(root, "etc/passwd"));
        List<Group> groups = groups(read(root, "etc/group"));
        Predicate<Passwd> wanted =
                userPart.isEmpty()
                        ? u -> u.uid() == 0
                        : uidNumber.isPresent()
                                ? u -> u.uid() == uidNumber.getAsInt()
                                : u -> u.name().equals(userPart);
        Optional<Passwd> known = users.stream().filter(wanted).findFirst();
        if (known.isEmpty() && uidNumber.isEmpty() && !userPart.isEmpty()) {
            throw new InvalidParameter(
                    "unable to find user " + userPart + ": no matching entries in passwd file");
        }
        int uid = known.map(Passwd::uid).orElse(uidNumber.orElse(0));
        int gid = known.map(Passwd::gid).orElse(0);
        Set<Integer> additional = new LinkedHashSet<>();
        if (!groupPart.isEmpty()) {
            gid = group(groups, groupPart);
        } else if (known.isPresent()) {
            String name = known.get().name();
            groups.stream()
                    .filter(g -> g.members().contains(name))
                    .forEach(g -> additional.add(g.gid()));
        }
        // Docker lists the primary group too, first.
        var gids = new LinkedHashSet<Integer>();
        gids.add(gid);
        gids.addAll(additional);
        for (String extra : groupAdd) {
            gids.add(group(groups, extra));
        }
        String home = known.map(Passwd::home).filter(h -> !h.isEmpty()).orElse("/");
        return new Resolved(new User(uid, gid, List.copyOf(gids), UMASK), home);
    }

    private static int group(List<Group> groups, String text) {
        OptionalInt number = AccountNumber.parse(text);
        if (number.isPresent()) {
            return number.getAsInt();
        }
        return groups.stream()
                .filter(g -> g.name().equals(text))
                .findFirst()
                .map(Group::gid)
                .orElseThrow(() ->
                        new InvalidParameter(
                                "unable to find group "
                                        + text
                                        + ": no matching entries in group file"));
    }

    private static List<String> read(Fd root, String path) throws IOException {
        int flags = FileCalls.O_RDONLY | FileCalls.O_NONBLOCK;
        int resolve = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;
        try (Fd file = FileCalls.open2(root, path, flags, 0, resolve)) {
            if (!FileCalls.stat(file).isRegular()) {
                throw new InvalidParameter("/" + path + " of the container is no file");
            }
            byte[] bytes = FileData.readAll(file, MAX_FILE);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR)) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<Passwd> passwd(List<String> lines) {
        var users = new ArrayList<Passwd>();
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4 && !line.startsWith("#")) {
                OptionalInt uid = field(fields[2]);
                OptionalInt gid = field(fields[3]);
                if (uid.isPresent() && gid.isPresent()) {
                    String home = fields.length > 5 ? fields[5] : "";
                    users.add(new Passwd(fields[0], uid.getAsInt(), gid.getAsInt(), home));
                }
            }
        }
        return users;
    }

    private static List<Group> groups(List<String> lines) {
        var groups = new ArrayList<Group>();
        for (String line : lines) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 3 && !line.startsWith("#")) {
                OptionalInt gid = field(fields[2]);
                if (gid.isPresent()) {
                    List<String> members =
                            fields.length > 3 ? List.of(fields[3].split(",", -1)) : List.of();
                    groups.add(new Group(fields[0], gid.getAsInt(), members));
                }
            }
        }
        return groups;
    }

    /// A broken line of the image's is no line.
    private static OptionalInt field(String text) {
        try {
            int number = Integer.parseInt(text.strip());
            return number < 0 ? OptionalInt.empty() : OptionalInt.of(number);
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
