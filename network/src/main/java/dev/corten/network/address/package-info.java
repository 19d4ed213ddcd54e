/// Addresses as values, and whose they are: [Subnet], and the [AddressPool] of one. Touches nothing
/// on the host.
@org.jspecify.annotations.NullMarked
package dev.corten.network.address;
