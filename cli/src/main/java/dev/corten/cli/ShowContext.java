package dev.corten.cli;

/// `context show`: the name of the one in use.
final class ShowContext implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public int minArguments() {
        return 0;
    }

    @Override
    public int maxArguments() {
        return 0;
    }

    @Override
    public int run(Invocation invocation) {
        invocation.out().line(invocation.setup().contextName()).flush();
        return 0;
    }
}
