"""Domains of e-mail addresses: their one spelling, and those that say nothing about a company."""

from __future__ import annotations

from typing import Final

from service.errors import UserErrorCode
from service.identity.models import RawIdentifier
from service.identity.normalising import Unusable, normalise

# The services of Wikipedia's "Comparison of webmail providers", with the further domains that these give out, and
# what the large telephone and internet companies give their subscribers.
_NAMES: Final = """
126.com 139.com 163.com 21cn.com abv.bg aim.com aliyun.com aol.com att.net bellsouth.net bigpond.com bk.ru
bluewin.ch btinternet.com centrum.cz charter.net comcast.net cox.net daum.net duck.com earthlink.net email.cz
fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
googlemail.com hanmail.net hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it
hushmail.com icloud.com inbox.lv inbox.ru interia.pl internet.ru kakao.com laposte.net libero.it list.ru
live.co.uk live.com live.de live.fr live.nl lycos.com mac.com mail.com mail.de mail.ee mail.ru mailbox.org
me.com msn.com nate.com naver.com o2.pl onet.pl op.pl optonline.net orange.fr outlook.com outlook.de outlook.es
outlook.fr outlook.it outlook.jp pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com rambler.ru
rediffmail.com rocketmail.com runbox.com sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sohu.com
sympatico.ca t-online.de telenet.be terra.com.br tiscali.it tuta.com tutanota.com ukr.net uol.com.br verizon.net
virgilio.it wanadoo.fr web.de wp.pl ya.ru yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br
yahoo.de yahoo.es yahoo.fr yahoo.it yandex.by yandex.com yandex.kz yandex.ru yandex.ua yeah.net ymail.com
ziggo.nl zoho.com zohomail.com
"""
FREE_MAIL: Final = frozenset(_NAMES.split())
"""Domains at which anybody has an address."""


def normal_domain(text: str) -> str:
    """The one spelling of a domain, as addresses at it have it.

    Raises:
        Unusable: it is not a domain; its message says so.
    """
    domain = text.strip().removeprefix("@")
    if "@" not in domain:
        try:
            return domain_of(normalise(RawIdentifier("email", f"account@{domain}")).value)
        except Unusable:
            pass
    raise Unusable(UserErrorCode.INVALID, "not a domain; write what follows the @ of an address, such as acme.com")


def domain_of(address: str) -> str:
    """What follows the @ of an address in its one spelling."""
    return address.rpartition("@")[2]
