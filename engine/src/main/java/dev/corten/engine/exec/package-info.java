/// Further processes in running containers. Start at [Execs]. They live in memory only: an exec
/// ends with its container, and Docker forgets them in the same way.
@org.jspecify.annotations.NullMarked
package dev.corten.engine.exec;
