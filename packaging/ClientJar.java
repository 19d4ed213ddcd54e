import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.constant.ModuleDesc;
import java.lang.constant.PackageDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/// Makes `lib/corten-client.jar`: the client of our command line for other programs, one module that
/// needs nothing but `java.base`. The package `dev.corten.model`, of whose exceptions the client's
/// methods speak, is in it.
final class ClientJar {
    private static final ModuleDesc NAME = ModuleDesc.of("dev.corten.client");
    private static final List<String> PACKAGES = List.of("dev.corten.client", "dev.corten.model");

    /// The first that a zip file can tell: the same sources make the same bytes.
    private static final LocalDateTime ANY_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private ClientJar() {}

    /// @param jars of our modules
    static void make(List<Path> jars, Path target) throws IOException {
        var entries = new TreeMap<String, byte[]>();
        for (Path path : jars) {
            String name = path.getFileName().toString();
            if (name.startsWith("corten-client-") || name.startsWith("corten-model-")) {
                collect(path, entries);
            }
        }
        entries.put("module-info.class", moduleInfo());
        try (OutputStream file = Files.newOutputStream(target);
                var out = new JarOutputStream(file)) {
            for (var entry : entries.entrySet()) {
                var head = new JarEntry(entry.getKey());
                head.setTimeLocal(ANY_TIME);
                out.putNextEntry(head);
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
    }

    private static void collect(Path path, TreeMap<String, byte[]> entries) throws IOException {
        try (var jar = new JarFile(path.toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                String name = entry.getName();
                int slash = name.lastIndexOf('/');
                if (name.endsWith(".class")
                        && slash > 0
                        && PACKAGES.contains(name.substring(0, slash).replace('/', '.'))) {
                    try (var in = jar.getInputStream(entry)) {
                        entries.put(name, in.readAllBytes());
                    }
                }
            }
        }
    }

    private static byte[] moduleInfo() {
        return ClassFile.of()
                .buildModule(
                        ModuleAttribute.of(
                                NAME,
                                module -> {
                                    module.requires(
                                            ModuleDesc.of("java.base"),
                                            List.of(AccessFlag.MANDATED),
                                            null);
                                    for (String name : PACKAGES) {
                                        module.exports(PackageDesc.of(name), List.of());
                                    }
                                }));
    }
}
