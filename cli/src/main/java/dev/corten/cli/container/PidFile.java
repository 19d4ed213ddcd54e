package dev.corten.cli.container;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.File;
import java.io.IOException;

/// The file that `run --pidfile` names, a thing of Podman's: it gets the container's process ID.
///
/// @param path empty for none
record PidFile(String path) {
    /// Before there is a container: one that runs must not be what a wrong path leaves behind.
    ///
    /// @throws Refusal if the file cannot be written
    void check() {
        if (path.isEmpty()) {
            return;
        }
        var file = new File(path).getAbsoluteFile();
        File directory = file.getParentFile();
        if (file.isDirectory()) {
            throw refusal("is a directory");
        }
        if (directory == null || !directory.exists()) {
            throw refusal("no such file or directory");
        }
        if (!directory.isDirectory()) {
            throw refusal("not a directory");
        }
        if (!(file.exists() ? file : directory).canWrite()) {
            throw refusal("permission denied");
        }
    }

    private Refusal refusal(String reason) {
        return new Refusal("open " + path + ": " + reason);
    }

    /// Starts the container and writes the file.
    void start(ApiClient api, String id) throws IOException {
        Request start = Request.post("/containers/" + id + "/start");
        if (path.isEmpty()) {
            api.call(start);
            return;
        }
        String pid;
        try (Response response = api.send(start.query("pid", "1"))) {
            pid = response.header("Corten-Process-Id");
            response.bytes();
        }
        if (pid.isEmpty()) {
            // Another daemon than ours, which tells it only as long as the container runs.
            Json state = api.json(Request.get("/containers/" + id + "/json"));
            pid = state.get("State").get("Pid").literal();
        }
        Creation.write(path, pid);
    }
}
