"""Requests with the credentials of a role or user: answered only where its policies allow it.

The credentials of the verbs are none of these: they are the administrator's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from moto.iam.models import get_account_id_from
from werkzeug.wrappers import Response

from localaws.iam import actions, decisions, operations, refusals, s3_actions
from localaws.iam.decisions import AccessDeniedError
from localaws.iam.operations import Operation
from localaws.iam.policies import Call
from localaws.iam.principals import Principal, UnknownPrincipalError
from localaws.iam.sessions import ExpiredError, UnknownKeyError, find_principal
from localaws.json_object import JsonObject
from localaws.server.wsgi import Application

# Of a signature in the header, or of one in the query of a presigned URL: key, region, service.
CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
PRESIGNED_TOKEN = re.compile(r"X-Amz-Security-Token=([^&]+)")
READING_OBJECTS = {"GetObject", "HeadObject"}


def enforce(application: Application) -> Application:
    def answer(environ: JsonObject, start_response: Callable[..., Any]) -> Iterable[bytes]:
        signature = environ.get("HTTP_AUTHORIZATION") or unquote(environ["QUERY_STRING"])
        credential = CREDENTIAL.search(signature)
        if credential is None:
            return application(environ, start_response)
        key, region, service = credential.groups()
        account = get_account_id_from(key)
        try:
            principal = find_principal(account, key, _token(environ))
            if principal is None:
                return application(environ, start_response)
            operation = operations.read(environ, service, region)
            return _answer(application, principal, operation, environ, start_response)
        except (UnknownKeyError, UnknownPrincipalError):
            refusal = refusals.unknown_key(environ, service)
        except ExpiredError:
            refusal = refusals.expired(environ, service)
        except AccessDeniedError as error:
            refusal = refusals.access_denied(environ, service, str(error))
        chunks: Iterable[bytes] = refusal(environ, start_response)
        return chunks

    return answer


def _answer(
    application: Application,
    principal: Principal,
    operation: Operation,
    environ: JsonObject,
    start_response: Callable[..., Any],
) -> Iterable[bytes]:
    """The application's answer. Raises AccessDeniedError."""
    for call in actions.calls(operation, principal.account_id):
        decisions.authorize(principal, call)
    if operation.name not in READING_OBJECTS:
        return application(environ, start_response)
    response = Response.from_app(application, environ, buffered=True)
    if response.status_code == 404:
        # Whoever may not list a bucket does not learn which objects it lacks.
        bucket = s3_actions.bucket_arn(operation.parameters["Bucket"])
        decisions.authorize(principal, Call("s3:ListBucket", bucket))
    chunks: Iterable[bytes] = response(environ, start_response)
    return chunks


def _token(environ: JsonObject) -> str:
    header = environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
    if header:
        return str(header)
    presigned = PRESIGNED_TOKEN.search(environ["QUERY_STRING"])
    return unquote(presigned[1]) if presigned else ""
