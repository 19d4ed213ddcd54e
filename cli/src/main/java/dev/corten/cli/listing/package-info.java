/// Answers printed as `--format` asks: [ListRows] for lists, [Formats] for single documents. Both get
/// by without the classes of `template` where no template was given.
@org.jspecify.annotations.NullMarked
package dev.corten.cli.listing;
