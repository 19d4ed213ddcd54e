/// `build` and what belongs to it: a command line becomes a request, the daemon asks for files,
/// secrets and agents meanwhile, and gives an image or files.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build;
