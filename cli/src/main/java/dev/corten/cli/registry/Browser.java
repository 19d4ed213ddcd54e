package dev.corten.cli.registry;

import dev.corten.cli.console.Environment;
import java.io.File;
import java.io.IOException;

/// The user's web browser, if there is one.
final class Browser {
    private static final String[] PROGRAMS = {"xdg-open", "x-www-browser", "www-browser"};

    private final Environment environment;

    Browser(Environment environment) {
        this.environment = environment;
    }

    /// Shows a page, or does nothing: the address is on the screen too.
    ///
    /// @param page nothing but a page of the web is opened
    void open(String page) {
        if (!page.matches("https?://[^\\s\\p{Cntrl}]+")) {
            return;
        }
        for (String program : PROGRAMS) {
            for (String folder : environment.get("PATH").split(":")) {
                var file = new File(folder, program);
                if (!folder.isEmpty() && file.isFile() && file.canExecute()) {
                    start(file.getPath(), page);
                    return;
                }
            }
        }
    }

    private void start(String program, String page) {
        var builder = new ProcessBuilder(program, page);
        builder.environment().clear();
        builder.environment().putAll(environment.variables());
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            builder.start().getOutputStream().close();
        } catch (IOException e) {
            // The user sees that no page opens, and has read where it is.
            return;
        }
    }
}
