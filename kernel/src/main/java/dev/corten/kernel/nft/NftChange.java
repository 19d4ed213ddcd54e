package dev.corten.kernel.nft;

/// Something has happened to a table, or to a chain, a rule or a set of it.
///
/// @param deletion whether it is gone, and not new or changed
public record NftChange(NftFamily family, String table, boolean deletion) {}
