package dev.corten.daemon.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.corten.model.container.Ulimit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Messages are those of dockerd 28.5.2, asked by `--validate`.
class SettingsTest {
    @TempDir Path directory;

    private Path file(String json) throws IOException {
        return Files.writeString(directory.resolve("daemon.json"), json);
    }

    private static Settings settings(String... words) throws BadSettings {
        return Settings.of(CommandLine.parse(List.of(words)), Map.of());
    }

    private Settings both(String json, String... words) throws BadSettings, IOException {
        var all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--config-file", file(json).toString()));
        return settings(all.toArray(String[]::new));
    }

    private BadSettings refused(String json, String... words) {
        return catchThrowableOfType(BadSettings.class, () -> both(json, words));
    }

    private static String refusedFlags(String... words) {
        return catchThrowableOfType(BadSettings.class, () -> settings(words)).message();
    }

    private String unableTo(String rest) {
        return "unable to configure the Docker daemon with file "
                + directory.resolve("daemon.json")
                + ": "
                + rest;
    }

    @Test
    void flagsAreReadAsPflagDoes() throws BadSettings {
        Settings settings =
                settings(
                        "-DH",
                        "unix:///a",
                        "-lwarn",
                        "--host=tcp://127.0.0.1:1",
                        "--icc=true",
                        "--default-ulimit",
                        "nofile=10:20",
                        "--default-ulimit=core=1",
                        "--dns",
                        "1.1.1.1,2.2.2.2",
                        "--log-opt",
                        "max-size=1m",
                        "--default-shm-size",
                        "1.5g");
        assertThat(settings.get(Options.DEBUG)).isTrue();
        assertThat(settings.get(Options.HOSTS)).containsExactly("unix:///a", "tcp://127.0.0.1:1");
        assertThat(settings.get(Options.LOG_LEVEL)).isEqualTo("warn");
        assertThat(settings.get(Options.ULIMITS))
                .containsEntry("nofile", new Ulimit("nofile", 20, 10))
                .containsEntry("core", new Ulimit("core", 1, 1));
        assertThat(settings.get(Options.DNS)).containsExactly("1.1.1.1", "2.2.2.2");
        assertThat(settings.get(Options.LOG_OPTS)).containsExactly(Map.entry("max-size", "1m"));
        assertThat(settings.get(Options.SHM_SIZE)).isEqualTo(1536L << 20);
        assertThat(settings.get(Options.MTU)).isEqualTo(1500);
        assertThat(settings.has(Options.MTU)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    --nope | unknown flag: --nope
                    -Dx | unknown shorthand flag: 'x' in -x
                    --mtu | flag needs an argument: --mtu
                    -p | flag needs an argument: 'p' in -p
                    --mtu x | invalid argument "x" for "--mtu" flag: strconv.ParseInt: parsing "x": invalid syntax
                    --mtu 99999999999999999999 | invalid argument "99999999999999999999" for "--mtu" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range
                    --debug=x | invalid argument "x" for "-D, --debug" flag: strconv.ParseBool: parsing "x": invalid syntax
                    --label foo | invalid argument "foo" for "--label" flag: bad attribute format: foo
                    --default-shm-size x | invalid argument "x" for "--default-shm-size" flag: invalid size: 'x'
                    --dns x | invalid argument "x" for "--dns" flag: invalid string being converted to IP address: x
                    --default-ulimit nofile=a | invalid argument "nofile=a" for "--default-ulimit" flag: strconv.ParseInt: parsing "a": invalid syntax
                    --default-ulimit foo=1:2 | invalid argument "foo=1:2" for "--default-ulimit" flag: invalid ulimit type: foo
                    --default-ulimit nofile=3:2 | invalid argument "nofile=3:2" for "--default-ulimit" flag: ulimit soft limit must be less than or equal to hard limit: 3 > 2
                    --ip x | invalid argument "x" for "--ip" flag: failed to parse IP: "x"
                    --registry-mirror foo | invalid argument "foo" for "--registry-mirror" flag: invalid mirror: no scheme specified for "foo": must use either 'https://' or 'http://'
                    --node-generic-resource foo | invalid argument "foo" for "--node-generic-resource" flag: invalid node-generic-resource format `foo` expected `name=value`
                    --add-runtime foo | invalid argument "foo" for "--add-runtime" flag: invalid runtime argument: foo
                    --add-runtime runc=x | invalid argument "runc=x" for "--add-runtime" flag: runtime name 'runc' is reserved
                    -H foo://x | invalid argument "foo://x" for "-H, --host" flag: invalid bind address (foo://x): unsupported proto 'foo'
                    --dns-search a_b | invalid argument "a_b" for "--dns-search" flag: a_b is not a valid domain
                    --default-address-pool x | invalid argument "x" for "--default-address-pool" flag: invalid field 'x' must be a key=value pair
                    --default-network-opt x | invalid argument "x" for "--default-network-opt" flag: invalid value "x" for map option, should be root-key=key=value
                    --host-gateway-ip x | invalid argument "x" for "--host-gateway-ip" flag: ParseAddr("x"): unable to parse IP
                    --feature a=b | invalid argument "a=b" for "--feature" flag: strconv.ParseBool: parsing "b": invalid syntax
                    -l bogus | invalid logging level: bogus
                    --log-format bogus | invalid log format: bogus
                    --mtu=-1 | invalid default MTU: -1
                    --max-concurrent-downloads -1 | invalid max concurrent downloads: -1
                    --exec-opt foo | invalid exec-opt (foo): must be formatted 'opt=value'
                    --exec-opt isolation=x | invalid exec-opt (isolation=x): option 'isolation' is only supported on windows
                    --default-ipc-mode x | default IPC mode setting (x) is invalid; use "shareable" or "private"
                    --default-cgroupns-mode x | invalid default cgroup namespace (x): use "host" or "private"
                    --label a=b --label a=c | conflict labels for a=c and a=b
                    --host-gateway-ip 1.2.3.4 --host-gateway-ip 2.3.4.5 | only one IPv4 host gateway IP address can be specified
                    -s foo | failed to start daemon: error initializing graphdriver: driver not supported: foo
                    --storage-opt foo | failed to start daemon: error initializing graphdriver: unable to parse storage-opt key/value: foo
                    --default-runtime foo | failed to start daemon: specified default runtime 'foo' does not exist
                    --exec-opt native.cgroupdriver=x | failed to start daemon: native.cgroupdriver option x not supported
                    --bridge a --bip 1.2.3.4/24 | failed to start daemon: You specified -b & --bip, mutually exclusive options. Please specify only one
                    --icc=false --iptables=false | failed to start daemon: You specified --iptables=false with --icc=false. ICC=false uses iptables to function. Please set --icc or --iptables to true
                    """)
    void wrongFlagsAreRefusedInDockersWords(String words, String message) {
        assertThat(refusedFlags(words.split(" "))).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"foo":1,"bar":{"baz":true}} | the following directives don't match any configuration option: foo, baz
                    {"Debug":true} | the following directives don't match any configuration option: Debug
                    { | invalid JSON: unexpected end of JSON input
                    {"debug":true,} | invalid JSON: invalid character '}' looking for beginning of object key string
                    {"debug":true} {} | invalid JSON: invalid character '{' after top-level value
                    x | invalid JSON: invalid character 'x' looking for beginning of value
                    [] | invalid JSON: json: cannot unmarshal array into Go value of type map[string]interface {}
                    {"debug":"x"} | invalid JSON: json: cannot unmarshal string into Go struct field Config.debug of type bool
                    {"hosts":"x"} | invalid JSON: json: cannot unmarshal string into Go struct field Config.hosts of type []string
                    {"mtu":1.5} | invalid JSON: json: cannot unmarshal number 1.5 into Go struct field Config.mtu of type int
                    {"pidfile":3} | invalid JSON: json: cannot unmarshal number into Go struct field Config.pidfile of type string
                    {"log-opts":{"a":1}} | invalid JSON: json: cannot unmarshal number into Go struct field Config.log-opts.a of type string
                    {"features":{"a":1}} | invalid JSON: json: cannot unmarshal number into Go struct field Config.features.a of type bool
                    {"default-ulimits":{"nofile":1}} | invalid JSON: json: cannot unmarshal number into Go struct field Config.default-ulimits.nofile of type units.Ulimit
                    {"dns":["x"]} | invalid JSON: invalid IP address: x
                    {"default-shm-size":100} | invalid JSON: invalid size: "100"
                    {"default-shm-size":"zz"} | invalid JSON: invalid size: 'zz'
                    {"default-address-pools":[{"base":"x","size":24}]} | invalid JSON: netip.ParsePrefix("x"): no '/'
                    {"log-level":"bogus"} | merged configuration validation from file and command line flags failed: invalid logging level: bogus
                    {"labels":["foo"]} | merged configuration validation from file and command line flags failed: bad attribute format: foo
                    {"dns-search":["a b"]} | merged configuration validation from file and command line flags failed: a b is not a valid domain
                    {"hosts":["foo://x"]} | merged configuration validation from file and command line flags failed: invalid bind address (foo://x): unsupported proto 'foo'
                    {"registry-mirrors":["https://u:p@x/"]} | merged configuration validation from file and command line flags failed: invalid mirror: username/password not allowed in URI "https://u:xxxxx@x/"
                    {"registry-mirrors":["https://x/?q=1"]} | merged configuration validation from file and command line flags failed: invalid mirror: query or fragment at end of the URI "https://x/?q=1"
                    {"node-generic-resources":["a=b","c"]} | merged configuration validation from file and command line flags failed: could not parse GenericResource: incorrect term c, missing '=' or malformed expression
                    """)
    void wrongFilesAreRefusedInDockersWords(String json, String message) {
        assertThat(refused(json).message()).isEqualTo(unableTo(message));
    }

    @Test
    void whatIsSaidTwiceIsAConflict() {
        BadSettings refused =
                refused(
                        "{\"debug\":true,\n\"log-level\":\"info\",\n\"hosts\":[\"unix:///x\"]}",
                        "-H",
                        "unix:///y",
                        "--log-level=debug",
                        "--debug");
        assertThat(refused.message())
                .isEqualTo(
                        unableTo(
                                "the following directives are specified both as a flag and in the"
                                        + " configuration file: debug: (from flag: true, from file:"
                                        + " true), hosts: (from flag: [unix:///y], from file:"
                                        + " [unix:///x]), log-level: (from flag: debug, from file:"
                                        + " info)"));
        assertThat(refused.hints())
                .contains(
                        directory.resolve("daemon.json")
                                + ":3: say it here or by --host, not both");
    }

    @Test
    void hintsNameTheLineAndWhatMayHaveBeenMeant() {
        assertThat(refused("{\n  \"mtu\": 1400,\n  \"debgu\": true\n}").hints())
                .containsExactly(
                        directory.resolve("daemon.json")
                                + ":3: \"debgu\": did you mean \"debug\"?");
        assertThat(refused("{\"host\": []}").hints())
                .containsExactly(
                        directory.resolve("daemon.json")
                                + ":1: \"host\": in the file it is called \"hosts\"");
    }

    @Test
    void theFileIsReadWithItsNamedOptions() throws Exception {
        Settings settings =
                both(
                        """
                        {"hosts": ["unix:///x"], "labels": ["a=b"], "icc": true, "mtu": 0,
                         "log-opts": {"max-size": "5m"}, "live-restore": false,
                         "proxies": {"http-proxy": "http://u:p@h:1"},
                         "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 2, "Soft": 1}},
                         "default-shm-size": "32m", "host-gateway-ip": "10.0.0.1",
                         "builder": {"gc": {"enabled": true}}, "features": {"buildkit": false}}
                        """);
        assertThat(settings.get(Options.HOSTS)).containsExactly("unix:///x");
        assertThat(settings.get(Options.LABELS)).containsExactly("a=b");
        assertThat(settings.get(Options.MTU)).isEqualTo(1500);
        assertThat(settings.get(Options.LIVE_RESTORE)).isFalse();
        assertThat(settings.get(Options.HTTP_PROXY)).isEqualTo("http://u:p@h:1");
        assertThat(settings.get(Options.ULIMITS))
                .containsExactly(Map.entry("nofile", new Ulimit("nofile", 2, 1)));
        assertThat(settings.get(Options.SHM_SIZE)).isEqualTo(32L << 20);
        assertThat(settings.get(Options.HOST_GATEWAY_IPS)).containsExactly("10.0.0.1");
        assertThat(settings.remarks()).isEmpty();
    }

    @Test
    void theBuilderHasSettings() throws Exception {
        assertThat(both("{}").get(Options.BUILDER)).isEqualTo(BuilderSettings.USUAL);
        assertThat(both("{\"builder\": {\"gc\": {\"enabled\": false}}}").get(Options.BUILDER))
                .extracting(BuilderSettings::collects)
                .isEqualTo(false);
        BuilderSettings settings =
                both("""
                {"builder": {"gc": {"enabled": true, "defaultKeepStorage": "20GB",
                   "policy": [
                     {"keepStorage": "10GB", "filter": ["unused-for=2200h"]},
                     {"All": true, "MaxUsedSpace": "5gb", "minFreeSpace": "1mb"}]},
                 "entitlements": {"network-host": false,
                                  "security-insecure": true}}}
                """)
                        .get(Options.BUILDER);
        assertThat(settings)
                .isEqualTo(
                        new BuilderSettings(
                                true,
                                new BuilderSettings.Space(20L << 30, 0, 0),
                                Optional.of(
                                        List.of(
                                                new BuilderSettings.Rule(
                                                        false,
                                                        List.of("unused-for=2200h"),
                                                        new BuilderSettings.Space(10L << 30, 0, 0)),
                                                new BuilderSettings.Rule(
                                                        true,
                                                        List.of(),
                                                        new BuilderSettings.Space(
                                                                0, 5L << 30, 1 << 20)))),
                                false,
                                true));
        assertThat(refused("{\"builder\": {\"gc\": {\"policy\": 5}}}").message())
                .contains("builder.gc.policy");
        assertThat(refused("{\"builder\": {\"gc\": {\"defaultKeepStorage\": \"much\"}}}").message())
                .contains("invalid size: 'much'");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFile() throws Exception {
        Path file = directory.resolve("marked.json");
        Files.write(file, "\uFEFF{\"debug\":true}".getBytes(StandardCharsets.UTF_16LE));
        assertThat(settings("--config-file", file.toString()).get(Options.DEBUG)).isTrue();
        Files.write(file, "\uFEFF{\"debug\":true}".getBytes(StandardCharsets.UTF_8));
        assertThat(settings("--config-file", file.toString()).get(Options.DEBUG)).isTrue();
    }

    @Test
    void anEmptyFileSaysNothing() throws Exception {
        assertThat(both(" \n").get(Options.GROUP)).isEqualTo("corten");
        assertThat(both("null").get(Options.GROUP)).isEqualTo("corten");
    }

    @Test
    void aMissingFileIsAnErrorOnlyIfItWasNamed() throws Exception {
        Path missing = directory.resolve("nope.json");
        assertThat(refusedFlags("--config-file", missing.toString()))
                .isEqualTo(
                        "unable to configure the Docker daemon with file "
                                + missing
                                + ": open "
                                + missing
                                + ": no such file or directory");
        assertThat(settings().get(Options.DEBUG)).isFalse();
    }

    @Test
    void theEnvironmentLowersTheFloor() throws Exception {
        var line = CommandLine.parse(List.of());
        assertThat(
                        Settings.of(line, Map.of("DOCKER_MIN_API_VERSION", "1.12"))
                                .get(Options.MIN_API_VERSION))
                .isEqualTo("1.12");
        assertThat(refusedFloor("1.11"))
                .isEqualTo(
                        "invalid DOCKER_MIN_API_VERSION: minimum supported API version is 1.12:"
                                + " 1.11");
        assertThat(refusedFloor("1.99"))
                .isEqualTo(
                        "invalid DOCKER_MIN_API_VERSION: maximum supported API version is 1.51:"
                                + " 1.99");
        assertThat(refusedFloor("v1.30"))
                .isEqualTo(
                        "invalid DOCKER_MIN_API_VERSION: API version must be provided without"
                                + " \"v\" prefix");
    }

    private static String refusedFloor(String version) {
        return catchThrowableOfType(
                        BadSettings.class,
                        () ->
                                Settings.of(
                                        CommandLine.parse(List.of()),
                                        Map.of("DOCKER_MIN_API_VERSION", version)))
                .message();
    }

    @Test
    void passwordsOfProxiesAreNotShown() {
        assertThat(
                        refused(
                                        "{\"proxies\":{\"http-proxy\":\"http://a:b@h\"}}",
                                        "--http-proxy=http://c:d@h")
                                .message())
                .contains(
                        "http-proxy: (from flag: http://xxxxx:xxxxx@h, from file: http://xxxxx:xxxxx@h)");
    }

    @Test
    void theHelpTextFitsTheTerminalAndNamesEachFlag() {
        String help = Usage.text();
        assertThat(help.lines().filter(line -> line.length() > 80)).isEmpty();
        for (Option<?> option : Options.all()) {
            if (!option.hidden()) {
                assertThat(help).contains("--" + option.flag());
            }
        }
        assertThat(help)
                .contains("  -D, --debug ")
                .contains("      --default-shm-size bytes ")
                .contains("(default 64MiB)");
    }

    @Test
    void namesAreGivenOnce() {
        assertThat(Options.all().stream().map(Option::flag).filter(flag -> flag != null))
                .doesNotHaveDuplicates();
        assertThat(Options.all().stream().map(Option::key).filter(key -> key != null))
                .doesNotHaveDuplicates();
    }
}
