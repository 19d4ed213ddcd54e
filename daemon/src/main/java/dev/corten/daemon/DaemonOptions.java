package dev.corten.daemon;

import dev.corten.model.InvalidParameter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What `cortend`'s command line says. Names are dockerd's where dockerd has the option.
///
/// @param hosts `unix://PATH` and `tcp://ADDRESS:PORT`
/// @param bip address and prefix of the default bridge
/// @param idleExit end after so long without a container or a request
/// @param lib the directory with the shim and the hello-world program
record DaemonOptions(
        List<String> hosts,
        Path dataRoot,
        Path execRoot,
        Path pidFile,
        Optional<String> bip,
        String group,
        boolean debug,
        boolean insecureTcp,
        Optional<Duration> idleExit,
        Path lib) {
    static final String HELP =
            """
            Usage:  cortend [OPTIONS]

            A container engine that speaks the Docker Engine API.

            Options:
                  --bip string          Address and prefix of the default bridge (10.77.0.1/24)
                  --data-root string    What must survive a boot (default "/var/lib/corten")
              -D, --debug               Log each step
                  --exec-root string    What need not survive a boot (default "/run/corten")
              -G, --group string        Group of the unix socket (default "corten")
                  --help                Print this text
              -H, --host list           Where to listen: unix://PATH, tcp://ADDRESS:PORT
                                        (default "unix:///run/corten.sock")
                  --idle-exit duration  End after so long without containers and requests (10m)
                  --insecure-tcp        Allow TCP without TLS: whoever reaches it is root here
              -p, --pidfile string      File for the process ID (default "/run/corten.pid")
              -v, --version             Print the version
            """;

    static DaemonOptions parse(List<String> args, Path lib) {
        var hosts = new ArrayList<String>();
        Path dataRoot = Path.of("/var/lib/corten");
        Path execRoot = Path.of("/run/corten");
        Path pidFile = Path.of("/run/corten.pid");
        String bip = null;
        String group = "corten";
        boolean debug = false;
        boolean insecureTcp = false;
        Duration idle = null;
        var words = new Words(args);
        while (words.hasNext()) {
            String flag = words.flag();
            switch (flag) {
                case "-H", "--host" -> hosts.add(words.value(flag));
                case "--data-root" -> dataRoot = Path.of(words.value(flag)).toAbsolutePath();
                case "--exec-root" -> execRoot = Path.of(words.value(flag)).toAbsolutePath();
                case "-p", "--pidfile" -> pidFile = Path.of(words.value(flag)).toAbsolutePath();
                case "--bip" -> bip = words.value(flag);
                case "-G", "--group" -> group = words.value(flag);
                case "-D", "--debug" -> debug = words.truth(flag);
                case "--insecure-tcp" -> insecureTcp = words.truth(flag);
                case "--idle-exit" -> idle = duration(words.value(flag));
                default -> throw new InvalidParameter("unknown flag: " + flag);
            }
        }
        if (hosts.isEmpty()) {
            hosts.add("unix:///run/corten.sock");
        }
        return new DaemonOptions(
                List.copyOf(hosts),
                dataRoot,
                execRoot,
                pidFile,
                Optional.ofNullable(bip),
                group,
                debug,
                insecureTcp,
                Optional.ofNullable(idle),
                lib);
    }

    /// `90s`, `10m`, `1h`.
    private static Duration duration(String text) {
        String t = text.toLowerCase(Locale.ROOT);
        try {
            long number = Long.parseLong(t.substring(0, Math.max(0, t.length() - 1)));
            return switch (t.charAt(t.length() - 1)) {
                case 's' -> Duration.ofSeconds(number);
                case 'm' -> Duration.ofMinutes(number);
                case 'h' -> Duration.ofHours(number);
                default -> throw new InvalidParameter("invalid duration: " + text);
            };
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new InvalidParameter("invalid duration: " + text, e);
        }
    }

    /// The arguments, with `--flag=value` taken apart.
    private static final class Words {
        private final List<String> args;
        private int next;
        private @Nullable String attached;

        Words(List<String> args) {
            this.args = args;
        }

        boolean hasNext() {
            return next < args.size();
        }

        String flag() {
            String word = args.get(next++);
            if (!word.startsWith("-") || word.equals("-")) {
                throw new InvalidParameter("unexpected argument: " + word);
            }
            int equals = word.indexOf('=');
            attached = word.startsWith("--") && equals > 0 ? word.substring(equals + 1) : null;
            return attached == null ? word : word.substring(0, equals);
        }

        String value(String flag) {
            if (attached != null) {
                return attached;
            }
            if (!hasNext()) {
                throw new InvalidParameter("flag needs an argument: " + flag);
            }
            return args.get(next++);
        }

        boolean truth(String flag) {
            if (attached == null || attached.equals("true")) {
                return true;
            }
            if (attached.equals("false")) {
                return false;
            }
            throw new InvalidParameter("invalid argument for " + flag + ": " + attached);
        }
    }
}
