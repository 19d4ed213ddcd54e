package dev.corten.daemon;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.socket.Sockets;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Sockets that the service manager has bound and hands over at the start (sd_listen_fds(3)).
final class ActivatedSockets {
    /// SD_LISTEN_FDS_START
    private static final int FIRST = 3;

    private final List<Activated> sockets;

    /// @param name as the unit gives it, or empty
    record Activated(String name, Fd socket) {
        boolean isUnix() throws IOException {
            return Sockets.localAddress(socket)[0] == Sockets.AF_UNIX;
        }
    }

    private ActivatedSockets(List<Activated> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /// Takes what the environment speaks of. Called once, before anything is opened that could be
    /// taken for it.
    static ActivatedSockets of(Map<String, String> environment) throws IOException {
        var sockets = new ArrayList<Activated>();
        String pid = Long.toString(ProcessHandle.current().pid());
        if (pid.equals(environment.get("LISTEN_PID"))) {
            String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
            int count = count(environment.getOrDefault("LISTEN_FDS", "0"));
            for (int i = 0; i < count; i++) {
                Fd socket = Fd.adopt(FIRST + i);
                FileData.closeOnExec(socket, true);
                sockets.add(new Activated(i < names.length ? names[i] : "", socket));
            }
        }
        return new ActivatedSockets(sockets);
    }

    private static int count(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidParameter("LISTEN_FDS is no number: " + text, e);
        }
    }

    /// Those that `fd://NAME` means.
    ///
    /// @param name a number from 3 on, a name, or empty for all of them
    /// @throws InvalidParameter in dockerd's words if there is none
    List<Activated> get(String name) {
        if (sockets.isEmpty()) {
            throw new InvalidParameter(
                    "failed to load listeners: no sockets found via socket activation: make sure"
                            + " the service was started by systemd");
        }
        if (name.isEmpty()) {
            return sockets;
        }
        var found = new ArrayList<Activated>();
        for (int i = 0; i < sockets.size(); i++) {
            if (name.equals(sockets.get(i).name()) || name.equals(Integer.toString(FIRST + i))) {
                found.add(sockets.get(i));
            }
        }
        if (found.isEmpty()) {
            throw new InvalidParameter(
                    "failed to load listeners: failed to find a file descriptor for fd://" + name);
        }
        return found;
    }
}
