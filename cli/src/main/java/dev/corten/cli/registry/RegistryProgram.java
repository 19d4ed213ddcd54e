package dev.corten.cli.registry;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.kernel.process.Execution;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/// `registry serve`, `registry garbage-collect`: this process becomes `corten-registry`, the program
/// beside this one.
public final class RegistryProgram implements Command {
    private static final String DRY_RUN = "dry-run";
    private static final String UNTAGGED = "delete-untagged";
    private static final String GRACE = "grace";
    private static final String QUIET = "quiet";

    private final String command;

    /// @param command as `corten-registry` calls it
    public RegistryProgram(String command) {
        this.command = command;
    }

    @Override
    public FlagTable flags() {
        var table = new FlagTable();
        if (command.equals("serve")) {
            return table;
        }
        return table.add('d', DRY_RUN, FlagType.BOOL, "Say what would be deleted, delete nothing")
                .add('m', UNTAGGED, FlagType.BOOL, "Delete manifests too that no tag names")
                .add(
                        FlagTable.NONE,
                        GRACE,
                        FlagType.STRING,
                        "Leave alone what was used since (default 1h)")
                .add('q', QUIET, FlagType.BOOL, "Say nothing but the sum");
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) {
        String program = program();
        Flags flags = invocation.flags();
        var words = new ArrayList<String>(List.of(program, command));
        for (String flag : List.of(DRY_RUN, UNTAGGED, QUIET)) {
            if (!command.equals("serve") && flags.isSet(flag)) {
                words.add("--" + flag);
            }
        }
        if (!command.equals("serve") && flags.isGiven(GRACE)) {
            words.add("--" + GRACE);
            words.add(flags.text(GRACE));
        }
        words.addAll(invocation.arguments());
        throw new Failure(
                String.valueOf(
                        Execution.become(program, words, invocation.environment().variables())
                                .getMessage()));
    }

    /// Beside this one, wherever that is installed.
    static String program() {
        String lib = System.getProperty("corten.lib", "");
        var program = new File(lib, "../bin/corten-registry");
        if (lib.isEmpty() || !program.canExecute()) {
            throw new Failure("corten-registry is not installed beside this program");
        }
        return program.getPath();
    }
}
