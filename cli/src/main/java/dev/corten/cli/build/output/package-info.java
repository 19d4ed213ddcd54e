/// What a build gives back: files into a directory, an archive into a file, and the small files that
/// say what was built.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build.output;
