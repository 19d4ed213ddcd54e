package dev.corten.build.file;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.AccountNumber;
import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A user and a group by their numbers.
public record Owner(int uid, int gid) {
    static final Owner ROOT = new Owner(0, 0);
    private static final int MAX_FILE = 16 << 20;

    /// Looks `user[:group]` up in the `/etc/passwd` and `/etc/group` of a root. A number without a
    /// group is the group's too; a name brings its own. `root` is known without such files.
    ///
    /// @throws InvalidParameter if there is no such user or group, or a number is out of range
    public static Owner of(Fd root, String written) throws IOException {
        int colon = written.indexOf(':');
        String user = colon < 0 ? written : written.substring(0, colon);
        String group = colon < 0 ? "" : written.substring(colon + 1);
        Owner owner = user(root, user);
        return group.isEmpty() ? owner : new Owner(owner.uid(), group(root, group));
    }

    private static Owner user(Fd root, String user) throws IOException {
        OptionalInt number = AccountNumber.parse(user);
        if (number.isPresent()) {
            return new Owner(number.getAsInt(), number.getAsInt());
        }
        for (String line : lines(root, "etc/passwd")) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4 && fields[0].equals(user)) {
                OptionalInt uid = AccountNumber.parse(fields[2]);
                OptionalInt gid = AccountNumber.parse(fields[3]);
                if (uid.isPresent() && gid.isPresent()) {
                    return new Owner(uid.getAsInt(), gid.getAsInt());
                }
            }
        }
        if (user.isEmpty() || user.equals("root")) {
            return ROOT;
        }
        throw new InvalidParameter(
                "unable to convert uid/gid chown string to host mapping: can't find uid for user "
                        + user
                        + ": no such user: "
                        + user);
    }

    private static int group(Fd root, String group) throws IOException {
        OptionalInt number = AccountNumber.parse(group);
        if (number.isPresent()) {
            return number.getAsInt();
        }
        for (String line : lines(root, "etc/group")) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 3 && fields[0].equals(group)) {
                OptionalInt gid = AccountNumber.parse(fields[2]);
                if (gid.isPresent()) {
                    return gid.getAsInt();
                }
            }
        }
        if (group.equals("root")) {
            return 0;
        }
        throw new InvalidParameter(
                "unable to convert uid/gid chown string to host mapping: can't find gid for group "
                        + group
                        + ": no such group: "
                        + group);
    }

    /// The image may have put anything there: a link is followed within the root only, and what is
    /// no file is nothing.
    private static List<String> lines(Fd root, String path) throws IOException {
        Optional<Fd> opened =
                RootedPath.open(root, path, FileCalls.O_RDONLY | FileCalls.O_NONBLOCK);
        if (opened.isEmpty()) {
            return List.of();
        }
        try (Fd file = opened.get()) {
            if (!FileCalls.stat(file).isRegular()) {
                return List.of();
            }
            return RawText.decode(FileData.readAll(file, MAX_FILE)).lines().toList();
        } catch (Errno e) {
            throw new Errno(e.number(), "read", "/" + path);
        }
    }
}
