/// Listings of processes, in the forms of `ps`. [HostProcesses] makes the usual one itself,
/// [PsCommand] has `ps` make others, of which [PsOutput] keeps what is asked for. Knows process IDs,
/// but no containers.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.container.process;
