/// tar, compression, rooted extraction.
@org.jspecify.annotations.NullMarked
package dev.corten.archive;
