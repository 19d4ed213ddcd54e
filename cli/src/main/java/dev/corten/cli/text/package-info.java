/// Sizes, times, IDs and names as Docker writes and reads them. Start at [Quantity]. Knows no
/// options and no daemon.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.text;
