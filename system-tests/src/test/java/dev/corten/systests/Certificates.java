package dev.corten.systests;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An authority, and what it has signed, made by `openssl` in one directory.
final class Certificates {
    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
        openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca-key.pem -out"
                        + " ca.pem");
        sign("server-cert.pem", "server-key.pem");
        // As docker's command line looks for them in DOCKER_CERT_PATH.
        sign("cert.pem", "key.pem");
    }

    private void sign(String certificate, String key) {
        // The form that Docker's own guide has made for years.
        openssl("genrsa -traditional -out " + key + " 2048");
        openssl(
                "req -new -key "
                        + key
                        + " -subj /CN=localhost -addext"
                        + " subjectAltName=DNS:localhost,IP:127.0.0.1 -out request");
        openssl(
                "x509 -req -in request -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2"
                        + " -copy_extensions copy -out "
                        + certificate);
    }

    private void openssl(String arguments) {
        var command = new ArrayList<String>(List.of("sh", "-c", "cd \"$0\" && openssl \"$@\""));
        command.add(directory.toString());
        command.addAll(List.of(arguments.split(" ")));
        try (var running = Running.start(command, Map.of())) {
            running.closeInput();
            running.await().ok();
        }
    }

    String file(String name) {
        return directory.resolve(name).toString();
    }
}
