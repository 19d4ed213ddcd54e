package dev.corten.engine.container.view;

/// How many containers there are in each state. Docker counts those that wait for a restart as
/// stopped.
public record ContainerCounts(int running, int paused, int stopped) {}
