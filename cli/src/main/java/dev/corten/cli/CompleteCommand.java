package dev.corten.cli;

import dev.corten.cli.completion.Names;
import dev.corten.cli.console.Console;
import dev.corten.cli.console.Environment;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.UsageFailure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.setup.Setup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `__complete WORDS...`: what fits in the place of the last word, a line for each, with a
/// description after a tab; the last line says with a number what the shell should do besides. The
/// numbers are those of Docker's command line, so that scripts made for it work.
final class CompleteCommand {
    private static final int FILES = 0;
    private static final int ERROR = 1;
    private static final int NO_SPACE = 2;
    private static final int NO_FILES = 4;

    private final Commands commands;
    private final FlagTable globals;
    private final List<String> before;
    private final Console console;
    private final Environment environment;
    private final List<String> found = new ArrayList<>();

    private Commands.@Nullable Group group;
    private Commands.@Nullable Entry entry;
    private String path = "";
    private FlagTable table;
    private int arguments;

    /// @param globals the options before the command
    /// @param before what stands before this command itself
    CompleteCommand(
            Commands commands,
            FlagTable globals,
            List<String> before,
            Console console,
            Environment environment) {
        this.commands = commands;
        this.before = before;
        this.globals = globals;
        this.table = globals;
        this.console = console;
        this.environment = environment;
    }

    int run(List<String> words, boolean descriptions) throws IOException {
        List<String> given = words.isEmpty() ? List.of("") : words;
        int directive = directive(given);
        var out = new Output(console.out());
        for (String line : found) {
            int tab = line.indexOf('\t');
            out.line(descriptions || tab < 0 ? line : line.substring(0, tab));
        }
        out.line(":" + directive).flush();
        return 0;
    }

    private int directive(List<String> words) throws IOException {
        String last = words.getLast();
        var globalWords = new ArrayList<String>();
        FlagTable.Flag pending = null;
        boolean plainOnly = false;
        for (int i = 0; i < words.size() - 1; i++) {
            String word = words.get(i);
            boolean option = !plainOnly && word.length() > 1 && word.startsWith("-");
            if (entry == null && group == null) {
                globalWords.add(word);
            }
            if (word.equals("--") && option) {
                plainOnly = true;
            } else if (option) {
                FlagTable.Flag flag = table.waiting(word);
                if (flag != null && i == words.size() - 2) {
                    pending = flag;
                } else if (flag != null) {
                    i++;
                    if (entry == null && group == null) {
                        globalWords.add(words.get(i));
                    }
                }
            } else if (entry != null) {
                arguments++;
                plainOnly |= !Commands.make(entry).interspersed();
            } else if (!enter(word)) {
                return plugin(words, i, globalWords);
            }
        }
        if (entry != null || group != null) {
            globalWords.removeLast();
        }
        var names = new Names(setup(globalWords), environment);
        if (pending != null) {
            return values(names, pending.target(), "", last);
        }
        if (!plainOnly && last.startsWith("--") && last.indexOf('=') > 0) {
            String flag = last.substring(2, last.indexOf('='));
            return values(names, flag, last.substring(0, flag.length() + 3), last);
        }
        if (!plainOnly && last.startsWith("-")) {
            flags(last);
            return NO_FILES;
        }
        return entry == null ? words(last) : arguments(names, last);
    }

    /// @return false if there is no such command
    private boolean enter(String word) {
        Commands.Group named = commands.group(word);
        if (group == null && named != null) {
            group = named;
            table = new FlagTable();
            return true;
        }
        path = group == null ? word : group.name() + " " + word;
        entry = commands.find(path);
        if (entry != null) {
            table = Commands.make(entry).flags();
        }
        return entry != null;
    }

    /// The setup of the command line that is being typed; it never starts a daemon.
    private Setup setup(List<String> globalWords) {
        var quiet = new ArrayList<>(before);
        quiet.addAll(globalWords);
        quiet.addFirst("--no-autostart");
        Flags flags;
        try {
            flags = globals.parse(quiet, true);
        } catch (UsageFailure e) {
            flags = new Flags();
        }
        return new Setup(flags, environment, new Output(console.err()));
    }

    /// A plugin completes itself.
    private int plugin(List<String> words, int at, List<String> globalWords) throws IOException {
        if (group != null) {
            return ERROR;
        }
        globalWords.removeLast();
        var plugins = new Plugins(setup(globalWords), environment);
        Plugins.Plugin plugin = plugins.find(words.get(at));
        if (plugin == null) {
            return ERROR;
        }
        List<String> answer = plugins.complete(plugin, words.subList(at, words.size()));
        int directive = FILES;
        for (String line : answer) {
            if (line.startsWith(":") && line.length() < 4) {
                directive = Integer.parseInt(line.substring(1));
            } else {
                found.add(line);
            }
        }
        return directive;
    }

    /// @param before what stands before the value in the same word
    private int values(Names names, String flag, String before, String last) {
        String typed = last.substring(before.length());
        Collection<String> values = names.ofFlag(path, flag);
        boolean open = false;
        for (String value : values) {
            open |= value.endsWith("=") || value.endsWith(":");
            if (value.startsWith(typed)) {
                found.add(before + value);
            }
        }
        if (values.isEmpty()) {
            return names.takesFile(flag) ? FILES : names.isFreeText(flag) ? NO_FILES : FILES;
        }
        return open ? NO_SPACE | NO_FILES : NO_FILES;
    }

    private void flags(String last) {
        var flags = new ArrayList<>(table.flags());
        flags.sort((a, b) -> a.name().compareTo(b.name()));
        boolean help = false;
        for (FlagTable.Flag flag : flags) {
            if (!help && flag.name().compareTo("help") >= 0) {
                help = true;
                if (!flag.name().equals("help")) {
                    add("--help", "Print usage", last);
                }
            }
            if (!flag.hidden()) {
                add("--" + flag.name(), flag.usage(), last);
                if (flag.letter() != FlagTable.NONE && last.equals("-")) {
                    add("-" + flag.letter(), flag.usage(), last);
                }
            }
        }
        if (!help) {
            add("--help", "Print usage", last);
        }
    }

    private int words(String last) {
        var lines = new ArrayList<String>();
        String prefix = group == null ? "" : group.name() + " ";
        for (Commands.Entry each : commands.entries()) {
            String name = group == null ? each.topLevel() : each.name();
            if (!each.hidden() && name.startsWith(prefix) && !name.isEmpty()) {
                String word = name.substring(prefix.length());
                if (word.indexOf(' ') < 0) {
                    lines.add(word + "\t" + each.summary());
                }
            }
        }
        if (group == null) {
            for (Commands.Group each : commands.groups()) {
                lines.add(each.name() + "\t" + each.summary());
            }
        }
        lines.sort(null);
        for (String line : lines) {
            if (line.startsWith(last)) {
                found.add(line);
            }
        }
        return NO_FILES;
    }

    private int arguments(Names names, String last) {
        String name = entry == null ? "" : entry.name();
        for (String value : names.ofArgument(name, arguments)) {
            if (value.startsWith(last)) {
                found.add(value);
            }
        }
        return found.isEmpty() && names.takesFileArgument(name) ? FILES : NO_FILES;
    }

    private void add(String value, String about, String last) {
        if (value.startsWith(last)) {
            int end = about.indexOf('\n');
            found.add(value + "\t" + (end < 0 ? about : about.substring(0, end)));
        }
    }
}
