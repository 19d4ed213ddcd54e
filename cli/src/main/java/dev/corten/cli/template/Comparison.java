package dev.corten.cli.template;

/// `eq`, `lt` and the like.
final class Comparison {
    private Comparison() {}

    /// @throws FunctionFailure if the two have nothing to compare
    static boolean equal(Value a, Value b) {
        if (a.isNil() || b.isNil()) {
            return a.isNil() && b.isNil();
        }
        Shape.Kind kind = basic(a);
        if (kind != basic(b)) {
            throw incompatible();
        }
        return switch (kind) {
            case BOOL -> a.json().isTrue() == b.json().isTrue();
            case INT -> a.integer() == b.integer();
            case FLOAT -> a.decimal() == b.decimal();
            case STRING -> a.string().equals(b.string());
            default -> throw new FunctionFailure("non-comparable type " + show(a));
        };
    }

    static boolean less(Value a, Value b) {
        Shape.Kind kind = basic(a);
        if (a.isNil() || b.isNil()) {
            throw new FunctionFailure("invalid type for comparison");
        }
        if (kind != basic(b)) {
            throw incompatible();
        }
        return switch (kind) {
            case INT -> a.integer() < b.integer();
            case FLOAT -> a.decimal() < b.decimal();
            case STRING -> a.string().compareTo(b.string()) < 0;
            default -> throw new FunctionFailure("invalid type for comparison");
        };
    }

    private static Shape.Kind basic(Value value) {
        return value.kind() == Shape.Kind.DURATION ? Shape.Kind.INT : value.kind();
    }

    private static String show(Value value) {
        return value.print() + ": " + value.typeName();
    }

    private static FunctionFailure incompatible() {
        return new FunctionFailure("incompatible types for comparison");
    }
}
