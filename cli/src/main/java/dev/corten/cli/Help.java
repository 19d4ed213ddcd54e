package dev.corten.cli;

import dev.corten.cli.command.Command;
import dev.corten.cli.console.Console;
import dev.corten.cli.console.Environment;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import java.util.ArrayList;
import java.util.List;

/// Help in the shape of Docker's.
final class Help {
    private static final int USUAL_COLUMNS = 80;

    /// cobra's columns of command names.
    private static final int MIN_WIDTH = 11;

    private static final int SLOP = 5;

    private final String program;
    private final Commands commands;
    private final Console console;

    /// @param console whose width is used
    Help(String program, Commands commands, Console console) {
        this.program = program;
        this.commands = commands;
        this.console = console;
    }

    /// @param legacy whether commands that are in a group as well are listed outside of it too
    String ofProgram(FlagTable globals, boolean legacy, List<Plugins.Plugin> plugins) {
        var text = new StringBuilder();
        text.append("Usage:  ").append(program).append(" [OPTIONS] COMMAND\n\n");
        text.append(
                program.equals(Environment.DOCKER)
                        ? "A self-sufficient runtime for containers\n\nCommon Commands:\n"
                        : "Containers on Linux, by an engine in Java\n\nCommon Commands:\n");
        var common = new ArrayList<String[]>();
        var others = new ArrayList<String[]>();
        for (Commands.Entry entry : commands.entries()) {
            boolean grouped = entry.name().indexOf(' ') >= 0;
            if (entry.common()) {
                common.add(new String[] {entry.topLevel(), entry.summary()});
            } else if (!entry.topLevel().isEmpty() && (legacy || !grouped)) {
                others.add(new String[] {entry.topLevel(), entry.summary()});
            }
        }
        others.sort((a, b) -> a[0].compareTo(b[0]));
        var groups = new ArrayList<String[]>();
        for (Commands.Group group : commands.groups()) {
            if (!group.hidden()) {
                groups.add(new String[] {group.name(), group.summary()});
            }
        }
        for (Plugins.Plugin plugin : plugins) {
            if (plugin.error().isEmpty() && commands.find(plugin.name()) == null) {
                groups.add(new String[] {plugin.name() + "*", plugin.summary()});
            }
        }
        groups.sort((a, b) -> a[0].compareTo(b[0]));
        int width = Math.max(MIN_WIDTH, Math.max(widest(common), widest(groups)));
        width = Math.max(width, widest(others));
        list(text, common, width);
        text.append("\nManagement Commands:\n");
        list(text, groups, width);
        text.append("\nCommands:\n");
        list(text, others, width);
        text.append("\nGlobal Options:\n");
        text.append(options(globals));
        text.append("\nRun '").append(program);
        text.append(" COMMAND --help' for more information on a command.\n");
        return text.toString();
    }

    String ofGroup(Commands.Group group) {
        var text = new StringBuilder();
        String name = program + " " + group.name();
        text.append("Usage:  ").append(name).append(" COMMAND\n\n");
        text.append(named(group.about())).append("\n\nCommands:\n");
        var list = new ArrayList<String[]>();
        for (Commands.Entry entry : commands.entries()) {
            if (!entry.hidden() && entry.name().startsWith(group.name() + " ")) {
                String word = entry.name().substring(group.name().length() + 1);
                list.add(new String[] {word, entry.summary()});
            }
        }
        list.sort((a, b) -> a[0].compareTo(b[0]));
        list(text, list, Math.max(MIN_WIDTH, widest(list)));
        text.append("\nRun '").append(name);
        text.append(" COMMAND --help' for more information on a command.\n");
        return text.toString();
    }

    String ofCommand(String path, Commands.Entry entry, Command command) {
        var text = new StringBuilder(usage(path, entry));
        String about = named(command.about());
        text.append("\n\n").append(about.isEmpty() ? entry.summary() : about).append('\n');
        if (entry.paths().size() > 1) {
            text.append("\nAliases:\n  ");
            for (int i = 0; i < entry.paths().size(); i++) {
                text.append(i == 0 ? "" : ", ").append(program).append(' ');
                text.append(entry.paths().get(i));
            }
            text.append('\n');
        }
        String options = options(command.flags());
        if (!options.isEmpty()) {
            text.append("\nOptions:\n").append(options);
        }
        return text.toString();
    }

    /// With our name in the place of Docker's command, but not in that of its addresses.
    private String named(String text) {
        return text.replace("docker ", program + " ");
    }

    String usage(String path, Commands.Entry entry) {
        String usage = entry.usage();
        return "Usage:  " + program + " " + path + (usage.isEmpty() ? "" : " " + usage);
    }

    private static int widest(List<String[]> rows) {
        int width = 0;
        for (String[] row : rows) {
            width = Math.max(width, row[0].length());
        }
        return width;
    }

    private static void list(StringBuilder text, List<String[]> rows, int width) {
        for (String[] row : rows) {
            text.append("  ").append(row[0]);
            text.repeat(' ', width - row[0].length() + 1);
            text.append(row[1]).append('\n');
        }
    }

    /// The options, sorted, in two columns of the terminal's width, wrapped as pflag does.
    String options(FlagTable table) {
        var flags = new ArrayList<>(table.flags());
        flags.removeIf(FlagTable.Flag::hidden);
        flags.sort((a, b) -> a.name().compareTo(b.name()));
        int columns = console.isInTerminal() ? console.size().columns() : 0;
        columns = (columns == 0 ? USUAL_COLUMNS : columns) - 1;
        int width = 0;
        for (FlagTable.Flag flag : flags) {
            width = Math.max(width, left(flag).length());
        }
        var text = new StringBuilder();
        for (FlagTable.Flag flag : flags) {
            String left = left(flag);
            text.append(left);
            text.repeat(' ', width - left.length() + 3);
            text.append(wrap(width + 3, columns, flag.usage() + initial(flag))).append('\n');
        }
        return text.toString();
    }

    private static String left(FlagTable.Flag flag) {
        String word = flag.type().word();
        return (flag.letter() == FlagTable.NONE ? "      --" : "  -" + flag.letter() + ", --")
                + flag.name()
                + (word.isEmpty() ? "" : " " + word);
    }

    private static String initial(FlagTable.Flag flag) {
        if (flag.initial().isEmpty()) {
            return "";
        }
        return flag.type() == FlagType.STRING
                ? " (default \"" + flag.initial() + "\")"
                : " (default " + flag.initial() + ")";
    }

    private static String wrap(int indent, int columns, String usage) {
        String margin = "\n" + " ".repeat(indent);
        int width = columns - indent;
        var text = new StringBuilder();
        String start = "";
        if (width < 24) {
            margin = "\n" + " ".repeat(16);
            width = columns - 16;
            start = margin;
        }
        text.append(start);
        width -= SLOP;
        String rest = usage;
        while (true) {
            int end = lineEnd(rest, width);
            text.append(rest.substring(0, end).replace("\n", margin));
            if (end >= rest.length()) {
                return text.toString();
            }
            rest = rest.substring(end + 1);
            if (rest.isEmpty()) {
                return text.toString();
            }
            text.append(margin);
        }
    }

    /// Where the next line ends: at the last space in [width], at the last line break before it, or
    /// not at all when the rest fits with a few letters more.
    private static int lineEnd(String rest, int width) {
        if (width + SLOP > rest.length()) {
            return rest.length();
        }
        int space = -1;
        int lineBreak = -1;
        for (int i = 0; i < width; i++) {
            char c = rest.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n') {
                space = i;
            }
            if (c == '\n') {
                lineBreak = i;
            }
        }
        if (space <= 0) {
            return rest.length();
        }
        return lineBreak > 0 && lineBreak < space ? lineBreak : space;
    }
}
