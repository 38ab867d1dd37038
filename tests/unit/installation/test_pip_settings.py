"""pip's settings, as uv reads them."""

from __future__ import annotations

from installation.pip_settings import variables_for_uv


def test_pips_settings_become_uvs() -> None:
    listing = """:env:.cert='/etc/ssl/ca.crt'
:env:.disable-pip-version-check='1'
global.extra-index-url='\\nfile:///a/simple\\nhttps://b/simple'
global.find-links='/wheels /more'
global.index-url="https://mirror/o'neil/simple"
install.trusted-host='b'
"""
    assert variables_for_uv(listing) == {
        "SSL_CERT_FILE": "/etc/ssl/ca.crt",
        "UV_DEFAULT_INDEX": "https://mirror/o'neil/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX": "file:///a/simple https://b/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "b",
    }


def test_a_setting_of_the_environment_overrides_one_of_install_and_that_a_global_one() -> None:
    listing = ":env:.find-links='/c'\ninstall.find-links='/b'\nglobal.find-links='/a'\n"
    assert variables_for_uv(listing)["UV_FIND_LINKS"] == "/c"
    assert variables_for_uv(listing.replace(":env:", "wheel"))["UV_FIND_LINKS"] == "/b"


def test_without_settings_there_are_no_variables() -> None:
    assert variables_for_uv("") == {}
