package dev.corten.model.container;

/// @param weight 10 to 1000
public record WeightDevice(String path, int weight) {}
