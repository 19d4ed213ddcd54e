package dev.corten.engine.container;

import dev.corten.engine.sandbox.Sandbox;
import dev.corten.kernel.Fd;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The sockets that reserve a container's ports, with its monitor, which outlives the daemon.
final class KeptPorts {
    /// Kept at the monitor under these names, with their index behind.
    private static final String PORT = "port";

    private KeptPorts() {}

    static void keep(Monitor monitor, Sandbox sandbox) throws IOException {
        List<Fd> sockets = sandbox.portSockets();
        if (!sockets.isEmpty()) {
            var kept = new LinkedHashMap<String, Fd>();
            for (int i = 0; i < sockets.size(); i++) {
                kept.put(PORT + i, sockets.get(i));
            }
            monitor.keep(kept);
        }
    }

    /// The reserved sockets that a monitor has kept, in the order of the ports.
    static List<Fd> of(Monitor monitor) throws IOException {
        Map<String, Fd> kept = monitor.kept();
        var sockets = new ArrayList<Fd>();
        for (int i = 0; kept.containsKey(PORT + i); i++) {
            sockets.add(kept.get(PORT + i));
        }
        return sockets;
    }
}
