/// What `COPY`, `ADD` and `WORKDIR` do to a tree. Two open directories go in, a source and a
/// destination; nothing here leaves them, whatever links are in them.
///
/// Start at [FileCopy].
@org.jspecify.annotations.NullMarked
package dev.corten.build.file;
