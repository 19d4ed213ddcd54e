package dev.corten.cli.container;

import dev.corten.cli.setup.Setup;
import dev.corten.client.Endpoint;
import dev.corten.client.Json;
import java.util.List;
import java.util.Locale;

/// The proxies that `config.json` gives to containers: those of the daemon's address, or those
/// called `default`.
final class Proxies {
    private static final String[][] VARIABLES = {
        {"httpProxy", "HTTP_PROXY"},
        {"httpsProxy", "HTTPS_PROXY"},
        {"noProxy", "NO_PROXY"},
        {"ftpProxy", "FTP_PROXY"},
        {"allProxy", "ALL_PROXY"}
    };

    private final Setup setup;

    Proxies(Setup setup) {
        this.setup = setup;
    }

    /// Adds each in both spellings, unless it is there already.
    void addTo(List<String> variables) {
        Json proxies = setup.config().get("proxies");
        if (proxies.isNothing()) {
            return;
        }
        String host = setup.defaultHost();
        Json own = proxies.get(host.isEmpty() ? Endpoint.DEFAULT.text() : host);
        Json chosen = own.isAbsent() ? proxies.get("default") : own;
        for (String[] variable : VARIABLES) {
            String value = chosen.get(variable[0]).text("");
            if (!value.isEmpty()) {
                add(variables, variable[1], value);
                add(variables, variable[1].toLowerCase(Locale.ROOT), value);
            }
        }
    }

    private static void add(List<String> variables, String name, String value) {
        for (String variable : variables) {
            if (variable.equals(name) || variable.startsWith(name + "=")) {
                return;
            }
        }
        variables.add(name + "=" + value);
    }
}
