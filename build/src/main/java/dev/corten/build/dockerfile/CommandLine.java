package dev.corten.build.dockerfile;

import java.util.List;

/// What `RUN`, `CMD` and `ENTRYPOINT` start.
///
/// @param words the words of the JSON form, or the one line that is meant for a shell
/// @param shell whether the stage's shell comes before it
public record CommandLine(List<String> words, boolean shell) {
    public CommandLine {
        words = List.copyOf(words);
    }

    /// @param shellWords the stage's shell, such as `/bin/sh -c`
    public List<String> arguments(List<String> shellWords) {
        if (!shell) {
            return words;
        }
        var all = new java.util.ArrayList<>(shellWords);
        all.addAll(words);
        return List.copyOf(all);
    }
}
