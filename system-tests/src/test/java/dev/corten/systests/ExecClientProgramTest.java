package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `docker exec -it mongodb mongo`: a database's own client, which talks on a terminal. The images
/// are stand-ins of the same names, with the client of its time: `mongo`, or only `mongosh`.
@ExtendWith(PrivateEngine.class)
class ExecClientProgramTest {
    private static final String SHELL =
            """
            #!/bin/sh
            db=test
            [ -t 0 ] && echo "MongoDB shell on $(tty)"
            while printf '> ' && read -r line; do
                case $line in
                "use "*) db=${line#use }; echo "switched to db $db" ;;
                "db.users.find().pretty()") printf '{\\n\\t"db" : "%s"\\n}\\n' "$db" ;;
                exit) echo bye; exit 0 ;;
                *) echo "ReferenceError: $line"; ;;
                esac
            done
            """;

    private static final String MISSING =
            "OCI runtime exec failed: exec failed: unable to start container process: exec:"
                    + " \"mongo\": executable file not found in $PATH\r\n";

    @BeforeAll
    static void images(Engine engine) {
        if (Limits.againstStub()) {
            return;
        }
        image("mongo:5", "bin/mongo").load(engine);
        image("mongo:6", "bin/mongosh").load(engine);
    }

    private static Image image(String name, String client) {
        byte[] layer =
                new Tar()
                        .file(client, SHELL.getBytes(java.nio.charset.StandardCharsets.UTF_8), 0755)
                        .bytes();
        return new Image(name)
                .layer(Image.busyboxLayer())
                .layer(layer)
                .config("\"Cmd\":[\"sleep\",\"1000\"],\"Env\":[\"PATH=/usr/bin:/bin\"]");
    }

    @Test
    @Shows("EXE-07")
    void theClientOfADatabaseIsTalkedTo(Client docker) {
        docker.run("run", "-d", "--name", "mongodb", "mongo:5");
        try (var terminal = open(docker, "docker exec -it mongodb mongo")) {
            terminal.out().await("MongoDB shell on /dev/pts/");
            terminal.type("use mydatabase\n");
            terminal.out().await("switched to db mydatabase");
            terminal.type("db.users.find().pretty()\n");
            terminal.out().await("\"db\" : \"mydatabase\"");
            terminal.type("exit\n");
            assertThat(terminal.await().status()).isZero();
            assertThat(terminal.out().text()).contains("bye");
        }
    }

    @Test
    @Shows("EXE-07")
    void aClientThatIsNotThereIs127(Client docker) {
        docker.run("run", "-d", "--name", "mongodb", "mongo:6");
        Finished plain = docker.run("exec", "mongodb", "mongo");
        assertThat(plain.out()).isEqualTo(MISSING);
        assertThat(plain.err()).isEmpty();
        assertThat(plain.status()).isEqualTo(127);
        try (var terminal = open(docker, "docker exec -it mongodb mongo")) {
            terminal.closeInput();
            Finished ended = terminal.await();
            assertThat(ended.out().replace("\r\r\n", "\r\n")).contains(MISSING);
            assertThat(ended.status()).isEqualTo(127);
        }
        assertThat(
                        docker.runWithInput(
                                        "use a\nexit\n".getBytes(),
                                        "exec",
                                        "-i",
                                        "mongodb",
                                        "mongosh")
                                .out())
                .contains("switched to db a");
    }

    private static Running open(Client docker, String command) {
        return Running.start(List.of("script", "-qec", command, "/dev/null"), docker.environment());
    }
}
