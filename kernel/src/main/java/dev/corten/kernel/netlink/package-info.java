/// Netlink from Java: the transport that all families share, and rtnetlink on top of it.
///
/// Start with [Rtnetlink]: links, addresses, routes and neighbours of one network namespace.
/// [NetlinkSocket] carries requests and answers, [NetlinkBatch] encodes requests,
/// [NetlinkAttributes] decodes answers; the nftables encoder in `dev.corten.kernel.nft` uses the
/// same three.
///
/// Threads and locks: a [NetlinkSocket] may be used by several threads; its lock is held for one
/// exchange (send, then all answers), which the kernel works off synchronously, mostly in some
/// tens of microseconds but in about 20 ms where a link is deleted. Callers on virtual threads
/// therefore go through the pool for blocking calls. A socket belongs for ever to the network
/// namespace of the thread that opened it and may then be used from any thread.
@NullMarked
package dev.corten.kernel.netlink;

import org.jspecify.annotations.NullMarked;
