/// The HTTP client of the command line.
@org.jspecify.annotations.NullMarked
package dev.corten.client;
