package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.text.NaturalOrder;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;

/// `port`: where a running container's ports are on the host.
public final class PortCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String name = invocation.arguments().getFirst();
        Map<String, Json> ports =
                invocation
                        .api()
                        .json(Request.get(EachContainer.path(name) + "/json"))
                        .get("NetworkSettings")
                        .get("Ports")
                        .members();
        var lines = new ArrayList<String>();
        if (invocation.arguments().size() == 2) {
            String asked = invocation.arguments().getLast();
            for (Json binding : ports.getOrDefault(key(asked), Json.NULL).items()) {
                lines.add(address(binding));
            }
            if (lines.isEmpty()) {
                throw new Failure("Error: No public port '" + asked + "' published for " + name);
            }
        } else {
            for (var port : ports.entrySet()) {
                for (Json binding : port.getValue().items()) {
                    lines.add(port.getKey() + " -> " + address(binding));
                }
            }
        }
        lines.sort(NaturalOrder::compare);
        Output out = invocation.out();
        lines.forEach(out::line);
        out.flush();
        return 0;
    }

    /// `80/tcp` of `80`.
    private static String key(String asked) {
        int slash = asked.indexOf('/');
        String port = slash < 0 ? asked : asked.substring(0, slash);
        String protocol = slash < 0 ? "" : asked.substring(slash + 1);
        String refusal = FlagType.UINT16.refusal(port);
        if (!refusal.isEmpty()) {
            throw new Failure("Error: invalid port (" + port + "): " + refusal);
        }
        return port + "/" + (protocol.isEmpty() ? "tcp" : protocol);
    }

    private static String address(Json binding) {
        String ip = binding.get("HostIp").text("");
        String port = binding.get("HostPort").text("");
        return ip.indexOf(':') >= 0 ? "[" + ip + "]:" + port : ip + ":" + port;
    }
}
