package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.option.Addresses;
import dev.corten.cli.option.NetworkAttachment;
import dev.corten.cli.option.PortSpecs;
import dev.corten.client.JsonWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What docker 28.2 says to the same words.
class NetworkFlagsTest {
    private static String bindings(String... specs) {
        var ports = new PortSpecs();
        for (String spec : specs) {
            ports.publish(spec);
        }
        var json = new JsonWriter();
        ports.writeBindings(json);
        return json.toString();
    }

    @Test
    void portsInEveryForm() {
        assertThat(bindings("80")).isEqualTo("{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}");
        assertThat(bindings("[::1]:8080-8081:80-81/UDP"))
                .isEqualTo(
                        "{\"80/udp\":[{\"HostIp\":\"::1\",\"HostPort\":\"8080\"}],"
                                + "\"81/udp\":[{\"HostIp\":\"::1\",\"HostPort\":\"8081\"}]}");
        assertThat(bindings("8000-8010:80", "127.0.0.1::80"))
                .isEqualTo(
                        "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8000-8010\"},"
                                + "{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}]}");
        assertThat(bindings("::1:80:80")).contains("\"HostIp\":\"::1\"");
        assertThat(bindings("published=8090,target=80,protocol=udp,mode=any"))
                .isEqualTo("{\"80/udp\":[{\"HostIp\":\"\",\"HostPort\":\"8090\"}]}");
        assertThat(bindings("80:80/udp/tcp")).startsWith("{\"80/udp\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "70000:80|invalid hostPort: 70000",
                "8080:70000|invalid containerPort: 70000",
                "80-79:80|invalid hostPort: 80-79",
                "80-82:80-81|invalid ranges specified for container and host Ports: 80-81 and 80-82",
                "8080:|no port specified: 8080:<empty>",
                "foo:80:80|invalid IP address: foo",
                "300.1.1.1:80:80|invalid IP address: 300.1.1.1",
                "80/foo|invalid proto: foo",
                "[::1]:80|invalid IP address [:: address [::: missing ']' in address",
                "127.0.0.1:80|invalid hostPort: 127.0.0.1",
                "abc|invalid containerPort: abc",
                "published=8090|no port specified: 8090:/tcp<empty>",
                "80:80:80:80|invalid IP address: 80:80",
                "+80:80|invalid hostPort: +80",
            })
    void badPorts(String spec, String message) {
        assertThatThrownBy(() -> bindings(spec)).isInstanceOf(Refusal.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "80:80|invalid port format for --expose: 80:80",
                "x|invalid range format for --expose: x, error: strconv.ParseUint: parsing \"x\":"
                        + " invalid syntax",
                "80-70|invalid range format for --expose: 80-70, error: invalid range specified for"
                        + " port: 80-70",
                "70000|invalid range format for --expose: 70000, error: strconv.ParseUint: parsing"
                        + " \"70000\": value out of range",
                "/tcp|invalid range format for --expose: /tcp, error: empty string specified for"
                        + " ports",
            })
    void badExposedPorts(String spec, String message) {
        assertThatThrownBy(() -> new PortSpecs().expose(spec))
                .isInstanceOf(Refusal.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name=bridge,gw-priority=x|invalid gw-priority (x): invalid syntax",
                "name=bridge,foo=bar|invalid field key foo",
                "alias=foo|network name/id is not specified",
                "name=bridge,driver-opt=x|invalid key value pair format in driver options",
                "name=bridge,foo|invalid field foo",
            })
    void badNetworks(String given, String message) {
        assertThat(FlagType.NETWORK.refusal(given)).isEqualTo(message);
    }

    @Test
    void networksInTheirLongForm() {
        NetworkAttachment all =
                NetworkAttachment.parse(
                        "Name=N1,alias=a,alias=b,ip=10.0.0.5,mac-address=02:42:AC:11:00:08,"
                                + "driver-opt=k=v=w,gw-priority=-3,link-local-ip=169.254.1.1");
        assertThat(all.name).isEqualTo("n1");
        assertThat(all.aliases).containsExactly("a", "b");
        assertThat(all.ip).isEqualTo("10.0.0.5");
        assertThat(all.mac).isEqualTo("02:42:ac:11:00:08");
        assertThat(all.driverOptions).containsEntry("k", "v=w");
        assertThat(all.priority).isEqualTo(-3);
        assertThat(all.linkLocal).containsExactly("169.254.1.1");
        for (String plain : List.of("name=", "=x", "N1", "a b")) {
            assertThat(NetworkAttachment.parse(plain).name).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a|bad format for add-host: \"a\"",
                ":1.2.3.4|bad format for add-host: \":1.2.3.4\"",
                "a:|invalid IP address in add-host: \"\"",
                "a=x|invalid IP address in add-host: \"x\"",
                "a:1.2.3.4:5|invalid IP address in add-host: \"1.2.3.4:5\"",
            })
    void badExtraHosts(String given, String message) {
        assertThat(FlagType.HOST.refusal(given)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({
        "a:1.2.3.4, a:1.2.3.4",
        "a=fd00::1, a:fd00::1",
        "a:[fd00::1], a:fd00::1",
        "a=host-gateway, a:host-gateway",
    })
    void extraHosts(String given, String sent) {
        assertThat(FlagType.HOST.refusal(given)).isEmpty();
        assertThat(Addresses.extraHost(given)).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4, 1.2.3.4",
        "::, ::",
        "::1, ::1",
        "FD00:0:0:0:0:0:0:1, fd00::1",
        "1:0:0:2::3, 1:0:0:2::3",
        "1::, 1::",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "::ffff:1.2.3.4, 1.2.3.4",
        "64:ff9b::1.2.3.4, 64:ff9b::102:304",
    })
    void addresses(String given, String canonical) {
        assertThat(Addresses.canonical(given)).contains(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.3",
                "1.2.3.4.5",
                "256.1.1.1",
                "01.2.3.4",
                "x",
                "1:2",
                ":::",
                "1::2::3",
                "fe80::1%eth0",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "1.2.3.4::",
                "::1.2.3",
                "1:2:3:4:5:6:7::8"
            })
    void noAddresses(String text) {
        assertThat(Addresses.isIp(text)).as(text).isFalse();
    }

    @Test
    void domainsAndEthernetAddresses() {
        assertThat(Addresses.domain("a.b.")).contains("a.b");
        assertThat(Addresses.domain(" . ")).contains(".");
        for (String wrong : List.of("", "a b", "_a", "-a", "a-", "a..b", "1.2")) {
            assertThat(Addresses.domain(wrong)).as(wrong).isEmpty();
        }
        for (String mac : List.of("02:42:ac:11:00:08", "02-42-AC-11-00-08", "0242.ac11.0008")) {
            assertThat(Addresses.isMac(mac)).as(mac).isTrue();
        }
        for (String wrong : List.of("", "zz", "02:42", "02:42:ac:11:00:0g", "0242.ac11.00-8")) {
            assertThat(Addresses.isMac(wrong)).as(wrong).isFalse();
        }
    }
}
