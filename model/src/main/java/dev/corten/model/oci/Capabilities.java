package dev.corten.model.oci;

import java.util.Set;

/// The five sets of a process.
public record Capabilities(
        Set<Capability> bounding,
        Set<Capability> effective,
        Set<Capability> inheritable,
        Set<Capability> permitted,
        Set<Capability> ambient) {
    public Capabilities {
        bounding = Set.copyOf(bounding);
        effective = Set.copyOf(effective);
        inheritable = Set.copyOf(inheritable);
        permitted = Set.copyOf(permitted);
        ambient = Set.copyOf(ambient);
    }

    /// These as the bounding set, and in force for root; inheritable and ambient stay empty
    /// (CVE-2022-24769, CVE-2016-8867), and a user other than root starts with none in force.
    public static Capabilities of(Set<Capability> granted, int uid) {
        Set<Capability> inForce = uid == 0 ? granted : Set.of();
        return new Capabilities(granted, inForce, Set.of(), inForce, Set.of());
    }
}
