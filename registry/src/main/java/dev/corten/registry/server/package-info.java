/// The registry server as a program: what is wired to what, its log, counters, health and end. Start
/// at [RegistryServer].
@NullMarked
package dev.corten.registry.server;

import org.jspecify.annotations.NullMarked;
