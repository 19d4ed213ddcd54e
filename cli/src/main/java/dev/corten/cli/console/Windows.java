package dev.corten.cli.console;

import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// Keeps the size of a container's or exec's terminal that of ours.
public final class Windows {
    private final ApiClient api;
    private final Console console;
    private final String path;

    /// @param path of the API below which `resize` lies
    public Windows(ApiClient api, Console console, String path) {
        this.api = api;
        this.console = console;
        this.path = path;
    }

    /// Follows the window until [signals] is closed.
    public void follow(Signals signals) {
        resize(0);
        signals.onResize(() -> resize(0));
    }

    /// @param more rows than there are: a program redraws only when the size changes
    public void resize(int more) {
        Console.Size size = console.size();
        if (size.rows() == 0 && size.columns() == 0) {
            return;
        }
        try {
            api.call(
                    Request.post(path + "/resize")
                            .query("h", Integer.toString(size.rows() + more))
                            .query("w", Integer.toString(size.columns())));
        } catch (IOException | CortenException e) {
            // It has ended meanwhile, or has not begun: the next change tells it.
            api.trace("terminal not resized: " + e.getMessage());
        }
    }
}
