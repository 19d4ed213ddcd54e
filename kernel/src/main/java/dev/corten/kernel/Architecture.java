package dev.corten.kernel;

/// The processor architectures that Corten runs on.
public enum Architecture {
    X86_64("x86_64", 0xC000003E),
    AARCH64("aarch64", 0xC00000B7);

    static final Architecture CURRENT = detect(System.getProperty("os.arch", ""));

    private final String machine;
    private final int audit;

    Architecture(String machine, int audit) {
        this.machine = machine;
        this.audit = audit;
    }

    /// The architecture of this process.
    public static Architecture current() {
        return CURRENT;
    }

    /// As `uname -m` says it.
    public String machine() {
        return machine;
    }

    /// `AUDIT_ARCH_*` of linux/audit.h: what a seccomp filter sees.
    public int auditArchitecture() {
        return audit;
    }

    private static Architecture detect(String name) {
        return switch (name) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                    throw new UnsupportedOperationException(
                            "Corten runs on x86_64 and aarch64, not on " + name);
        };
    }
}
