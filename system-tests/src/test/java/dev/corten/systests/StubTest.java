package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// The test of the tests: against a server that answers `200 {}` to everything, none may pass.
class StubTest {
    /// This one, one that starts its programs in its own way, and one that speaks to no server.
    private static final String OTHERS = ".*\\.(StubTest|WalkTest|CheckedInListsTest)";

    @Test
    void nothingPassesAgainstAServerThatDoesNothing() {
        var passed = Collections.synchronizedList(new ArrayList<String>());
        var failed = Collections.synchronizedList(new ArrayList<String>());
        var listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (test.isTest()) {
                            boolean success =
                                    result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
                            (success ? passed : failed).add(test.getUniqueId());
                        }
                    }
                };
        var request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage("dev.corten.systests"))
                        .filters(
                                includeClassNamePatterns(".*Test"),
                                excludeClassNamePatterns(OTHERS))
                        .build();
        System.setProperty(Limits.STUB, "true");
        try {
            LauncherFactory.create().execute(request, listener);
        } finally {
            System.clearProperty(Limits.STUB);
        }
        assertThat(failed).as("tests that ran").hasSizeGreaterThan(100);
        assertThat(List.copyOf(passed)).isEmpty();
    }
}
