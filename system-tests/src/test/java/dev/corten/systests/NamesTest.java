package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Names and texts that are not ASCII, and such that are no text at all. No client and no daemon
/// here has a locale in its environment.
@ExtendWith(PrivateEngine.class)
class NamesTest {
    private static final String KOREAN = "한글";

    /// The byte 0xff, as a shell writes it.
    private static final String BYTE = "$(printf '\\377')";

    @Test
    void koreanPassesThroughArgumentsAndEnvironment(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "-e",
                        "K=" + KOREAN,
                        "-w",
                        "/" + KOREAN,
                        "--label",
                        KOREAN + "=" + KOREAN,
                        "busybox",
                        "sh",
                        "-c",
                        "echo \"$1 $K $PWD\"; touch \"$1\"; echo *",
                        "sh",
                        KOREAN);
        assertThat(run.out())
                .isEqualTo(KOREAN + " " + KOREAN + " /" + KOREAN + "\n" + KOREAN + "\n");
    }

    @Test
    void koreanPassesThroughOurOwnCommandLine(Engine engine) {
        Client corten = engine.corten();
        Finished run =
                corten.run(
                        "run",
                        "--rm",
                        "-e",
                        "K=" + KOREAN,
                        "busybox",
                        "sh",
                        "-c",
                        "echo \"$1 $K\"",
                        "sh",
                        KOREAN);
        assertThat(run.out()).isEqualTo(KOREAN + " " + KOREAN + "\n");
        try (Running inherited =
                corten.start(
                        Map.of("K", KOREAN),
                        "run",
                        "--rm",
                        "-e",
                        "K",
                        "busybox",
                        "sh",
                        "-c",
                        "echo $K")) {
            inherited.closeInput();
            assertThat(inherited.await().out()).isEqualTo(KOREAN + "\n");
        }
    }

    @Test
    void anyByteIsAnArgument(Engine engine) {
        Client corten = engine.corten();
        String program = String.join(" ", corten.program());
        try (Running run =
                corten.shell(
                        program + " run --rm busybox sh -c 'echo -n \"$1\"' sh \"" + BYTE + "\"")) {
            run.closeInput();
            Finished end = run.await();
            assertThat(HexFormat.of().formatHex(end.outBytes())).as(end.err()).isEqualTo("ff");
        }
    }

    @Test
    void anyByteIsInTheEnvironment(Engine engine) {
        Client corten = engine.corten();
        String program = String.join(" ", corten.program());
        try (Running run =
                corten.shell(
                        "export B=\""
                                + BYTE
                                + "\"; "
                                + program
                                + " run --rm -e B -e \"C="
                                + BYTE
                                + "\" busybox sh -c 'echo -n \"$B$C\"'")) {
            run.closeInput();
            Finished end = run.await();
            assertThat(HexFormat.of().formatHex(end.outBytes())).as(end.err()).isEqualTo("ffff");
        }
    }

    @Test
    void anyByteIsOutputAndLog(Client docker) {
        Finished run = docker.run("run", "--name", "c1", "busybox", "printf", "a\\377\\200b\\n");
        assertThat(HexFormat.of().formatHex(run.outBytes())).isEqualTo("61ff80620a");
    }

    @Test
    void koreanIsInTheLog(Client docker) {
        docker.ok("run", "--name", "c1", "busybox", "echo", KOREAN);
        assertThat(docker.run("logs", "c1").out()).isEqualTo(KOREAN + "\n");
    }

    @Test
    void namesOfFilesInLayersAreKeptByteByByte(Client docker, Engine engine) {
        new Image("names:1")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .directory("names", 0755)
                                .file("names/" + KOREAN, KOREAN)
                                .rawFile("names/\u00ff\u0080", "bytes")
                                .file("names/a\\b \n\t'\"", "odd")
                                .file("names/-rf", "dash")
                                .bytes())
                .layer(
                        new Tar()
                                .directory("names", 0755)
                                .rawFile("names/.wh.\u00ff\u0081", "")
                                .bytes())
                .load(engine);
        Finished list =
                docker.run(
                        "run",
                        "--rm",
                        "names:1",
                        "sh",
                        "-c",
                        "cd /names; for f in *; do printf '%s|' \"$f\"; cat \"./$f\"; printf '|'; done");
        var expected = "-rf|dash|a\\b \n\t'\"|odd|한글|한글|".getBytes(UTF_8);
        String hex = HexFormat.of().formatHex(list.outBytes());
        assertThat(hex)
                .startsWith(HexFormat.of().formatHex(expected))
                .endsWith(
                        HexFormat.of().formatHex(new byte[] {(byte) 0xff, (byte) 0x80})
                                + HexFormat.of().formatHex("|bytes|".getBytes(UTF_8)));
        docker.ok("rmi", "names:1");
    }

    @Test
    void commandOfAnImageMayHaveAnyName(Client docker, Engine engine) {
        new Image("command:1")
                .layer(Image.busyboxLayer())
                .layer(
                        new Tar()
                                .file(
                                        "bin/" + KOREAN,
                                        "#!/bin/sh\necho ran $0\n".getBytes(UTF_8),
                                        0755)
                                .bytes())
                .config("\"Cmd\":[\"" + KOREAN + "\"],\"Env\":[\"PATH=/bin\"]")
                .load(engine);
        assertThat(docker.ok("run", "--rm", "command:1")).isEqualTo("ran /bin/" + KOREAN);
        docker.ok("rmi", "command:1");
    }
}
