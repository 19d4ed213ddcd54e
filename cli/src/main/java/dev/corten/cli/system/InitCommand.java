package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// `init`: writes a Dockerfile, a .dockerignore and a compose file to begin with, for the language
/// that the files of the current directory are in. What is there already is left alone.
public final class InitCommand implements Command {
    private enum Language {
        NODE(
                "package.json",
                "node:22-alpine",
                "COPY package*.json ./\nRUN npm install",
                3000,
                "[\"npm\", \"start\"]"),
        PYTHON(
                "requirements.txt",
                "python:3.13-slim",
                "COPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt",
                8000,
                "[\"python\", \"app.py\"]"),
        GO(
                "go.mod",
                "golang:1.25-alpine",
                "COPY go.* ./\nRUN go mod download",
                8080,
                "[\"go\", \"run\", \".\"]"),
        JAVA(
                "pom.xml",
                "maven:3-eclipse-temurin-25",
                "COPY pom.xml ./\nRUN mvn -q dependency:go-offline",
                8080,
                "[\"mvn\", \"-q\", \"exec:java\"]"),
        OTHER("", "debian:stable-slim", "", 8080, "[\"./start\"]");

        private final String sign;
        private final String image;
        private final String dependencies;
        private final int port;
        private final String start;

        /// @param sign the file by which it is known
        Language(String sign, String image, String dependencies, int port, String start) {
            this.sign = sign;
            this.image = image;
            this.dependencies = dependencies;
            this.port = port;
            this.start = start;
        }

        static Language of(Path folder) {
            for (Language language : values()) {
                if (!language.sign.isEmpty() && Files.exists(folder.resolve(language.sign))) {
                    return language;
                }
            }
            return OTHER;
        }
    }

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        Language language = Language.of(folder);
        write(
                invocation,
                folder.resolve("Dockerfile"),
                "FROM "
                        + language.image
                        + "\nWORKDIR /app\n"
                        + (language.dependencies.isEmpty() ? "" : language.dependencies + "\n")
                        + "COPY . .\nEXPOSE "
                        + language.port
                        + "\nCMD "
                        + language.start
                        + "\n");
        write(
                invocation,
                folder.resolve(".dockerignore"),
                ".git\n.env\nDockerfile\ncompose.yaml\nnode_modules\n__pycache__\ntarget\n");
        write(
                invocation,
                folder.resolve("compose.yaml"),
                "services:\n  app:\n    build: .\n    ports:\n      - \""
                        + language.port
                        + ":"
                        + language.port
                        + "\"\n");
        return 0;
    }

    private static void write(Invocation invocation, Path file, String text) throws IOException {
        if (Files.exists(file)) {
            invocation.warn(file.getFileName() + " is there already, left as it is");
            return;
        }
        Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
        invocation.out().line("wrote " + file.getFileName()).flush();
    }
}
