package dev.corten.cli.setup;

import dev.corten.cli.console.Environment;
import dev.corten.cli.option.Platforms;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.model.Release;
import java.util.LinkedHashMap;

/// What this command calls itself.
public final class Version {
    /// The level of Docker that it is compatible with.
    static final String DOCKER = "28.5.2";

    private static final Release RELEASE = Release.CURRENT;

    private Version() {}

    /// What `--version` prints. Programs that call `docker` compare the number.
    public static String line(String program) {
        return program.equals(Environment.DOCKER)
                ? "Docker version " + DOCKER + ", build corten-" + RELEASE.version()
                : RELEASE.line();
    }

    /// What `version` and `info` say of the client, under Docker's names.
    ///
    /// @param apiVersion that requests are sent in; empty if there is none yet
    public static Json client(Setup setup, String apiVersion) {
        var platform = new LinkedHashMap<String, Json>();
        platform.put("Name", Json.string("Corten"));
        var client = new LinkedHashMap<String, Json>();
        client.put("Platform", Json.object(platform));
        client.put("Version", Json.string(RELEASE.version()));
        if (!apiVersion.isEmpty()) {
            client.put("ApiVersion", Json.string(apiVersion));
        }
        client.put("DefaultAPIVersion", Json.string(ApiClient.API_VERSION));
        client.put("GitCommit", Json.string(RELEASE.commit()));
        client.put("GoVersion", Json.string("java" + System.getProperty("java.version", "")));
        client.put("Os", Json.string("linux"));
        client.put("Arch", Json.string(Platforms.architecture()));
        client.put("BuildTime", Json.string(Release.shown(RELEASE.time())));
        client.put("Context", Json.string(setup.contextName()));
        return Json.object(client);
    }
}
