package dev.corten.cli.template;

import dev.corten.model.RawText;

/// Texts made safe for other languages, as Go's functions of these names do.
final class Escapes {
    private static final String HEX = "0123456789ABCDEF";

    private Escapes() {}

    static String html(String text) {
        var safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> safe.append("&#34;");
                case '\'' -> safe.append("&#39;");
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '\0' -> safe.append('\uFFFD');
                default -> safe.append(c);
            }
        }
        return safe.toString();
    }

    static String js(String text) {
        var safe = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> safe.append("\\\\");
                case '\'' -> safe.append("\\'");
                case '"' -> safe.append("\\\"");
                case '<' -> safe.append("\\u003C");
                case '>' -> safe.append("\\u003E");
                case '&' -> safe.append("\\u0026");
                case '=' -> safe.append("\\u003D");
                default -> {
                    if (c < ' ') {
                        safe.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
                    } else {
                        safe.append(c);
                    }
                }
            }
        }
        return safe.toString();
    }

    static String query(String text) {
        var safe = new StringBuilder(text.length());
        for (byte b : RawText.encode(text)) {
            char c = (char) (b & 0xFF);
            boolean plain =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || "-_.~".indexOf(c) >= 0;
            if (plain) {
                safe.append(c);
            } else if (c == ' ') {
                safe.append('+');
            } else {
                safe.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return safe.toString();
    }
}
