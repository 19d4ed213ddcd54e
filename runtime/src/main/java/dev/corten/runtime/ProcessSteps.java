package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.NotImplemented;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Rlimit;
import dev.corten.model.oci.Seccomp;
import dev.corten.runtime.Plan.Meaning;
import dev.corten.runtime.PlanWriter.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The tail of every plan: limits, credentials, filter, and the command.
///
/// The order matters. Without `no_new_privs` the filter must go in while CAP_SYS_ADMIN is held;
/// with it, it is the last step before the command. The death signal is set again after the
/// change of credentials, which clears it.
final class ProcessSteps {
    // linux/prctl.h
    static final int PR_SET_PDEATHSIG = 1;
    static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_RAISE = 2;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    private static final int SIGKILL = 9;
    // linux/capability.h
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    // linux/seccomp.h
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_LOG = 2;
    private static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
    private static final int AT_EACCESS = 0x200;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int OUT_OF_THE_WAY = 600;

    private final PlanWriter plan;
    private final ProcessSpec process;
    private final Host host;
    private final List<String> candidates;
    private final int argv;
    private final int envp;
    private final Optional<Integer> filter;
    private final int filterFlags;
    private final Optional<Unwatched> unwatched;
    private final List<Integer> extra;
    private final int gate;
    private final int places;

    /// Writes what is done before the clone: the pointers of arguments and environment.
    ///
    /// @param program the compiled filter of [seccomp]
    ProcessSteps(
            PlanWriter plan,
            ProcessSpec process,
            Host host,
            Optional<Seccomp> seccomp,
            Optional<byte[]> program,
            Optional<Unwatched> unwatched) {
        this.plan = plan;
        this.process = process;
        this.host = host;
        this.candidates = candidates(process);
        this.unwatched = unwatched;
        gate = unwatched.flatMap(Unwatched::gate).map(plan::descriptor).orElse(PlanWriter.NONE);
        extra = extra();
        plan.words("prepare arguments and environment");
        argv = plan.pointers("argv", process.args());
        envp = plan.pointers("envp", process.env());
        places = unwatched.isPresent() ? plan.pointers("places", candidates) : 0;
        filter = program.map(this::filterProgram);
        filterFlags = seccomp.map(ProcessSteps::flags).orElse(0);
        if (seccomp.isPresent()
                && seccomp.get().rules().stream()
                        .anyMatch(r -> r.action() == Seccomp.Action.NOTIFY)) {
            throw new NotImplemented("seccomp profiles with SCMP_ACT_NOTIFY are not supported");
        }
    }

    /// Descriptors that the program gets as 3, 4, …: first out of the way of those numbers.
    private List<Integer> extra() {
        List<Integer> given =
                unwatched.map(Unwatched::extra).orElse(List.of()).stream()
                        .map(plan::descriptor)
                        .toList();
        plan.words("keep the descriptors that the program gets");
        return given.stream()
                .map(from -> {
                    int high = plan.register();
                    plan.callInto(
                            high,
                            0,
                            Syscall.FCNTL,
                            in(from),
                            number(F_DUPFD_CLOEXEC),
                            number(OUT_OF_THE_WAY));
                    return high;
                })
                .toList();
    }

    private static int flags(Seccomp seccomp) {
        if (seccomp.flags().isEmpty()) {
            // As runc: a filter shall not slow down every branch of the program.
            return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
        }
        int flags = 0;
        for (String flag : seccomp.flags()) {
            flags |=
                    switch (flag) {
                        case "SECCOMP_FILTER_FLAG_TSYNC" -> 0; // one thread has the filter anyway
                        case "SECCOMP_FILTER_FLAG_LOG" -> SECCOMP_FILTER_FLAG_LOG;
                        case "SECCOMP_FILTER_FLAG_SPEC_ALLOW" -> SECCOMP_FILTER_FLAG_SPEC_ALLOW;
                        default -> throw new NotImplemented("seccomp flag " + flag);
                    };
        }
        return flags;
    }

    private int filterProgram(byte[] program) {
        int code = plan.named("filter", program);
        int structure = plan.longs("{filter}", program.length / 8, 0);
        plan.operation(Operation.RELOC, number(structure + 8), number(code));
        return structure;
    }

    /// Where the command may be; one place if it has a slash.
    private static List<String> candidates(ProcessSpec process) {
        String command = process.args().getFirst();
        if (command.contains("/")) {
            return List.of(command);
        }
        var candidates = new ArrayList<String>();
        for (String entry : process.env()) {
            if (entry.startsWith("PATH=")) {
                candidates.clear();
                for (String directory : entry.substring("PATH=".length()).split(":", -1)) {
                    if (directory.startsWith("/") && !command.isEmpty()) {
                        candidates.add(
                                directory.endsWith("/")
                                        ? directory + command
                                        : directory + "/" + command);
                    }
                }
            }
        }
        return candidates;
    }

    /// Standard streams that are pipes belong to the user, so that `/dev/stdout` can be opened.
    void pipes(boolean ownStdin) {
        plan.words("take standard input and output");
        plan.operation(Operation.STDIO);
        int uid = process.user().uid();
        if (unwatched.isPresent()) {
            for (int fd : unwatched.get().streamsToGive()) {
                plan.callInto(
                        PlanWriter.NONE,
                        tolerating(Errno.EPERM, Errno.EINVAL, Errno.EROFS),
                        Syscall.FCHOWN,
                        number(fd),
                        number(uid),
                        number(-1));
            }
        } else if (uid != 0) {
            for (int fd = ownStdin ? 0 : 1; fd <= 2; fd++) {
                plan.call(Syscall.FCHOWN, number(fd), number(uid), number(-1));
            }
        }
    }

    void limits() {
        if (program().startsWith("/")) {
            // It takes descriptors, of which the limits may leave none.
            find(program());
        }
        for (Rlimit limit : process.rlimits()) {
            plan.words("set rlimit " + limit.resource());
            // Raising needs CAP_SYS_RESOURCE, which an engine in a container may lack.
            boolean mayFail = limit.resource() == Rlimit.Resource.NOFILE;
            plan.callInto(
                    PlanWriter.NONE,
                    mayFail ? tolerating(Errno.EPERM) : 0,
                    Syscall.PRLIMIT64,
                    number(0),
                    number(limit.resource().number()),
                    at(
                            plan.longs(
                                    "{" + limit.soft() + ", " + limit.hard() + "}",
                                    limit.soft(),
                                    limit.hard())),
                    number(0));
        }
    }

    /// Everything from the credentials on.
    void credentialsAndCommand() {
        boolean filterLast = process.noNewPrivileges();
        if (!filterLast) {
            filter();
        }
        capabilityBounds();
        plan.words("change to user " + process.user().uid() + ":" + process.user().gid());
        int uid = process.user().uid();
        int gid = process.user().gid();
        int[] groups =
                process.user().additionalGids().stream().mapToInt(Integer::intValue).toArray();
        plan.call(Syscall.SETGROUPS, number(groups.length), at(plan.ints("groups", groups)));
        plan.call(Syscall.SETRESGID, number(gid), number(gid), number(gid));
        plan.call(Syscall.PRCTL, number(PR_SET_KEEPCAPS), number(1), number(0), number(0));
        plan.call(Syscall.SETRESUID, number(uid), number(uid), number(uid));
        capabilities();
        deathSignal();
        plan.words("set the umask");
        plan.call(Syscall.UMASK, number(process.user().umask()));
        if (filterLast) {
            plan.words("set no_new_privs");
            plan.call(
                    Syscall.PRCTL,
                    number(PR_SET_NO_NEW_PRIVS),
                    number(1),
                    number(0),
                    number(0),
                    number(0));
        }
        command(filterLast);
    }

    void deathSignal() {
        if (unwatched.isPresent()) {
            return;
        }
        plan.words("set the death signal");
        plan.call(Syscall.PRCTL, number(PR_SET_PDEATHSIG), number(SIGKILL), number(0), number(0));
    }

    private void filter() {
        if (filter.isPresent()) {
            plan.words("install the seccomp filter");
            plan.call(
                    Syscall.SECCOMP,
                    number(SECCOMP_SET_MODE_FILTER),
                    number(filterFlags),
                    at(filter.get()));
        }
    }

    private void capabilityBounds() {
        plan.words("drop capabilities from the bounding set");
        long keep = Capability.mask(process.capabilities().bounding());
        for (int number = 0; number <= host.lastCapability(); number++) {
            if ((keep & (1L << number)) == 0) {
                plan.call(
                        Syscall.PRCTL,
                        number(PR_CAPBSET_DROP),
                        number(number),
                        number(0),
                        number(0),
                        number(0));
            }
        }
    }

    private void capabilities() {
        plan.words("set capabilities");
        long effective = Capability.mask(process.capabilities().effective());
        long permitted = Capability.mask(process.capabilities().permitted());
        long inheritable = Capability.mask(process.capabilities().inheritable());
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.EINVAL),
                Syscall.PRCTL,
                number(PR_CAP_AMBIENT),
                number(PR_CAP_AMBIENT_CLEAR_ALL),
                number(0),
                number(0),
                number(0));
        plan.call(
                Syscall.CAPSET,
                at(plan.ints("{version 3}", CAPABILITY_VERSION_3, 0)),
                at(
                        plan.ints(
                                "{effective 0x%x, permitted 0x%x, inheritable 0x%x}"
                                        .formatted(effective, permitted, inheritable),
                                (int) effective,
                                (int) permitted,
                                (int) inheritable,
                                (int) (effective >>> 32),
                                (int) (permitted >>> 32),
                                (int) (inheritable >>> 32))));
        for (Capability capability : process.capabilities().ambient()) {
            plan.call(
                    Syscall.PRCTL,
                    number(PR_CAP_AMBIENT),
                    number(PR_CAP_AMBIENT_RAISE),
                    number(capability.number()),
                    number(0),
                    number(0));
        }
    }

    private void command(boolean filterLast) {
        String command = program();
        if (command.contains("/")) {
            if (!command.startsWith("/")) {
                find(command);
            }
            mayExecute(command);
        }
        unwatched.ifPresent(_ -> waitForStart(command));
        if (filterLast) {
            filter();
        }
        if (candidates.isEmpty()) {
            plan.words(command, Meaning.SEARCH);
            plan.operation(Operation.EXPECT, number(0), number(1), number(Errno.ENOENT));
        }
        plan.words(command, command.contains("/") ? Meaning.EXECUTE : Meaning.SEARCH);
        for (int i = 0; i < candidates.size(); i++) {
            plan.callInto(
                    PlanWriter.NONE,
                    i + 1 < candidates.size()
                            ? tolerating(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)
                            : 0,
                    Syscall.EXECVE,
                    at(plan.string(candidates.get(i))),
                    at(argv),
                    at(envp));
        }
    }

    /// The last things before the program, when all that can go wrong has been tried.
    private void waitForStart(String command) {
        if (!command.contains("/")) {
            plan.words(command, Meaning.SEARCH);
            plan.operation(Operation.FIND, at(places));
        }
        if (gate != PlanWriter.NONE) {
            plan.words("wait for the start");
            plan.operation(Operation.SYNC, number(Unwatched.SYNC_CREATED));
            plan.call(Syscall.READ, in(gate), at(plan.reserve(8)), number(1));
        }
        plan.words("give the program its descriptors");
        for (int i = 0; i < extra.size(); i++) {
            plan.call(Syscall.DUP3, in(extra.get(i)), number(3 + i), number(0));
        }
    }

    private String program() {
        return process.args().getFirst();
    }

    /// What Go's `exec.LookPath` finds out, so that a failure has its words: a missing file, a
    /// directory and a file that is not executable look alike to execve(2).
    private void find(String command) {
        plan.words(command, Meaning.STAT);
        int path = plan.string(command);
        int directory = plan.register();
        plan.call(
                Syscall.OPENAT,
                number(Fd.CWD.number()),
                at(path),
                number(FileCalls.O_PATH | FileCalls.O_CLOEXEC),
                number(0));
        plan.callInto(
                directory,
                tolerating(Errno.ENOTDIR),
                Syscall.OPENAT,
                number(Fd.CWD.number()),
                at(path),
                number(FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC),
                number(0));
        plan.operation(
                Operation.EXPECT, in(directory), number(-Errno.ENOTDIR), number(Errno.EISDIR));
    }

    /// As the user that it will have.
    private void mayExecute(String command) {
        plan.words(command, Meaning.STAT);
        int path = plan.string(command);
        // A filter of the user's may not know this call.
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.ENOSYS, Errno.EPERM),
                Syscall.FACCESSAT2,
                number(Fd.CWD.number()),
                at(path),
                number(FileCalls.X_OK),
                number(AT_EACCESS));
    }
}
