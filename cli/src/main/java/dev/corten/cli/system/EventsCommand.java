package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.template.Shape;
import dev.corten.cli.template.Shapes;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `events`, until the daemon ends the stream or the user this command.
public final class EventsCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('f', "filter", FlagType.FILTER, "Filter output based on conditions provided")
                .add(FlagTable.NONE, "format", FlagType.STRING, Formats.ONE)
                .add(
                        FlagTable.NONE,
                        "since",
                        FlagType.STRING,
                        "Show all events created since timestamp")
                .add(
                        FlagTable.NONE,
                        "until",
                        FlagType.STRING,
                        "Stream events until this timestamp");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String format = flags.text("format");
        Template template = template(format);
        Shape shape = template == null ? Shape.ANY : Shapes.get("events.Message");
        Request request = Request.get("/events");
        if (flags.isGiven("since")) {
            request.query("since", Timestamps.parse(flags.text("since"), ""));
        }
        if (flags.isGiven("until")) {
            request.query("until", Timestamps.parse(flags.text("until"), ""));
        }
        new Filters(flags.list("filter")).addTo(request);
        Output out = invocation.out();
        try (Response response = invocation.api().send(request)) {
            var events = new JsonReader(response.body());
            for (Json event = events.next(); event != null; event = events.next()) {
                if (template != null) {
                    out.line(apply(template, Value.of(event, shape)));
                } else {
                    out.line(format.equals("json") ? event.toString() : line(event));
                }
                out.flush();
            }
        }
        return 0;
    }

    private static @Nullable Template template(String format) {
        if (format.isEmpty() || format.equals("json")) {
            return null;
        }
        try {
            return Template.parse(format);
        } catch (TemplateFailure e) {
            throw new Failure("Error parsing format: " + e.message(), Formats.MALFORMED);
        }
    }

    private static String apply(Template template, Value event) {
        try {
            return template.apply(event);
        } catch (TemplateFailure e) {
            throw new Failure("Error parsing format: " + e.message(), Formats.MALFORMED);
        }
    }

    private static String line(Json event) {
        var text = new StringBuilder();
        text.append(Timestamps.showNanos(event.get("timeNano").integer(0)));
        text.append(' ').append(event.get("Type").text("")).append(' ');
        text.append(event.get("Action").text("")).append(' ');
        Json actor = event.get("Actor");
        text.append(actor.get("ID").text(""));
        String separator = " (";
        for (var member : new TreeMap<>(actor.get("Attributes").members()).entrySet()) {
            text.append(separator).append(member.getKey()).append('=');
            text.append(member.getValue().text(""));
            separator = ", ";
        }
        return separator.equals(", ") ? text.append(')').toString() : text.toString();
    }
}
