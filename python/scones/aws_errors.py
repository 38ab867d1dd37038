"""The errors of AWS and its SDK that a user can correct, each as a sentence with its remedy."""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionClosedError,
    CredentialRetrievalError,
    InvalidConfigError,
    LoginError,
    MetadataRetrievalError,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    ResponseStreamingError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)

# The profile or the environment variables lack something.
NOT_CONFIGURED = (
    ConfigNotFound,
    ConfigParseError,
    InvalidConfigError,
    MetadataRetrievalError,
    MissingDependencyException,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    UnknownCredentialError,
)
# A profile is there, but its session has ended or was never begun: `aws sso login`, `aws login`, a
# credential process, a role that needs an MFA token.
NOT_SIGNED_IN = (
    CredentialRetrievalError,
    LoginError,
    NoAuthTokenError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
)
NO_ANSWER = (
    ConnectionClosedError,
    NoConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
)
FORBIDDEN = {"403", "AccessDenied", "AccessDeniedException", "ForbiddenException"}
REFUSED_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
CLOCK = {"RequestInTheFuture", "RequestTimeTooSkewed"}


def sentence(error: BotoCoreError | ClientError) -> str | None:
    """Return what the user reads; None for an error that is not the user's."""
    text = str(error).rstrip(". ")
    if isinstance(error, ClientError):
        return _refusal(error.response.get("Error", {}).get("Code", ""), text)
    if isinstance(error, NOT_CONFIGURED):
        return (
            f"No AWS credentials: {text}. "
            "Set AWS_PROFILE or sign in, or leave TARGET out to use the local AWS."
        )
    if isinstance(error, NOT_SIGNED_IN):
        return (
            f"The sign-in to AWS is missing or has expired: {text}. "
            'Sign in again, such as with "aws sso login" or "aws login", '
            "and run the same command again."
        )
    if isinstance(error, NO_ANSWER):
        return (
            f"AWS does not answer: {text}. "
            "Run the same command again; a local AWS that has stopped is started again."
        )
    return None


def _refusal(code: str, text: str) -> str | None:
    if code in REFUSED_CREDENTIALS:
        return f"AWS refuses the credentials: {text}. Sign in again."
    if code in CLOCK:
        return f"AWS refuses the time of this request: {text}. Set this machine's clock."
    if code in FORBIDDEN:
        return (
            f"AWS denies this request: {text}. "
            "Ask for the permission, and run the same command again."
        )
    return None
