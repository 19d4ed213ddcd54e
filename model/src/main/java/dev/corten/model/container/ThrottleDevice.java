package dev.corten.model.container;

/// @param rate bytes or operations a second
public record ThrottleDevice(String path, long rate) {}
