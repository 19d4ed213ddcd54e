package dev.corten.cli.image;

import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.option.Platforms;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `images --tree`: below each image the platforms that it is for, with what of them is here and
/// which are used by containers.
final class ImageTree {
    private static final int SPACING = 3;
    private static final int NAME_COLUMNS_MIN = 12;
    private static final int USUAL_COLUMNS = 80;
    private static final int COLUMNS_MIN = 20;

    private static final String RESET = "\033[0m";
    private static final String WARNING = "\033[93m";
    private static final String HEADER = "\033[39m\033[1m";
    private static final String NAME = "\033[34m\033[1m";
    private static final String NORMAL = "\033[39m";
    private static final String FAINT = NORMAL + "\033[2m";
    private static final String INFO =
            "\033[1m\033[106m\033[30mi\033[0m\033[0m \033[96mInfo → \033[0m\033[0m";

    /// Stands for "in use", white on blue where there are colors.
    private static final String USED = "U";

    private static final String USED_COLOR = "\033[38;5;0m\033[48;5;14m";

    private record Column(String title, int width, boolean right) {}

    /// What the columns after the first show.
    private record Details(String id, long diskUsage, long content, boolean used) {}

    private record Variant(String platform, boolean available, Details details) {}

    private record Tree(long created, List<String> names, Details details, List<Variant> variants) {
        static Tree of(Json image) {
            var variants = new ArrayList<Variant>();
            boolean used = image.get("Containers").integer(0) > 0;
            long content = 0;
            for (Json manifest : image.get("Manifests").items()) {
                Json size = manifest.get("Size");
                content += size.get("Content").integer(0);
                if (!manifest.get("Kind").text("").equals("image")) {
                    continue;
                }
                Json data = manifest.get("ImageData");
                boolean usesIt = !data.get("Containers").items().isEmpty();
                var details =
                        new Details(
                                manifest.get("ID").text(""),
                                size.get("Total").integer(0),
                                size.get("Content").integer(0),
                                usesIt);
                variants.add(
                        new Variant(
                                Platforms.text(data.get("Platform")),
                                manifest.get("Available").isTrue(),
                                details));
                used |= usesIt;
            }
            var names = new ArrayList<String>();
            for (Json name : image.get("RepoTags").items()) {
                names.add(name.text(""));
            }
            // The shortest is beside the columns; the others may be as wide as they are.
            names.sort((a, b) -> Integer.compare(b.length(), a.length()));
            return new Tree(
                    image.get("Created").integer(0),
                    names,
                    new Details(
                            image.get("Id").text(""), image.get("Size").integer(0), content, used),
                    variants);
        }
    }

    private final Output out;
    private final boolean colors;
    private final List<Column> columns = new ArrayList<>();

    private ImageTree(Invocation invocation) {
        this.out = invocation.out();
        this.colors = invocation.console().isOutTerminal();
    }

    static void show(Invocation invocation, boolean all, Filters filters) throws IOException {
        Request request = Request.get("/images/json").flag("all", all).query("manifests", "1");
        filters.addTo(request);
        var trees = new ArrayList<Tree>();
        for (Json image : invocation.api().json(request).items()) {
            Tree tree = Tree.of(image);
            if (all || !tree.names.isEmpty()) {
                trees.add(tree);
            }
        }
        trees.sort((a, b) -> Long.compare(b.created, a.created));
        new ImageTree(invocation).print(trees, invocation.columns());
    }

    private void print(List<Tree> trees, int terminalColumns) {
        out.line(
                color(
                        WARNING,
                        "WARNING: This is an experimental feature. The output may change and"
                                + " shouldn't be depended on."));
        int width = Math.max(COLUMNS_MIN, terminalColumns == 0 ? USUAL_COLUMNS : terminalColumns);
        out.line(legend(width)).line("");
        layOut(trees, width);
        var titles = new StringBuilder();
        for (Column column : columns) {
            titles.append(titles.isEmpty() ? "" : " ".repeat(SPACING));
            titles.append(cell(column, HEADER, column.title));
        }
        out.line(titles.toString());
        boolean spaced = false;
        for (Tree tree : trees) {
            spaced |= !tree.variants.isEmpty();
        }
        for (Tree tree : trees) {
            print(tree, spaced);
        }
        out.flush();
    }

    private void print(Tree tree, boolean spaced) {
        if (tree.names.isEmpty()) {
            out.print(cell(columns.getFirst(), FAINT, "<untagged>"));
        }
        for (int i = 0; i < tree.names.size(); i++) {
            String name = tree.names.get(i);
            boolean last = i + 1 == tree.names.size();
            out.print(last ? cell(columns.getFirst(), NAME, name) : color(NAME, name) + "\n");
        }
        print(tree.details, NORMAL);
        if (spaced) {
            out.print("\n");
        }
        for (int i = 0; i < tree.variants.size(); i++) {
            Variant variant = tree.variants.get(i);
            String color = variant.available ? NORMAL : FAINT;
            String branch = i + 1 < tree.variants.size() ? "├─ " : "└─ ";
            out.print(cell(columns.getFirst(), color, branch + variant.platform));
            print(variant.details, color);
            out.print("\n");
        }
        out.print("\n");
    }

    private void print(Details details, String color) {
        String[] cells = {
            Texts.shortId(details.id),
            Quantity.size(details.diskUsage, 3),
            Quantity.size(details.content, 3)
        };
        for (int i = 1; i < columns.size(); i++) {
            out.print(" ".repeat(SPACING));
            if (i <= cells.length) {
                out.print(cell(columns.get(i), color, cells[i - 1]));
            } else {
                String chip = colors ? "   " : " ";
                String shown = details.used ? chip() : chip;
                out.print(shown + " ".repeat(columns.get(i).width - chip.length()));
            }
        }
    }

    private String chip() {
        return colors ? USED_COLOR + " " + USED + " " + RESET : USED;
    }

    /// What the letters of the last column mean, at the right.
    private String legend(int width) {
        String plain =
                colors ? "i Info →   " + USED + "  In Use " : " Info ->  " + USED + " In Use ";
        String shown = (colors ? INFO : " Info -> ") + " " + chip() + " In Use ";
        return " ".repeat(Math.max(0, width - plain.length())) + shown;
    }

    /// The first column is as narrow as its texts let it be; what does not fit beside it is left out.
    private void layOut(List<Tree> trees, int terminalColumns) {
        int left = terminalColumns;
        var others = new ArrayList<Column>();
        for (Column column :
                new Column[] {
                    new Column("ID", 12, false),
                    new Column("DISK USAGE", 10, true),
                    new Column("CONTENT SIZE", 12, true),
                    new Column("EXTRA", 5, false)
                }) {
            if (left - column.width - SPACING < NAME_COLUMNS_MIN) {
                break;
            }
            left -= column.width + SPACING;
            others.add(column);
        }
        columns.add(new Column("IMAGE", Math.min(left, widest(trees)), false));
        columns.addAll(others);
    }

    private static int widest(List<Tree> trees) {
        int widest = "IMAGE".length();
        for (Tree tree : trees) {
            for (String name : tree.names) {
                widest = Math.max(widest, name.length());
            }
            for (Variant variant : tree.variants) {
                // As Docker counts: the bytes of the branch.
                widest = Math.max(widest, variant.platform.length() + 7);
            }
        }
        return widest;
    }

    private String cell(Column column, String color, String text) {
        int width = text.codePointCount(0, text.length());
        if (width > column.width) {
            return color(color, Texts.ellipsis(text, column.width));
        }
        String fill = " ".repeat(column.width - width);
        return column.right ? fill + color(color, text) : color(color, text) + fill;
    }

    private String color(String color, String text) {
        return colors ? color + text + RESET : text;
    }
}
