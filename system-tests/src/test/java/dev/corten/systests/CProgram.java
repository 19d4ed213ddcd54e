package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A program in C, as what no shell can do in a container.
final class CProgram {
    private CProgram() {}

    /// Makes an image of this name with the program in it, beside busybox.
    static void load(Engine engine, String name, String code) {
        Machine.hasProgram("gcc");
        Path source = engine.scratch(name + ".c");
        Path program = engine.scratch(name);
        try {
            Files.writeString(source, code);
            Running.run("gcc", "-static", "-o", program.toString(), source.toString()).ok();
            new Image(name + ":latest")
                    .layer(Image.busyboxLayer())
                    .layer(new Tar().file("bin/" + name, Files.readAllBytes(program), 0755).bytes())
                    .load(engine);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
