package dev.corten.build.dockerfile;

import org.jspecify.annotations.Nullable;

/// `NAME=value`, quotes and variables as they are written.
///
/// @param value null for `ARG NAME`
/// @param comment what the comment above says after the name, or `""`
public record Assignment(String name, @Nullable String value, String comment) {}
