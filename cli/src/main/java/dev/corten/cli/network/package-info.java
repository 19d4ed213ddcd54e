/// The commands that deal with networks.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.network;
