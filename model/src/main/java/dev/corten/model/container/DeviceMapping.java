package dev.corten.model.container;

/// @param cgroupPermissions some of `rwm`
public record DeviceMapping(String pathOnHost, String pathInContainer, String cgroupPermissions) {}
