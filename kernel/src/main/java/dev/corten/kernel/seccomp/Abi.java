package dev.corten.kernel.seccomp;

import dev.corten.model.InvalidParameter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/// A way of calling the kernel, with its own numbers (`AUDIT_ARCH_…` of `linux/audit.h`).
public enum Abi {
    X86_64(0xC000003E, "amd64", "SCMP_ARCH_X86_64", "x86_64.txt"),
    X86(0x40000003, "x86", "SCMP_ARCH_X86", "x86.txt"),
    AARCH64(0xC00000B7, "arm64", "SCMP_ARCH_AARCH64", "aarch64.txt");

    /// Derived from resources; read when it is first needed.
    private static final Map<Abi, Map<String, Integer>> TABLES = new ConcurrentHashMap<>();

    private final int audit;
    private final String goName;
    private final String specName;
    private final String resource;

    Abi(int audit, String goName, String specName, String resource) {
        this.audit = audit;
        this.goName = goName;
        this.specName = specName;
        this.resource = resource;
    }

    /// What `seccomp_data.arch` holds.
    public int audit() {
        return audit;
    }

    /// Go's name, which moby's `includes` and `excludes` use.
    public String goName() {
        return goName;
    }

    /// `SCMP_ARCH_…`.
    public String specName() {
        return specName;
    }

    /// The 64-bit architecture of this machine.
    public static Abi host() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default -> throw new InvalidParameter("architecture not supported: " + name);
        };
    }

    /// The architecture of this `SCMP_ARCH_…` name, if we have its table.
    static Optional<Abi> find(String specName) {
        for (Abi architecture : values()) {
            if (architecture.specName.equals(specName)) {
                return Optional.of(architecture);
            }
        }
        return Optional.empty();
    }

    /// The other ABIs whose calls this machine's kernel takes and whose table we have.
    List<Abi> compatible() {
        return this == X86_64 ? List.of(X86) : List.of();
    }

    /// The number of a system call, if this architecture has it.
    public OptionalInt number(String name) {
        Integer number = syscalls().get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// All system calls by name.
    public Map<String, Integer> syscalls() {
        return TABLES.computeIfAbsent(this, Abi::read);
    }

    private Map<String, Integer> read() {
        var numbers = new HashMap<String, Integer>(1024);
        try (var in = Abi.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                if (!line.startsWith("#")) {
                    numbers.put(line.substring(space + 1), Integer.parseInt(line, 0, space, 10));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(numbers);
    }
}
