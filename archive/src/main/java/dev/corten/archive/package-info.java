/// tar and its compressions, as streams.
///
/// Start at [TarReader] and [TarWriter]; [Compression] opens a stream that may be compressed. Names
/// are bytes throughout ([dev.corten.model.PathBytes]): archives carry whatever their maker's
/// kernel allowed. Nothing here touches a file system; that is
/// `dev.corten.archive.unpack`. No type here is safe for use by several threads at once, none
/// starts a thread, and none holds more memory than its stated bounds.
@org.jspecify.annotations.NullMarked
package dev.corten.archive;
