/// The graph of a build, and how it is solved. Nothing here knows of Dockerfiles, images or
/// containers: a step is an [dev.corten.build.solve.Operation], a
/// [dev.corten.build.solve.Worker] carries it out, a [dev.corten.build.solve.CacheStore] remembers
/// what came of it.
///
/// | word | what it is |
/// |---|---|
/// | vertex | a step and the steps whose results it works on |
/// | result | what a step has made: a tree of files |
/// | content | a digest of all that counts in a result; the times of files do not |
/// | key | a digest of a step and of what its inputs hold: where its result is remembered |
/// | broad key | a key of the whole content of each input |
/// | narrow key | a key of those files only that the step reads |
///
/// Keys are made of contents, never of how something came about. A step that ran again and made
/// the same tree therefore lets everything behind it be reused, and a file that no step reads
/// changes nothing.
@org.jspecify.annotations.NullMarked
package dev.corten.build.solve;
