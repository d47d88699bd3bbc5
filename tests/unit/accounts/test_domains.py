from __future__ import annotations

import pytest

from service.accounts.domains import FREE_MAIL, normal_domain
from service.identity.models import RawIdentifier
from service.identity.normalising import Unusable, normalise


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        (" @ACME.com ", "acme.com"),
        ("Straße.DE", "straße.de"),
        ("xn--strae-oqa.de", "straße.de"),
        ("mail.acme.co.uk", "mail.acme.co.uk"),
    ],
)
def test_a_domain_is_spelled_as_addresses_at_it_are(text: str, domain: str) -> None:
    assert normal_domain(text) == domain
    address = normalise(RawIdentifier("email", f"ann@{text.strip().removeprefix('@')}")).value
    assert address == f"ann@{domain}"


@pytest.mark.parametrize("text", ["", "acme", "ann@acme.com", "a b.com", "acme..com", "-.com", "x" * 300 + ".com"])
def test_what_is_not_a_domain_is_refused(text: str) -> None:
    with pytest.raises(Unusable) as caught:
        normal_domain(text)
    assert caught.value.message == "not a domain; write what follows the @ of an address, such as acme.com"


def test_domains_of_free_mail_are_in_their_one_spelling() -> None:
    assert {"gmail.com", "mail.ru", "outlook.com", "yandex.ru", "qq.com", "gmx.de"} <= FREE_MAIL
    assert all(normal_domain(domain) == domain for domain in FREE_MAIL)
