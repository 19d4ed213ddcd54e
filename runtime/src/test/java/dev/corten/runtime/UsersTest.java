package dev.corten.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.InvalidParameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    @TempDir Path root;

    private Users.Resolved resolve(String user, String... groups) throws Exception {
        Path etc = root.resolve("etc");
        if (!Files.exists(etc)) {
            Files.createDirectories(etc);
            Files.writeString(
                    etc.resolve("passwd"),
                    "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:web:/home/web:/bin/sh\n"
                            + "broken\n1000:x:0:0:trap:/:/bin/sh\nbad:x:-1:99999999999:::\n");
            Files.writeString(
                    etc.resolve("group"), "root:x:0:\nweb:x:1001:\naudio:x:29:root,web\n");
        }
        try (Fd fd = FileCalls.openDirectory(root.toString())) {
            return Users.resolve(fd, user, List.of(groups));
        }
    }

    private String describe(String user, String... groups) throws Exception {
        Users.Resolved resolved = resolve(user, groups);
        return resolved.user().uid()
                + ":"
                + resolved.user().gid()
                + " "
                + resolved.user().additionalGids()
                + " "
                + resolved.home();
    }

    @Test
    void namesAndNumbersAreDockers() throws Exception {
        assertThat(describe("")).isEqualTo("0:0 [0, 29] /root");
        assertThat(describe("web")).isEqualTo("1000:1001 [1001, 29] /home/web");
        assertThat(describe("1000")).isEqualTo("1000:1001 [1001, 29] /home/web");
        assertThat(describe("web:audio")).isEqualTo("1000:29 [29] /home/web");
        assertThat(describe("4711")).isEqualTo("4711:0 [0] /");
        assertThat(describe("4711:12")).isEqualTo("4711:12 [12] /");
        assertThat(describe("web", "5", "root")).isEqualTo("1000:1001 [1001, 29, 5, 0] /home/web");
    }

    @Test
    void unknownNamesAndLargeNumbersAreRefused() {
        assertThatThrownBy(() -> resolve("nouser"))
                .hasMessage("unable to find user nouser: no matching entries in passwd file");
        assertThatThrownBy(() -> resolve("web:nogrp"))
                .hasMessage("unable to find group nogrp: no matching entries in group file");
        for (String user : // CVE-2024-40635
                List.of("2147483648", "4294967296", "-1", "0:2147483648", "99999999999999999999")) {
            assertThatThrownBy(() -> resolve(user))
                    .as(user)
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessage("uids and gids must be in range 0-2147483647");
        }
    }

    @Test
    void linksStayInsideTheRoot() throws Exception {
        Files.createDirectories(root.resolve("etc"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/etc/passwd"));
        assertThatThrownBy(() -> resolve("daemon")).hasMessageContaining("ELOOP");
    }
}
