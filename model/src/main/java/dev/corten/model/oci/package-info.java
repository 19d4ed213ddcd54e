/// The OCI runtime specification (1.2), as far as Corten runs it: what a container's process is
/// given, in the specification's own words.
///
/// Start at [dev.corten.model.oci.Spec]. The records hold no JSON: who reads or writes
/// `config.json` maps it. Everything is immutable; lists keep their order, as mounts and
/// environment depend on it. Descriptors that replace paths travel beside the spec (`runtime`'s
/// `Launch`), never in it.
@org.jspecify.annotations.NullMarked
package dev.corten.model.oci;
