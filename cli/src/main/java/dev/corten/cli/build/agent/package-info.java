/// An SSH agent for builds: keys out of files, and the protocol by which they are used.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.build.agent;
