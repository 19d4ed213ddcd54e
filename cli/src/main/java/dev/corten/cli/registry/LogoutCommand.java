package dev.corten.cli.registry;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.flags.FlagTable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

/// `logout`: forgets the credentials for a registry.
public final class LogoutCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public String about() {
        return "Log out from a registry.\nIf no server is specified, the default is defined by the"
                + " daemon.";
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        var credentials = new Credentials(invocation);
        LoginCommand.warnOfVariable(invocation, credentials);
        List<String> arguments = invocation.arguments();
        String server = arguments.isEmpty() ? "" : arguments.getFirst();
        String host = server.isEmpty() ? Credentials.HUB : Credentials.host(server);
        var keys = new LinkedHashSet<String>();
        if (server.isEmpty()) {
            keys.add(Credentials.HUB);
        } else {
            // All the forms under which a registry may have been kept at some time.
            keys.addAll(List.of(server, host, "http://" + host, "https://" + host));
        }
        if (server.isEmpty()) {
            WebLogin.logout(invocation);
        }
        invocation.out().line("Removing login credentials for " + host).flush();
        var failures = new LinkedHashMap<String, String>();
        for (String key : keys) {
            try {
                credentials.store(key).erase(key);
            } catch (IOException e) {
                failures.put(key, String.valueOf(e.getMessage()));
            }
        }
        if (failures.size() == keys.size()) {
            invocation.warn("WARNING: could not erase credentials:");
            failures.forEach((key, why) -> invocation.warn(key + ": " + why));
        }
        return 0;
    }
}
