/// `corten-runtime`: the command line of OCI runtimes, for containerd, Docker, Podman and people.
///
/// Start at [dev.corten.runtime.command.Main]. Each command is a class that is made with a
/// [dev.corten.runtime.command.Place], where the containers are. A container is a directory below
/// `--root`: `state.json`, written once when it has been created, a copy of its `config.json`, and
/// `exec.fifo`, which is there as long as it waits for its start. Nothing of it stays in memory:
/// what a container does now is asked of the kernel.
///
/// Nobody watches these containers (`UnwatchedProcesses`): the caller, who adopts orphans, does.
@org.jspecify.annotations.NullMarked
package dev.corten.runtime.command;
