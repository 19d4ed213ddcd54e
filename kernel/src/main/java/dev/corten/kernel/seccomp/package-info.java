/// Filters of system calls: moby's profile format in, a classic BPF program out.
///
/// Start at [dev.corten.kernel.seccomp.SeccompProfile]: it parses a profile (the built-in one is
/// the resource `default.json`) and reduces it, for a container's capabilities, an architecture
/// and a kernel, to the rules of the OCI specification. [dev.corten.kernel.seccomp.FilterCompiler]
/// turns those into the instructions that seccomp(2) takes;
/// [dev.corten.kernel.seccomp.FilterCache] keeps what was compiled. Nothing here makes a system
/// call: installing the filter is a step of the container's own plan, never of a thread of the JVM.
///
/// Everything is immutable or safe for use by many threads. The tables of system calls
/// (`x86_64.txt`, `x86.txt`, `aarch64.txt`) come from the kernel's headers.
@org.jspecify.annotations.NullMarked
package dev.corten.kernel.seccomp;
