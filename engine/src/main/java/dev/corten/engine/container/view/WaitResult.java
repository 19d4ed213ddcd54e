package dev.corten.engine.container.view;

/// @param error why the container could not be removed or started, `""` if all is well
public record WaitResult(int exitCode, String error) {}
