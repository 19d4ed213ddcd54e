package dev.corten.kernel.cgroup;

import java.time.Duration;
import java.util.Arrays;

/// Measures how long an attach takes after a quiet time, with and without [CgroupTree#warm]. Not a
/// test: run its main by hand.
final class AttachMeasurement {
    private AttachMeasurement() {}

    public static void main(String[] arguments) throws Exception {
        CgroupTree tree = CgroupTree.detect();
        Cgroup cgroup = tree.create("/corten-measure/one");
        Process process = new ProcessBuilder("sleep", "600").start();
        try {
            int pid = (int) process.pid();
            cgroup.add(pid);
            for (boolean warm : new boolean[] {false, true, false, true}) {
                long[] attach = new long[15];
                long[] warming = new long[15];
                for (int i = 0; i < attach.length; i++) {
                    quiet();
                    long start = System.nanoTime();
                    if (warm) {
                        tree.warm();
                    }
                    long middle = System.nanoTime();
                    cgroup.add(pid);
                    attach[i] = System.nanoTime() - middle;
                    warming[i] = middle - start;
                }
                System.out.printf(
                        "%s: warm() %d us, attach to all hierarchies %d us (medians)%n",
                        warm ? "warmed" : "cold", median(warming), median(attach));
            }
            for (int gap : new int[] {1, 5, 10, 20, 40}) {
                long[] attach = new long[9];
                for (int i = 0; i < attach.length; i++) {
                    quiet();
                    tree.warm();
                    dev.corten.kernel.file.Poll.poll(
                            new dev.corten.kernel.Fd[0], new int[0], Duration.ofMillis(gap));
                    long start = System.nanoTime();
                    cgroup.add(pid);
                    attach[i] = System.nanoTime() - start;
                }
                System.out.printf("%d ms after warm(): attach %d us%n", gap, median(attach));
            }
        } finally {
            process.destroyForcibly().waitFor();
            tree.open("/corten-measure").remove(Duration.ofSeconds(10));
        }
    }

    private static void quiet() throws Exception {
        dev.corten.kernel.file.Poll.poll(
                new dev.corten.kernel.Fd[0], new int[0], Duration.ofMillis(300));
    }

    private static long median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1000;
    }
}
