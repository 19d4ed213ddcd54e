package dev.corten.registry;

/// Error codes of the OCI distribution specification, section "Error Codes", and those that Docker's
/// registry adds.
///
/// The name is the code on the wire.
public enum ErrorCode {
    BLOB_UNKNOWN(404, "blob unknown to registry"),
    BLOB_UPLOAD_INVALID(400, "blob upload invalid"),
    BLOB_UPLOAD_UNKNOWN(404, "blob upload unknown to registry"),
    DENIED(403, "requested access to the resource is denied"),
    DIGEST_INVALID(400, "provided digest did not match uploaded content"),
    MANIFEST_BLOB_UNKNOWN(400, "blob unknown to registry"),
    MANIFEST_INVALID(400, "manifest invalid"),
    MANIFEST_UNKNOWN(404, "manifest unknown"),
    NAME_INVALID(400, "invalid repository name"),
    NAME_UNKNOWN(404, "repository name not known to registry"),
    PAGINATION_NUMBER_INVALID(400, "invalid number of results requested"),
    RANGE_INVALID(416, "invalid content range"),
    SIZE_INVALID(400, "provided length did not match content length"),
    TAG_INVALID(400, "manifest tag did not match URI"),
    TOOMANYREQUESTS(429, "too many requests"),
    UNAUTHORIZED(401, "authentication required"),
    UNAVAILABLE(503, "service unavailable"),
    UNKNOWN(500, "unknown error"),
    UNSUPPORTED(405, "The operation is unsupported.");

    private final int status;
    private final String message;

    ErrorCode(int status, String message) {
        this.status = status;
        this.message = message;
    }

    /// The HTTP status that a server answers with.
    public int status() {
        return status;
    }

    /// In Docker's registry's words.
    public String message() {
        return message;
    }
}
