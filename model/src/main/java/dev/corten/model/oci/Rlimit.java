package dev.corten.model.oci;

import dev.corten.model.InvalidParameter;

/// A limit of setrlimit(2); -1 is unlimited.
public record Rlimit(Resource resource, long soft, long hard) {
    public Rlimit {
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw new InvalidParameter(
                    "ulimit soft limit must be less than or equal to hard limit: "
                            + Long.toUnsignedString(soft)
                            + " > "
                            + Long.toUnsignedString(hard));
        }
    }

    /// In the order of the kernel's numbers (`asm-generic/resource.h`).
    public enum Resource {
        CPU(0),
        FSIZE(1),
        DATA(2),
        STACK(3),
        CORE(4),
        RSS(5),
        NPROC(6),
        NOFILE(7),
        MEMLOCK(8),
        AS(9),
        LOCKS(10),
        SIGPENDING(11),
        MSGQUEUE(12),
        NICE(13),
        RTPRIO(14),
        RTTIME(15);

        private final int number;

        Resource(int number) {
            this.number = number;
        }

        /// The kernel's `RLIMIT_` number.
        public int number() {
            return number;
        }
    }
}
