/// Which files of a build context are left out: `.dockerignore`, and patterns of paths.
@org.jspecify.annotations.NullMarked
package dev.corten.archive.ignore;
