/// The language: a Dockerfile as text, as statements, and as instructions.
///
/// Start at [dev.corten.build.dockerfile.Dockerfile]. `StatementReader` joins lines and collects
/// here-documents, `InstructionReader` gives each statement its meaning, `ShellWords` expands
/// variables. Nothing here knows of images, contexts or running. Text is
/// [dev.corten.model.RawText]: bytes that are no UTF-8 survive.
///
/// The reference is <https://docs.docker.com/reference/dockerfile/>.
@org.jspecify.annotations.NullMarked
package dev.corten.build.dockerfile;
