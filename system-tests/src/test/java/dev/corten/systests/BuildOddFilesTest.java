package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Contexts with what people do not put into them on purpose.
@ExtendWith(BuildEngine.class)
class BuildOddFilesTest {
    /// Names that are no text, and the deepest path there can be.
    private static final String MADE =
            """
            set -e
            mkfifo pipe; mknod device c 1 3
            printf raw > "$(printf 'not\\377utf')"
            mkdir "$(printf 'dir\\351')"; printf deep > "$(printf 'dir\\351/\\200')"
            printf nl > "$(printf 'new\\nline')"; printf sp > ' both '
            printf ctl > "$(printf 'c\\001')"
            printf long > "$(printf '%0255d' 0)"
            ln -s loop2 loop1; ln -s loop1 loop2; ln -s . self; ln -s /nowhere dangling
            mkdir links; printf 1 > links/one; ln links/one links/two; mkdir z; ln links/one z/three
            truncate -s 5M sparse; printf x | dd of=sparse bs=1 seek=3000000 conv=notrunc 2>/dev/null
            printf s > setuid; chmod 6755 setuid; printf n > none; chmod 000 none
            mkdir closed; printf f > closed/f; chmod 000 closed
            printf cap > capable; chmod 755 capable
            setfattr -n security.capability -v 0sAQAAAgAgAAAAAAAAAAAAAAAAAAA= capable
            touch -d '1960-01-01' old; touch -d '2060-01-01' young
            d=deep; mkdir $d; cd $d; n=$(printf 'p%0199d' 0)
            for i in 1 2 3 4 5 6 7 8 9 10; do mkdir $n; cd $n; done; printf end > end
            """;

    /// What a step sees, in a form that is no matter of taste.
    private static final String LIST =
            "cd /all; find . | while IFS= read -r f; do [ -L \"$f\" ] && readlink \"$f\"; done | sort;"
                    + " cat not*utf dir*/* new*line c?; cat ' both '; cat 0000*; echo;"
                    + " stat -c '%h %n' links/one; stat -c '%A %t,%T %n' pipe device;"
                    + " stat -c '%a %n' setuid none closed closed/f capable; stat -c '%s' sparse;"
                    + " [ links/one -ef z/three ] && echo same;"
                    + " cat deep/p*/p*/p*/p*/p*/p*/p*/p*/p*/p*/end; echo; ls -A . | wc -l";

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    void theyArriveAsTheyAre(String program, Engine engine) {
        Machine.hasProgram("setfattr");
        try (var build = BuildFolder.of(engine, program)) {
            build.dockerfile("FROM busybox", "COPY all /all");
            Running.run("mkdir", build.path("all").toString()).ok();
            Running.run("sh", "-c", "cd " + build.path("all") + " && " + MADE).ok();
            build.build("-t", "odd").ok();
            assertThat(engine.docker().ok("run", "--rm", "odd", "sh", "-c", LIST))
                    .isEqualTo(
                            """
                            .
                            /nowhere
                            loop1
                            loop2
                            rawdeepnlctlsplong
                            3 links/one
                            prw-r--r-- 0,0 pipe
                            crw-r--r-- 1,3 device
                            %s setuid
                            0 none
                            0 closed
                            644 closed/f
                            755 capable
                            5242880
                            same
                            end
                            22\
                            """
                                    .formatted(program.equals("docker") ? "755" : "6755"));
            Path upper = layer(engine, "capable");
            assertThat(Running.run("getfattr", "-d", "-m", "security", upper.toString()).out())
                    .isEmpty();
            // Sent again, nothing has changed; and what has is found behind such names too.
            build.build("-t", "odd").ok();
            Running.run("sh", "-c", "printf two > " + build.path("all") + "/links/two").ok();
            build.build("-t", "odd").ok();
            assertThat(engine.docker().ok("run", "--rm", "odd", "cat", "/all/z/three"))
                    .isEqualTo("two");
        }
    }

    private static Path layer(Engine engine, String name) {
        try (var all = Files.newDirectoryStream(engine.dataRoot().resolve("overlay2"))) {
            for (Path directory : all) {
                Path file = directory.resolve("diff/all").resolve(name);
                if (Files.exists(file)) {
                    return file;
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        throw new AssertionError("no layer has " + name);
    }

    /// Editors and compilers go on while a build reads: it gets files as they were at some moment, or
    /// says that it could not.
    @Test
    void filesChangeAndVanishWhileTheyAreSent(Engine engine) throws Exception {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "COPY . /all", "RUN cd /all && cat a*/* > /dev/null");
            for (int i = 0; i < 400; i++) {
                build.file("a" + i % 20 + "/f" + i, "x".repeat(2000));
            }
            var stop = new AtomicBoolean();
            Thread editor =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; !stop.get(); i = (i + 7) % 400) {
                                    Path file = build.path("a" + i % 20 + "/f" + i);
                                    edit(file, i);
                                }
                            });
            try {
                for (int i = 0; i < 5; i++) {
                    Finished ended = build.build("-t", "edited");
                    if (ended.status() != 0) {
                        assertThat(ended.status()).isEqualTo(1);
                        assertThat(build.said())
                                .containsPattern("file changed while it was (sent|read): ");
                    }
                }
            } finally {
                stop.set(true);
                editor.join();
            }
            build.build("-t", "edited").ok();
            Running.run("sh", "-c", "cd " + build.path(".") + " && cat a*/* | md5sum").ok();
            assertThat(
                            engine.docker()
                                    .ok(
                                            "run",
                                            "--rm",
                                            "edited",
                                            "sh",
                                            "-c",
                                            "cd /all; cat a*/*|md5sum"))
                    .isEqualTo(
                            Running.run(
                                            "sh",
                                            "-c",
                                            "cd " + build.path(".") + " && cat a*/* | md5sum")
                                    .ok());
        }
    }

    private static void edit(Path file, int i) {
        try {
            switch (i % 3) {
                case 0 -> Files.writeString(file, "y".repeat(i));
                case 1 -> {
                    Files.deleteIfExists(file);
                    Files.createSymbolicLink(file, Path.of("Dockerfile"));
                    Files.delete(file);
                    Files.writeString(file, "z");
                }
                default -> {
                    Path other = file.resolveSibling("other");
                    Files.writeString(other, "w".repeat(3000));
                    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
