/// Further processes in running containers. Start at [Execs]. They live in memory only: an exec
/// ends with its container, and Docker forgets them in the same way. One for debugging brings its own
/// tools, which are in [Toolboxes].
@org.jspecify.annotations.NullMarked
package dev.corten.engine.exec;
