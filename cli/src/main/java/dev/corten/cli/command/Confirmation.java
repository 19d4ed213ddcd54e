package dev.corten.cli.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/// Asks before something is removed that was not named.
public final class Confirmation {
    private Confirmation() {}

    /// @param warning what will happen
    /// @return whether the answer is yes
    public static boolean given(Invocation invocation, String warning) throws IOException {
        invocation
                .out()
                .line("WARNING! " + warning)
                .print("Are you sure you want to continue? [y/N] ")
                .flush();
        var in =
                new BufferedReader(
                        new InputStreamReader(invocation.console().in(), StandardCharsets.UTF_8));
        String line = in.readLine();
        return line != null && line.strip().equalsIgnoreCase("y");
    }
}
