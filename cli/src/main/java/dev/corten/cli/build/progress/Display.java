package dev.corten.cli.build.progress;

import dev.corten.client.Json;

/// Shows how a build gets on. For one thread.
public interface Display {
    /// Shows nothing.
    Display QUIET =
            new Display() {
                @Override
                public void update(Json status) {}

                @Override
                public void refresh() {}

                @Override
                public void finish() {}
            };

    /// @param status one message of the daemon's
    void update(Json status);

    /// Nothing was told for a while; clocks go on all the same.
    void refresh();

    /// Nothing more comes.
    void finish();
}
