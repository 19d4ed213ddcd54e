package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `image tree`: the layers of an image, the lowest first, and who else is made of them. Podman has
/// it; Docker does not.
public final class ShowLayers implements Command {
    private static final int DIGITS = 3;

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public String about() {
        return "Show the layers of an image: their sizes, and the other images that have them too.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String name = Request.segment(invocation.arguments().getFirst());
        Json image = invocation.api().json(Request.get("/corten/v1/images/" + name + "/layers"));
        Output out = invocation.out();
        out.line("Image ID: " + Texts.shortId(image.get("Id").text("")));
        out.line("Tags:     " + names(image.get("RepoTags").items()));
        out.line("Size:     " + Quantity.size(image.get("Size").integer(0), DIGITS));
        List<Json> layers = image.get("Layers").items();
        out.line(layers.isEmpty() ? "No Image Layers" : "Image Layers");
        for (int i = 0; i < layers.size(); i++) {
            Json layer = layers.get(i);
            var line = new StringBuilder(i + 1 < layers.size() ? "├── " : "└── ");
            line.append("ID: ").append(Texts.shortId(layer.get("DiffId").text("")));
            line.append(" Size: ");
            line.append(padded(Quantity.size(layer.get("Size").integer(0), DIGITS)));
            List<Json> top = layer.get("TopOf").items();
            List<Json> part = layer.get("PartOf").items();
            line.append(top.isEmpty() ? "" : " Top Layer of: " + names(top));
            line.append(part.isEmpty() ? "" : " Shared with: " + names(part));
            out.line(line.toString().stripTrailing());
        }
        out.flush();
        return 0;
    }

    private static String padded(String size) {
        return size + " ".repeat(Math.max(0, 6 - size.length()));
    }

    private static String names(List<Json> names) {
        var text = new StringBuilder("[");
        for (Json name : names) {
            text.append(text.length() > 1 ? " " : "").append(name.text(""));
        }
        return text.append(']').toString();
    }
}
