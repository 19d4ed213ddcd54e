/// Files of this machine for a build: which of a directory's are wanted, what is said of them, and
/// their bytes. Nothing outside of the directory is read, whatever links are in it.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build.context;
