package dev.corten.engine.container.view;

import dev.corten.model.ContainerId;
import java.util.List;

/// @param warnings what will not be quite as asked
public record Created(ContainerId id, List<String> warnings) {}
