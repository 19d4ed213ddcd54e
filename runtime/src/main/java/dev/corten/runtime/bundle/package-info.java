/// Bundles of the OCI runtime specification: `config.json` read and written.
///
/// Start at [dev.corten.runtime.bundle.BundleReader]. [dev.corten.runtime.bundle.SpecTree] is the
/// other direction. [dev.corten.runtime.bundle.Document] and [dev.corten.runtime.bundle.Value] are
/// the JSON under both. Stateless; what is not supported is refused when it is read.
@org.jspecify.annotations.NullMarked
package dev.corten.runtime.bundle;
