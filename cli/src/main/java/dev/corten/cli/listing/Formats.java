package dev.corten.cli.listing;

import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.template.Shapes;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.client.Json;

/// `--format`: what help says of it, and what it does to a single document.
public final class Formats {
    /// A template that cannot be parsed is a mistake in the use of the command.
    public static final int MALFORMED = 64;

    public static final String LIST =
            "Format output using a custom template:\n"
                    + "'table':            Print output in table format with column headers"
                    + " (default)\n"
                    + "'table TEMPLATE':   Print output in table format using the given Go"
                    + " template\n"
                    + "'json':             Print in JSON format\n"
                    + "'TEMPLATE':         Print output using the given Go template.\n"
                    + "Refer to https://docs.docker.com/go/formatting/ for more information about"
                    + " formatting output with templates";

    public static final String ONE =
            "Format output using a custom template:\n"
                    + "'json':             Print in JSON format\n"
                    + "'TEMPLATE':         Print output using the given Go template.\n"
                    + "Refer to https://docs.docker.com/go/formatting/ for more information about"
                    + " formatting output with templates";

    private Formats() {}

    /// Shells hand `\t` and `\n` over as two letters.
    public static String unescape(String format) {
        int start = 0;
        int end = format.length();
        while (start < end && format.charAt(start) == ' ') {
            start++;
        }
        while (end > start && format.charAt(end - 1) == ' ') {
            end--;
        }
        return format.substring(start, end).replace("\\t", "\t").replace("\\n", "\n");
    }

    /// Prints a document with a line end, as JSON or by a template.
    ///
    /// @param name what messages call the template
    /// @param shape the document's type in `shapes.txt`
    public static void print(String format, String name, Json document, String shape, Output out) {
        if (format.equals("json")) {
            out.line(document.toString());
            return;
        }
        Template template;
        try {
            template = Template.parse(name, format);
        } catch (TemplateFailure e) {
            throw new Failure("template parsing error: " + e.message(), MALFORMED);
        }
        try {
            out.line(template.apply(Value.of(document, Shapes.get(shape))));
        } catch (TemplateFailure e) {
            out.line("").flush();
            throw new Failure(e.message());
        }
    }
}
