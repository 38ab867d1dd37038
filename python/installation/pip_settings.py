"""pip's settings for uv, which does not read them: indexes, wheels, proxy, certificates."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

# A setting of pip, the variable in which uv reads it, and what separates several values there.
VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", ""),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", ""),
    "client-cert": ("SSL_CLIENT_CERT", ""),
    "proxy": ("ALL_PROXY", ""),
}
# A later section overrides an earlier one.
SECTIONS = ("global", "install", ":env:")


def variables_for_uv(listing: str) -> dict[str, str]:
    """Translate what `pip config list` prints.

    pip takes the best version that any index has; uv does so only if it is asked to.
    """
    settings = read_settings(listing)
    variables = {}
    for name, (variable, separator) in VARIABLES.items():
        if values := settings.get(name, "").split():
            variables[variable] = separator.join(values) if separator else values[0]
    if "UV_INDEX" in variables:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


def read_settings(listing: str) -> Mapping[str, str]:
    """Each setting of pip by its name, such as {"find-links": "/opt/wheels"}."""
    found = re.findall(r"^([\w:]+)\.([\w-]+)=(['\"].*['\"])$", listing, re.MULTILINE)
    settings = {}
    for section in SECTIONS:
        for group, name, value in found:
            if group == section:
                settings[name] = str(ast.literal_eval(value))
    return settings
