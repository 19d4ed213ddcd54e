/// nftables from Java, by nfnetlink messages of our own: no `nft` command and no libnftables.
///
/// Start with [Nftables]: it opens the socket, commits an [NftTransaction] (all of it or nothing)
/// and lists tables, chains and elements. [NftRule] is a rule's expressions, [NftSet] describes a
/// set or map, [NftElement] one of its elements.
///
/// Attribute and register numbers are those of linux/netfilter/nf_tables.h; type numbers of set
/// keys are those of libnftables' datatype.h, which the kernel only keeps so that `nft list` can
/// print them.
///
/// Threads and locks as in `dev.corten.kernel.netlink`.
@NullMarked
package dev.corten.kernel.nft;

import org.jspecify.annotations.NullMarked;
