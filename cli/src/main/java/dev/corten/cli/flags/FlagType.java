package dev.corten.cli.flags;

import dev.corten.cli.option.Addresses;
import dev.corten.cli.option.MountOption;
import dev.corten.cli.option.NetworkAttachment;
import dev.corten.cli.option.OptionRules;
import dev.corten.cli.option.Scalars;
import dev.corten.cli.text.Quantity;

/// What a flag takes; the word that help shows, and what is refused while parsing.
public enum FlagType {
    BOOL(""),
    STRING("string"),
    INT("int"),
    UINT("uint"),
    UINT16("uint16"),
    BYTES("bytes"),
    SWAP("bytes"),
    DECIMAL("decimal"),
    DURATION("duration"),
    LIST("list"),
    STRINGS("strings"),
    STRING_ARRAY("stringArray"),
    PAIRS("stringToString"),
    MAP("map"),
    ENV("list"),
    LABEL("list"),
    ATTACH("list"),
    HOST("list"),
    ADDRESS("list"),
    DOMAIN("list"),
    FILTER("filter"),
    MOUNT("mount"),
    NETWORK("network"),
    ULIMIT("ulimit"),
    WEIGHT("list"),
    BYTE_RATE("list"),
    OPERATION_RATE("list"),
    DEVICE_RULE("list"),
    LINK("list"),
    SYSCTL("map"),
    GPUS("gpu-request");

    private final String word;

    FlagType(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /// Why [value] is refused, in the words of Docker; empty if it is not.
    public String refusal(String value) {
        return switch (this) {
            case STRING, LIST, STRINGS, STRING_ARRAY, MAP -> "";
            case BOOL -> Scalars.boolRefusal(value);
            case INT -> Scalars.intRefusal(value);
            case UINT -> Scalars.uintRefusal(value);
            case UINT16 -> Scalars.uint16Refusal(value);
            case BYTES -> Quantity.parseBytes(value) < 0 ? "invalid size: '" + value + "'" : "";
            case SWAP ->
                    value.equals("-1") || Quantity.parseBytes(value) >= 0
                            ? ""
                            : "invalid size: '" + value + "'";
            case DECIMAL -> Quantity.decimalRefusal(value);
            case DURATION -> {
                long nanos = Quantity.parseDuration(value);
                yield nanos == Quantity.INVALID ? "time: invalid duration \"" + value + "\"" : "";
            }
            case ENV ->
                    value.isEmpty() || value.startsWith("=")
                            ? "invalid environment variable: " + value
                            : "";
            case LABEL -> value.startsWith("=") ? "invalid label '" + value + "': empty name" : "";
            case ATTACH -> {
                boolean known =
                        value.equalsIgnoreCase("stdin")
                                || value.equalsIgnoreCase("stdout")
                                || value.equalsIgnoreCase("stderr");
                yield known ? "" : "valid streams are STDIN, STDOUT and STDERR";
            }
            case HOST -> Addresses.hostRefusal(value);
            case ADDRESS ->
                    Addresses.isIp(value.strip())
                            ? ""
                            : "IP address is not correctly formatted: " + value;
            case DOMAIN ->
                    Addresses.domain(value).isPresent() ? "" : value + " is not a valid domain";
            case FILTER ->
                    value.indexOf('=') < 0 ? "bad format of filter (expected name=value)" : "";
            case PAIRS -> OptionRules.pairs(value);
            case MOUNT -> MountOption.refusal(value);
            case NETWORK -> NetworkAttachment.refusal(value);
            case ULIMIT -> OptionRules.ulimit(value);
            case WEIGHT -> OptionRules.weight(value);
            case BYTE_RATE -> OptionRules.bytesPerSecond(value);
            case OPERATION_RATE -> OptionRules.operationsPerSecond(value);
            case DEVICE_RULE -> OptionRules.deviceRule(value);
            case LINK -> OptionRules.link(value);
            case SYSCTL -> OptionRules.sysctl(value);
            case GPUS -> OptionRules.gpus(value);
        };
    }

    /// Whether a later value is added to the former instead of replacing them.
    boolean isRepeatable() {
        return switch (this) {
            case LIST,
                    STRINGS,
                    STRING_ARRAY,
                    PAIRS,
                    MAP,
                    ENV,
                    LABEL,
                    ATTACH,
                    HOST,
                    ADDRESS,
                    DOMAIN,
                    FILTER,
                    MOUNT,
                    NETWORK,
                    ULIMIT,
                    WEIGHT,
                    BYTE_RATE,
                    OPERATION_RATE,
                    DEVICE_RULE,
                    LINK,
                    SYSCTL ->
                    true;
            case BOOL, STRING, INT, UINT, UINT16, BYTES, SWAP, DECIMAL, DURATION, GPUS -> false;
        };
    }
}
