package dev.corten.build.dockerfile;

import java.util.List;

/// What begins with a `FROM`.
///
/// @param index the first is 0
/// @param instructions those that follow `FROM`
public record Stage(int index, Instruction.From from, List<Instruction> instructions) {
    public Stage {
        instructions = List.copyOf(instructions);
    }

    /// The name that it was given, or its number.
    public String label() {
        return from.name().orElse(Integer.toString(index));
    }
}
