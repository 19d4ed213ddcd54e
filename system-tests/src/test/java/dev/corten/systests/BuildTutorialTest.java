package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The steps of the tutorials about building, as they are written there, with the docker command line
/// and with ours.
@ExtendWith(BuildEngine.class)
class BuildTutorialTest {
    /// Of a step: what a stage begins with always is.
    private static final String CACHED = "(?m)^#\\d+ \\[.*\\] (?!FROM).*\n#\\d+ CACHED|Using cache";

    private static TutorialShell shell(Engine engine, String client) {
        return new TutorialShell(
                client.equals("docker") ? engine.docker() : engine.corten(),
                engine.scratch("build-tutorial-" + client));
    }

    private static void write(Engine engine, String client, String name, String text)
            throws IOException {
        Path file = engine.scratch("build-tutorial-" + client).resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"BLD-01", "BLD-02", "DF-01", "CON-15", "CON-16"})
    void aFirstImage(String client, Engine engine) {
        TutorialShell shell = shell(engine, client);
        engine.docker().ok("tag", "ubuntu:20.04", "ubuntu");
        shell.ok("printf 'FROM ubuntu\\nRUN echo hi > /hi\\n' > Dockerfile");
        assertThat(shell.says("docker build .")).contains("RUN echo hi > /hi");
        assertThat(shell.says("docker build -t my_image:latest .")).containsPattern(CACHED);
        assertThat(shell.ok("docker images my_image")).contains("my_image", "latest");
        assertThat(shell.ok("docker run --rm my_image cat /hi")).isEqualTo("hi");
        assertThat(shell.ok("docker rmi my_image")).contains("Untagged: my_image:latest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"DF-02", "DF-07", "DF-10", "DF-11", "DF-56", "DF-57", "BLD-11", "CON-06", "CON-07"})
    void argumentsAndLayers(String client, Engine engine) throws IOException {
        TutorialShell shell = shell(engine, client);
        write(
                engine,
                client,
                "Dockerfile",
                """
                FROM    ubuntu:20.04
                ARG     USERNAME=Goomba
                ARG     PASSWORD=0000
                USER    root
                RUN     apt-get update
                """);
        String built = shell.says("docker build -t seed3 .");
        assertThat(built).contains("Reading package lists...");
        if (client.equals("corten")) {
            assertThat(built).contains("SecretsUsedInArgOrEnv");
        }
        assertThat(shell.says("docker build -t seed3 --build-arg USERNAME=Mario ."))
                .contains("Reading package lists...");
        assertThat(shell.ok("docker history seed3 --format '{{.Size}} {{.CreatedBy}}' --no-trunc"))
                .containsPattern("0B .*ARG USERNAME=")
                .containsPattern("0B .*USER root");
        shell.ok("docker run --name c1 seed3 sh -c 'echo x > /x'");
        assertThat(shell.ok("docker diff c1")).contains("A /x");
        assertThat(shell.says("docker run --rm seed3 ls /x")).contains("No such file");
        shell.ok("docker rm c1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"DF-14", "DF-28", "DF-38", "BLD-07", "DF-52"})
    void layersOfAnApplication(String client, Engine engine) throws IOException {
        TutorialShell shell = shell(engine, client);
        engine.docker().ok("tag", "ubuntu:18.04", "python:old");
        write(engine, client, "Makefile", "all: app.py\n\techo made > made\n");
        write(engine, client, "app.py", "print('one')\n");
        write(
                engine,
                client,
                "Dockerfile",
                """
                FROM ubuntu:18.04
                COPY . /app
                RUN make /app
                CMD python /app/app.py
                """);
        shell.ok("rm -rf ts-express-app; docker build -t layers .");
        assertThat(
                        shell.ok(
                                "docker history layers --format '{{.Size}} {{.CreatedBy}}'"
                                        + " | grep -vc '^0B'"))
                .isEqualTo("4");
        assertThat(shell.ok("docker inspect -f '{{json .Config.Cmd}}' layers"))
                .isEqualTo("[\"/bin/sh\",\"-c\",\"python /app/app.py\"]");
        shell.ok("echo \"print('two')\" > app.py");
        assertThat(shell.says("docker build -t layers .")).contains("echo made > made");
        write(engine, client, "Dockerfile", "FROM ubuntu:18.04 // base\nCOPY . /app // files\n");
        assertThat(shell.says("docker build -t layers ."))
                .contains("FROM requires either one or three arguments");
    }

    /// The application is real: node's files are of this machine, its packages of npm.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({
        "BLD-03", "BLD-04", "BLD-06", "BLD-07", "DF-03", "DF-12", "DF-13", "DF-25", "DF-26",
        "DF-27", "DF-37", "DF-40", "DF-51", "IGN-01", "IGN-02", "IGN-03"
    })
    void aNodeApplication(String client, Engine engine) throws IOException {
        Machine.hasProgram("node");
        try (NpmMirror mirror = NpmMirror.of(engine)) {
            NodeImage.load(engine, "node:20", mirror.url());
            aNodeApplication(client, engine, shell(engine, client));
        }
    }

    private static void aNodeApplication(String client, Engine engine, TutorialShell shell)
            throws IOException {
        shell.port(3000);
        String app = "ts-express-app/";
        for (String name : List.of("package.json", "package-lock.json")) {
            write(engine, client, app + name, NpmMirror.ofApplication(name));
        }
        write(
                engine,
                client,
                app + "tsconfig.json",
                """
                {
                  "compilerOptions": {
                    "target": "es2016",
                    "module": "commonjs",
                    "rootDir": "./src",
                    "outDir": "./dist",
                    "esModuleInterop": true,
                    "strict": true,
                    "skipLibCheck": true
                  }
                }
                """);
        write(
                engine,
                client,
                app + "src/index.ts",
                """
                import express, { Request, Response } from 'express';
                import mongoose from 'mongoose';
                import dotenv from 'dotenv';

                dotenv.config();
                const port: number = Number(process.env.PORT) || 3000;
                const database = process.env.DATABASE_URL;
                if (database) {
                  mongoose.connect(database).then(() => console.log('Connected to MongoDB'));
                }

                const app = express();
                app.get('/', (request: Request, response: Response) => {
                  response.send('Ram Ram bhai Sareya Ne');
                });
                app.listen(port, () => {
                  console.log(`Server is running on port ${port}`);
                });
                """);
        write(
                engine,
                client,
                app + "Dockerfile",
                """
                # Node.js 20 이미지를 사용합니다
                FROM node:20
                # 앱 디렉토리를 생성합니다
                WORKDIR /usr/src/app
                # package.json과 package-lock.json 파일을 복사합니다
                COPY package*.json ./
                RUN npm install
                COPY . .
                RUN npm run build
                EXPOSE 3000
                CMD ["npm", "start"]
                """);
        write(engine, client, app + ".dockerignore", "node_modules\ndist\nnpm-debug.log\n");
        write(engine, client, app + "node_modules/stale", "x".repeat(2_000_000));
        String cd = "cd ts-express-app; ";
        String built = shell.says(cd + "docker build -t ts-express-app .");
        assertThat(built).contains("npm install").doesNotContain("2.0MB");
        assertThat(shell.ok("docker images ts-express-app")).contains("latest");
        String id = shell.ok("docker run -d -p 3000:3000 ts-express-app");
        assertThat(
                        Eventually.get(
                                "a page",
                                () -> shell.run("curl -s localhost:3000").out().strip(),
                                page -> !page.isEmpty()))
                .isEqualTo("Ram Ram bhai Sareya Ne");
        assertThat(shell.ok("docker logs " + id)).contains("Server is running on port 3000");
        assertThat(shell.ok("docker exec " + id + " ls -A"))
                .contains("dist", "node_modules")
                .doesNotContain("stale");
        shell.ok("docker rm -f " + id);
        assertThat(shell.says(cd + "docker build -t express-mongo-app:1.0 ."))
                .containsPattern(CACHED)
                .doesNotContain("added ");
        shell.ok(cd + "docker build -t express-mongo-app:1.0.0 .");
        assertThat(
                        shell.ok(
                                "docker images -q express-mongo-app | sort -u | wc -l;"
                                        + " docker rmi express-mongo-app:1.0 express-mongo-app:1.0.0"
                                        + " | grep -c Untagged"))
                .isEqualTo("1\n2");
        // One source file is another one: packages are not installed again.
        shell.ok(cd + "sed -i s/Sareya/Changed/ src/index.ts");
        String again = shell.says(cd + "docker build -t ts-express-app .");
        assertThat(again).contains("> tsc").doesNotContain("added ");
        assertThat(shell.ok("docker run --rm ts-express-app cat dist/index.js"))
                .contains("Changed");
    }
}
