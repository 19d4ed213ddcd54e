package dev.corten.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import org.junit.jupiter.api.Test;

class FdTest {
    @Test
    void closingTwiceIsHarmless() throws Exception {
        Fd fd = FileData.memfd("test");
        int number = fd.number();
        fd.close();
        try (Fd other = FileData.memfd("test")) {
            assertThat(other.number()).isEqualTo(number); // the number is reused
            fd.close();
            assertThat(FileCalls.stat(other).isRegular()).isTrue();
        }
        assertThatThrownBy(fd::number).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void transferLeavesTheOldOneClosed() throws Exception {
        Fd first = FileData.memfd("test");
        try (Fd second = first.transfer()) {
            assertThat(first.isOpen()).isFalse();
            first.close();
            assertThat(FileCalls.stat(second).isRegular()).isTrue();
        }
    }

    @Test
    void everythingIsCloseOnExec() throws Exception {
        try (Fd fd = FileData.memfd("test");
                Fd copy = fd.duplicate();
                var pipe = FileData.pipe();
                Fd file = FileCalls.open("/dev/null", FileCalls.O_RDWR)) {
            for (Fd each : new Fd[] {fd, copy, pipe.reader(), pipe.writer(), file}) {
                assertThat(FileData.isCloseOnExec(each)).isTrue();
            }
        }
    }

    @Test
    void errorsNameCallArgumentsAndNumber() {
        assertThatThrownBy(() -> FileCalls.open("/no/such", FileCalls.O_RDWR | FileCalls.O_CREAT))
                .isInstanceOf(Errno.class)
                .hasMessage("openat /no/such (O_RDWR|O_CREAT): ENOENT");
        assertThat(Errno.nameOf(Errno.EOPNOTSUPP)).isEqualTo("EOPNOTSUPP");
        assertThat(Errno.nameOf(1)).isEqualTo("EPERM");
        assertThat(Errno.nameOf(133)).isEqualTo("EHWPOISON");
        assertThat(Errno.nameOf(524)).isEqualTo("errno 524");
        assertThat(Errno.nameOf(41)).isEqualTo("errno 41");
    }
}
