package dev.corten.build.check;

/// What a rule has to say of some lines.
///
/// @param firstLine from 1
public record Warning(Rule rule, String message, int firstLine, int lastLine) {}
