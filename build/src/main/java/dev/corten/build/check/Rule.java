package dev.corten.build.check;

/// A rule of the build checks, by the name that Docker gives to it.
public enum Rule {
    STAGE_NAME_CASING("StageNameCasing", "stage-name-casing"),
    FROM_AS_CASING("FromAsCasing", "from-as-casing"),
    NO_EMPTY_CONTINUATION("NoEmptyContinuation", "no-empty-continuation"),
    CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing", "consistent-instruction-casing"),
    DUPLICATE_STAGE_NAME("DuplicateStageName", "duplicate-stage-name"),
    RESERVED_STAGE_NAME("ReservedStageName", "reserved-stage-name"),
    JSON_ARGS_RECOMMENDED("JSONArgsRecommended", "json-args-recommended"),
    MAINTAINER_DEPRECATED("MaintainerDeprecated", "maintainer-deprecated"),
    UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom", "undefined-arg-in-from"),
    WORKDIR_RELATIVE_PATH("WorkdirRelativePath", "workdir-relative-path"),
    UNDEFINED_VAR("UndefinedVar", "undefined-var"),
    MULTIPLE_INSTRUCTIONS_DISALLOWED(
            "MultipleInstructionsDisallowed", "multiple-instructions-disallowed"),
    LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "legacy-key-value-format"),
    REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform", "redundant-target-platform"),
    SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv", "secrets-used-in-arg-or-env"),
    INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom", "invalid-default-arg-in-from"),
    FROM_PLATFORM_FLAG_CONST_DISALLOWED(
            "FromPlatformFlagConstDisallowed", "from-platform-flag-const-disallowed"),
    COPY_IGNORED_FILE("CopyIgnoredFile", "copy-ignored-file"),
    INVALID_DEFINITION_DESCRIPTION(
            "InvalidDefinitionDescription", "invalid-definition-description"),
    EXPOSE_PROTO_CASING("ExposeProtoCasing", "expose-proto-casing"),
    EXPOSE_INVALID_FORMAT("ExposeInvalidFormat", "expose-invalid-format");

    private final String label;
    private final String page;

    Rule(String label, String page) {
        this.label = label;
        this.page = page;
    }

    /// Such as `StageNameCasing`.
    public String label() {
        return label;
    }

    /// Where it is explained.
    public String url() {
        return "https://docs.docker.com/go/dockerfile/rule/" + page + "/";
    }

    /// Off unless somebody asks for it.
    public boolean isExperimental() {
        return this == COPY_IGNORED_FILE || this == INVALID_DEFINITION_DESCRIPTION;
    }
}
