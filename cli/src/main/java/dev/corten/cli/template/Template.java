package dev.corten.cli.template;

import dev.corten.cli.template.Node.Step;
import java.util.List;
import java.util.Map;

/// A parsed template.
public final class Template {
    private final String name;
    private final String text;
    private final Map<String, List<Step>> definitions;

    private Template(String name, String text, Map<String, List<Step>> definitions) {
        this.name = name;
        this.text = text;
        this.definitions = definitions;
    }

    /// @param name what messages call it
    /// @throws TemplateFailure if it is malformed
    public static Template parse(String name, String text) {
        return new Template(name, text, new Parser(name, text).parse());
    }

    public static Template parse(String text) {
        return parse("", text);
    }

    /// @throws TemplateFailure for fields that are not there, and what else goes wrong
    public String apply(Value data) {
        return new Execution(name, text, definitions, false, false).run(data);
    }

    /// Like [#apply], but a name that a map has not is an error.
    public String applyStrictly(Value data) {
        return new Execution(name, text, definitions, true, false).run(data);
    }

    /// The titles of a table whose rows this template makes: functions leave them as they are.
    public String applyToTitles(Value titles) {
        return new Execution(name, text, definitions, false, true).run(titles);
    }
}
