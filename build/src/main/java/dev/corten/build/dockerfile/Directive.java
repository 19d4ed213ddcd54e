package dev.corten.build.dockerfile;

/// A comment at the top of the file that is meant for the builder: `# syntax=docker/dockerfile:1`.
///
/// @param name `syntax`, `escape` or `check`
public record Directive(String name, String value, int line) {}
