package dev.corten.cli.container;

import static dev.corten.cli.flags.FlagTable.NONE;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.RestartOption;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;

/// `update`: what is not given stays as it is.
public final class UpdateCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        NONE,
                        "blkio-weight",
                        FlagType.UINT16,
                        "Block IO (relative weight), between 10 and 1000, or 0 to disable"
                                + " (default 0)")
                .add(
                        NONE,
                        "cpu-period",
                        FlagType.INT,
                        "Limit CPU CFS (Completely Fair Scheduler) period")
                .add(
                        NONE,
                        "cpu-quota",
                        FlagType.INT,
                        "Limit CPU CFS (Completely Fair Scheduler) quota")
                .add(
                        NONE,
                        "cpu-rt-period",
                        FlagType.INT,
                        "Limit the CPU real-time period in microseconds")
                .add(
                        NONE,
                        "cpu-rt-runtime",
                        FlagType.INT,
                        "Limit the CPU real-time runtime in microseconds")
                .add('c', "cpu-shares", FlagType.INT, "CPU shares (relative weight)")
                .add(NONE, "cpus", FlagType.DECIMAL, "Number of CPUs")
                .add(
                        NONE,
                        "cpuset-cpus",
                        FlagType.STRING,
                        "CPUs in which to allow execution (0-3, 0,1)")
                .add(
                        NONE,
                        "cpuset-mems",
                        FlagType.STRING,
                        "MEMs in which to allow execution (0-3, 0,1)")
                .add('m', "memory", FlagType.BYTES, "Memory limit")
                .add(NONE, "memory-reservation", FlagType.BYTES, "Memory soft limit")
                .add(
                        NONE,
                        "memory-swap",
                        FlagType.SWAP,
                        "Swap limit equal to memory plus swap: -1 to enable unlimited swap")
                .add(
                        NONE,
                        "pids-limit",
                        FlagType.INT,
                        "Tune container pids limit (set -1 for unlimited)")
                .add(
                        NONE,
                        "restart",
                        FlagType.STRING,
                        "Restart policy to apply when a container exits");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        if (flags.isEmpty()) {
            throw new Failure("you must provide one or more flags when using this command");
        }
        var warnings = new ArrayList<String>();
        var errors = new ArrayList<String>();
        Output out = invocation.out();
        for (String name : invocation.arguments()) {
            try {
                Json answer =
                        invocation
                                .api()
                                .json(
                                        Request.post(EachContainer.path(name) + "/update")
                                                .json(body(flags)));
                out.line(name).flush();
                for (Json warning : answer.get("Warnings").items()) {
                    warnings.add(warning.text(""));
                }
            } catch (CortenException e) {
                errors.add("Error response from daemon: " + e.message());
            }
        }
        warnings.forEach(out::line);
        out.flush();
        if (!errors.isEmpty()) {
            throw new Failure(String.join("\n", errors));
        }
        return 0;
    }

    private static JsonWriter body(Flags flags) {
        var json = new JsonWriter().object();
        json.name("CpuShares").value(flags.integer("cpu-shares", 0));
        json.name("Memory").value(flags.bytes("memory"));
        json.name("NanoCpus").value(Quantity.nanoCpus(flags.text("cpus")));
        json.name("BlkioWeight").value(flags.integer("blkio-weight", 0));
        json.name("CpuPeriod").value(flags.integer("cpu-period", 0));
        json.name("CpuQuota").value(flags.integer("cpu-quota", 0));
        json.name("CpuRealtimePeriod").value(flags.integer("cpu-rt-period", 0));
        json.name("CpuRealtimeRuntime").value(flags.integer("cpu-rt-runtime", 0));
        json.name("CpusetCpus").value(flags.text("cpuset-cpus"));
        json.name("CpusetMems").value(flags.text("cpuset-mems"));
        json.name("MemoryReservation").value(flags.bytes("memory-reservation"));
        json.name("MemorySwap").value(flags.bytes("memory-swap"));
        if (flags.isGiven("pids-limit")) {
            json.name("PidsLimit").value(flags.integer("pids-limit", 0));
        }
        RestartOption.write(json, flags.text("restart"));
        return json.end();
    }
}
