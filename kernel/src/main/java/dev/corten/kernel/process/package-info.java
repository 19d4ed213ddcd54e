/// Processes as others see them: pidfds, identity, signals, capabilities, limits, terminals.
///
/// Start at [Pidfd]. Launching is not here: the shim does it. Stateless and thread-safe; waiting
/// blocks its thread.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.process;
