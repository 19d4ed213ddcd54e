package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;

/// What `wait` waits for.
public enum WaitCondition {
    NOT_RUNNING("not-running"),
    NEXT_EXIT("next-exit"),
    REMOVED("removed");

    private final String word;

    WaitCondition(String word) {
        this.word = word;
    }

    /// The API's word; `""` is the first.
    public static WaitCondition parse(String word) {
        for (WaitCondition condition : values()) {
            if (condition.word.equals(word)) {
                return condition;
            }
        }
        if (word.isEmpty()) {
            return NOT_RUNNING;
        }
        throw new InvalidParameter("invalid condition: \"" + word + "\"");
    }

    @Override
    public String toString() {
        return word;
    }
}
