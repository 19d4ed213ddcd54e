package dev.corten.model.oci;

import dev.corten.model.PathBytes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The part of the specification that only Linux has.
///
/// @param cgroupsPath the control group, relative to the hierarchies' roots: `/docker/<id>`
/// @param sysctl by name with dots; written in order
/// @param seccomp absent: no filter
/// @param rdtClass class of service of the processor's caches (`intelRdt.closID`)
public record Linux(
        List<Namespace> namespaces,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        List<Device> devices,
        Resources resources,
        String cgroupsPath,
        Map<String, String> sysctl,
        Optional<Seccomp> seccomp,
        List<PathBytes> maskedPaths,
        List<PathBytes> readonlyPaths,
        Propagation rootfsPropagation,
        Optional<String> rdtClass) {
    public Linux {
        namespaces = List.copyOf(namespaces);
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
        devices = List.copyOf(devices);
        sysctl = Collections.unmodifiableMap(new LinkedHashMap<>(sysctl));
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
    }

    /// The same with other namespaces.
    public Linux withNamespaces(List<Namespace> others) {
        return new Linux(
                others,
                uidMappings,
                gidMappings,
                devices,
                resources,
                cgroupsPath,
                sysctl,
                seccomp,
                maskedPaths,
                readonlyPaths,
                rootfsPropagation,
                rdtClass);
    }

    /// How mounts made outside reach the container's.
    public enum Propagation {
        PRIVATE,
        SLAVE,
        SHARED
    }

    /// The namespace of this type, if the container does not share the runtime's own.
    public Optional<Namespace> namespace(Namespace.Type type) {
        return namespaces.stream().filter(n -> n.type() == type).findFirst();
    }

    /// A range of IDs of a user namespace.
    public record IdMapping(int containerId, int hostId, int size) {}
}
