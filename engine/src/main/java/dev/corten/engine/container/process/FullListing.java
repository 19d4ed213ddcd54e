package dev.corten.engine.container.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/// One process as a line of `ps -ef`, from what proc(5) tells of it.
///
/// @param bootTime when the ticks of the machine began
/// @param ticks in a second
/// @param userName the name of a user ID, `""` if it has none
/// @param isTerminal whether the host has `/dev/` this: a container's own terminal usually has the
///     number of none there, and `ps` shows no other
record FullListing(
        Instant bootTime,
        Instant now,
        ZoneId zone,
        int ticks,
        IntFunction<String> userName,
        Predicate<String> isTerminal) {
    static final List<String> TITLES =
            List.of("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");

    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMdd", Locale.ROOT);
    private static final int NAME_MAX = 8;
    private static final int LOAD_MAX = 99;

    // Fields of /proc/PID/stat behind the name, which may have blanks and brackets in it.
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int TERMINAL = 4;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;
    private static final int START = 19;

    // Major numbers of devices, from the kernel's devices.txt.
    private static final int CONSOLES = 4;
    private static final int SERIAL_FROM = 64;
    private static final int PTS_FROM = 136;
    private static final int PTS_TO = 143;

    /// @param stat the content of `/proc/PID/stat`
    /// @param uid the effective user
    /// @param commandLine the content of `/proc/PID/cmdline`, empty for a process that has ended
    /// @return empty if the kernel's line is not understood
    Optional<List<String>> row(String stat, int uid, byte[] commandLine) {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open) {
            return Optional.empty();
        }
        String name = stat.substring(open + 1, close);
        String[] fields = stat.substring(close + 1).strip().split(" ", -1);
        if (fields.length <= START) {
            return Optional.empty();
        }
        long used = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
        Duration sinceBoot = ofTicks(Long.parseLong(fields[START]));
        Instant start = bootTime.plus(sinceBoot);
        return Optional.of(
                List.of(
                        user(uid),
                        stat.substring(0, open).strip(),
                        fields[PARENT],
                        Long.toString(load(used, Duration.between(start, now))),
                        startTime(start),
                        terminal(Integer.parseInt(fields[TERMINAL])),
                        processorTime(ofTicks(used).toSeconds()),
                        command(name, fields[STATE], commandLine)));
    }

    private Duration ofTicks(long count) {
        return Duration.ofSeconds(count / ticks, count % ticks * 1_000_000_000 / ticks);
    }

    private String user(int uid) {
        String name = userName.apply(uid);
        if (name.isEmpty()) {
            return Integer.toString(uid);
        }
        return name.length() <= NAME_MAX ? name : name.substring(0, NAME_MAX - 1) + "+";
    }

    private long load(long usedTicks, Duration age) {
        long seconds = age.toSeconds();
        return seconds <= 0 ? 0 : Math.min(LOAD_MAX, usedTicks * 100 / ticks / seconds);
    }

    private String startTime(Instant start) {
        ZonedDateTime then = start.atZone(zone);
        ZonedDateTime today = now.atZone(zone);
        if (then.getYear() != today.getYear()) {
            return Integer.toString(then.getYear());
        }
        return then.getDayOfYear() == today.getDayOfYear() ? HOUR.format(then) : DAY.format(then);
    }

    private String terminal(int device) {
        String name = terminalName(device);
        return !name.isEmpty() && isTerminal.test(name) ? name : "?";
    }

    private static String terminalName(int device) {
        int major = device >> 8 & 0xfff;
        int minor = device & 0xff | device >> 12 & 0xfff00;
        if (major >= PTS_FROM && major <= PTS_TO) {
            return "pts/" + (minor + (major - PTS_FROM) * 256);
        }
        if (major == CONSOLES) {
            return minor < SERIAL_FROM ? "tty" + minor : "ttyS" + (minor - SERIAL_FROM);
        }
        return "";
    }

    private static String processorTime(long seconds) {
        long days = seconds / 86_400;
        String time =
                "%02d:%02d:%02d".formatted(seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        return days == 0 ? time : days + "-" + time;
    }

    private static String command(String name, String state, byte[] commandLine) {
        String line = new String(commandLine, StandardCharsets.UTF_8);
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == 0) {
            end--;
        }
        if (end == 0) {
            return "[" + name + "]" + (state.equals("Z") ? " <defunct>" : "");
        }
        var shown = new StringBuilder();
        line.substring(0, end)
                .codePoints()
                .forEach(c -> {
                    if (c == 0) {
                        shown.append(' ');
                    } else if (Character.isISOControl(c)) {
                        shown.append('?');
                    } else {
                        shown.appendCodePoint(c);
                    }
                });
        // Docker takes the line apart at blanks and puts it together again.
        return String.join(" ", shown.toString().strip().split("\\s+", -1));
    }
}
