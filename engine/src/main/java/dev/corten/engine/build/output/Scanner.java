package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import java.io.IOException;
import java.util.List;

/// Makes bills of materials.
@FunctionalInterface
public interface Scanner {
    /// Has a program look at the files of a result.
    ///
    /// @param generator the name of the image that has the program; `""` for the usual one
    /// @return what it wrote, statements of in-toto
    List<Found> scan(Finished result, String generator, Listener listener)
            throws IOException, InterruptedException;

    /// @param name of the file
    record Found(String name, byte[] statement) {}
}
