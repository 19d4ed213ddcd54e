package dev.corten.build.front;

import dev.corten.build.dockerfile.Instruction;
import dev.corten.model.image.ImageConfig;
import java.util.List;
import java.util.Map;

/// An instruction at its place in a stage.
///
/// @param instruction with its variables replaced
/// @param config what the image's configuration is after it
/// @param arguments the arguments that have a value before it, `NAME=value` each
/// @param environment all variables before it, for what it runs
/// @param triggered whether it comes from the image that the stage begins with (`ONBUILD`)
public record Step(
        Instruction instruction,
        ImageConfig config,
        List<String> arguments,
        Map<String, String> environment,
        boolean triggered) {}
