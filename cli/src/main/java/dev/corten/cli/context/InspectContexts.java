package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.StoredContext;
import dev.corten.cli.template.Shapes;
import dev.corten.cli.template.Template;
import dev.corten.cli.template.TemplateFailure;
import dev.corten.cli.template.Value;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.client.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// `context inspect`, of the one in use if none is named.
public final class InspectContexts implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Setup setup = invocation.setup();
        List<String> names = invocation.arguments();
        var documents = new ArrayList<Json>();
        var failures = new ArrayList<String>();
        for (String name : names.isEmpty() ? List.of(setup.contextName()) : names) {
            try {
                documents.add(document(setup, name));
            } catch (Failure e) {
                failures.add(e.message());
            }
        }
        String format = invocation.flags().text("format");
        Output out = invocation.out();
        if (format.isEmpty() || format.equals("json")) {
            byte[] all = new JsonWriter(true).value(Json.array(List.copyOf(documents))).toBytes();
            boolean indented = format.isEmpty() && !documents.isEmpty();
            byte[] text = indented ? JsonIndent.indent(all, "", "    ") : all;
            out.line(new String(text, StandardCharsets.UTF_8));
        } else {
            apply(format, documents, out);
        }
        out.flush();
        failures.forEach(invocation::warn);
        return failures.isEmpty() ? 0 : 1;
    }

    private static void apply(String format, List<Json> documents, Output out) {
        try {
            Template template = Template.parse(format);
            for (Json document : documents) {
                out.line(
                        template.apply(
                                Value.of(document, Shapes.get("context.contextWithTLSListing"))));
            }
        } catch (TemplateFailure e) {
            throw new Failure("template parsing error: " + e.message());
        }
    }

    private static Json document(Setup setup, String name) throws IOException {
        StoredContext context = ContextConfig.find(setup, name);
        ContextStore store = setup.contexts();
        boolean written = !name.equals(ContextStore.DEFAULT);
        var document = new LinkedHashMap<>(context.meta().members());
        var tls = new LinkedHashMap<String, Json>();
        for (var endpoint : store.tlsNames(name).entrySet()) {
            var files = new ArrayList<Json>();
            endpoint.getValue().forEach(file -> files.add(Json.string(file)));
            tls.put(endpoint.getKey(), Json.array(files));
        }
        document.put("TLSMaterial", Json.object(tls));
        var storage = new LinkedHashMap<String, Json>();
        String nowhere = "<IN MEMORY>";
        storage.put(
                "MetadataPath", Json.string(written ? store.metaFolder(name).toString() : nowhere));
        storage.put("TLSPath", Json.string(written ? store.tlsFolder(name).toString() : nowhere));
        document.put("Storage", Json.object(storage));
        return Json.object(document);
    }
}
