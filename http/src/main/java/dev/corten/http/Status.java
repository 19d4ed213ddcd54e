package dev.corten.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;

/// The status line and the date line.
final class Status {
    private static final String[] DAYS = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    private Status() {}

    static String reason(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    static boolean hasBody(int status) {
        return status >= 200 && status != 204 && status != 304;
    }

    /// The date as RFC 9110 wants it. By hand, because the first use of a localised formatter costs
    /// tens of milliseconds.
    static String date(Instant time) {
        ZonedDateTime t = time.atZone(ZoneOffset.UTC);
        return String.format(
                Locale.ROOT,
                "%s, %02d %s %d %02d:%02d:%02d GMT",
                DAYS[t.getDayOfWeek().getValue() - 1],
                t.getDayOfMonth(),
                MONTHS[t.getMonthValue() - 1],
                t.getYear(),
                t.getHour(),
                t.getMinute(),
                t.getSecond());
    }
}
