"""Which sort of field a column, or an attribute, is by its name: in ten languages, as people write them. Pure.

A name is taken apart into words (`customerFirst_name 2` is customer, first, name), and its phrases, runs of words,
are looked up. The rule, in this order:

1. A phrase that is known to be no field of the person (`user name`, `street number`), or a word for somebody else
   (`mother`, `emergency`): none. So is what is only said of a field (`email verified`), or the id of a thing.
2. The phrase with the most words; of those with as many, the last: `home phone city` is a city.
3. Words that many things have, above all `name` and `address`, count only if all other words say no more than
   whose it is: `billing name` is a name, `product name` is not.
4. Han is written without spaces: the longest phrase that the name ends in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from service.identity.matching.sorts import Sort

_WORDS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])")
_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['’ʼ`]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_SHORTEST_HAN_PHRASE: Final = 2
_LONGEST_PHRASE: Final = 5
"""Words of the longest phrase: numéro de sécurité sociale, and one to spare."""


def folded(name: str) -> str:
    """Lower case, letters and digits only, without marks: how names are looked up.

    >>> folded("Prénom"), folded("e-mail"), folded("Дата рождения")
    ('prenom', 'email', 'датарождения')
    """
    return "".join(one for one in _plain(name) if one.isalnum())


def _plain(text: str) -> str:
    lowered = unicodedata.normalize("NFKD", text).casefold().replace("ł", "l").replace("ø", "o")
    return _MARKS.sub("", lowered)


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a name, folded; digits are none of them.

    >>> words("customerFirst_name 2")
    ('customer', 'first', 'name')
    """
    apart = _HUMP.sub(" ", _APOSTROPHES.sub("", unicodedata.normalize("NFC", name)))
    return tuple(_WORDS.findall(_plain(apart)))


def _table(texts: Mapping[Sort, str]) -> dict[str, Sort]:
    return {folded(phrase): sort for sort, text in texts.items() for phrase in _phrases(text)}


def _folded(text: str) -> frozenset[str]:
    return frozenset(map(folded, _phrases(text)))


def _phrases(text: str) -> Iterator[str]:
    return (stripped for phrase in text.replace("\n", ",").split(",") if (stripped := phrase.strip()))


_FIELDS: Final[Mapping[Sort, str]] = {
    Sort.FULL_NAME: """
        full name, complete name, display name, whole name, first and surname, first and last name, first last,
        last first, name full, person name, customer name, client name, contact name, patient name,
        member name, cardholder, cardholder name, account holder, vollständiger name, ganzer name,
        vor und nachname, kundenname, nom complet, nom et prénom, prénom nom, nombre completo,
        nombre y apellidos, nombres y apellidos, nome completo, nome e cognome, nominativo, imię i nazwisko,
        фио, ф и о, полное имя, имя и фамилия, фамилия и имя, фамилия имя, имя фамилия, фамилия имя отчество,
        fio, піб, п і б, повне імя, імя та прізвище, прізвище та імя, прізвище імя по батькові, 姓名, 全名,
        名称, 联系人, 聯絡人, 收货人, 收件人
    """,
    Sort.GIVEN_NAME: """
        first name, fname, f name, given name, given names, forename, forenames, name first, name given,
        christian name, preferred name, vorname, vornamen, rufname, prénom, prénoms, primer nombre,
        nombre de pila, nombres, prenome, primeiro nome, imię, imiona, імя, імена, imya, 名字
    """,
    Sort.MIDDLE_NAME: """
        middle name, middle names, mname, m name, middle initial, second name, name middle, patronymic,
        zweiter vorname, mittelname, deuxième prénom, segundo nombre, secondo nome, segundo nome, nome do meio,
        drugie imię, отчество, по батькові, otchestvo, 中间名
    """,
    Sort.FAMILY_NAME: """
        last name, lname, l name, surname, sur name, sname, family name, name last, name family, maiden name,
        birth name, nachname, familienname, zuname, geburtsname, nom de famille, nom de naissance, patronyme,
        apellido, apellidos, primer apellido, segundo apellido, apellido paterno, apellido materno, cognome,
        sobrenome, apelido, último nome, nazwisko, nazwisko rodowe, фамилия, девичья фамилия, прізвище,
        familiya, 姓氏
    """,
    Sort.BIRTH_DATE: """
        birth date, date of birth, birthday, dob, d o b, bday, birth day, birth dt, date birth, dt of birth,
        born, born on, birth, geburtsdatum, geburtstag, geb datum, geboren am, date de naissance, né le,
        date naissance, naissance, fecha de nacimiento, fecha nacimiento, nacimiento, fecha nac,
        data di nascita, data nascita, nato il, data de nascimento, data nascimento, nascimento,
        data urodzenia, urodzenia, дата рождения, дата рожд, день рождения, др, д р, родился, дата народження,
        день народження, 出生日期, 生日, 出生年月日, 出生年月, 出生
    """,
    Sort.EMAIL: """
        email, e mail, mail, email address, e mail address, mail address, email addr, e mail adresse,
        mailadresse, courriel, adresse mail, adresse électronique, adresse courriel, correo,
        correo electrónico, posta elettronica, indirizzo email, correio eletrônico, correio electrónico,
        poczta, adres email, почта, электронная почта, эл почта, емейл, имейл, мейл, емайл, эл адрес,
        адрес электронной почты, електронна пошта, пошта, ел пошта, адреса електронної пошти, 邮箱, 电子邮箱,
        电子邮件, 邮件, 电邮, 邮件地址, 郵箱, 電子郵件, 電子信箱, 信箱, 電郵
    """,
    Sort.PHONE: """
        phone, telephone, tel, phone number, phone no, phone num, telephone number, tel no, mobile,
        mobile phone, mobile number, mobile no, cell, cell phone, cellphone, cell number, msisdn, fax,
        landline, whatsapp, viber, telefon, telefonnummer, tel nr, handy, handynummer, mobil, mobiltelefon,
        mobilnummer, rufnummer, festnetz, téléphone, numéro de téléphone, téléphone portable, teléfono,
        número de teléfono, móvil, celular, telefono, cellulare, numero di telefono, telefone, telemóvel,
        número de telefone, numer telefonu, komórka, telefon komórkowy, телефон, номер телефона, тел, моб,
        моб тел, мобильный, мобильный телефон, сотовый, мобільний, мобільний телефон, номер телефону, 电话,
        电话号码, 手机, 手机号, 手机号码, 联系电话, 联系方式, 電話, 電話號碼, 手機, 手機號碼, 聯絡電話
    """,
    Sort.STREET: """
        street, street address, address line, addr line, street name, address street, straße, anschrift,
        straßenname, straße und hausnummer, straße hausnummer, straße nr, str nr, rue, nom de rue, calle,
        domicilio, indirizzo, rua, endereço, morada, logradouro, dirección, ulica, улица, вулиця, 街道, 地址,
        详细地址, 住址, 家庭住址, 通讯地址, 詳細地址, 通訊地址, 街
    """,
    Sort.CITY: """
        city, town, suburb, locality, municipality, village, city name, town name, birth place, place of birth,
        birthplace, city of birth, birth city, town of birth, birth town, residence, place of residence,
        post town, hometown, home town, wohnort, stadt, gemeinde, ortsname, geburtsort, ville, commune,
        localité, lieu de naissance, ville de naissance, ciudad, localidad, municipio, población,
        lugar de nacimiento, città, comune, luogo di nascita, comune di nascita, cidade, município, localidade,
        local de nascimento, naturalidade, miasto, miejscowość, miejsce urodzenia, gmina, город,
        населенный пункт, нас пункт, место рождения, город рождения, місто, населений пункт, місце народження,
        城市, 城市名称, 所在城市, 出生地, 籍贯, 市
    """,
    Sort.POSTCODE: """
        postcode, post code, postal code, postal, zip, zip code, zip postal, zip postal code, pin code, plz,
        postleitzahl, code postal, código postal, cod postal, cep, kod pocztowy, индекс, почтовый индекс,
        індекс, поштовий індекс, 邮编, 邮政编码, 郵編, 郵遞區號
    """,
    Sort.SEX: """
        sex, gender, geschlecht, sexe, sexo, género, sesso, gênero, płeć, пол, стать, 性别, 性別
    """,
    Sort.COMPANY: """
        company, company name, employer, employer name, organisation, organization, organisation name,
        organization name, org name, business name, firm, firm name, account name, workplace, place of work,
        firma, firmenname, unternehmen, arbeitgeber, société, entreprise, raison sociale, employeur, empresa,
        nombre de la empresa, razón social, organización, azienda, ditta, ragione sociale, società,
        nome da empresa, razão social, pracodawca, nazwa firmy, przedsiębiorstwo, компания, организация, фирма,
        название компании, наименование организации, работодатель, место работы, компанія, організація, фірма,
        роботодавець, місце роботи, назва компанії, 公司, 公司名称, 单位, 工作单位, 企业, 企业名称, 公司名稱,
        單位
    """,
    Sort.NATIONAL_ID: """
        national id, national identity, national insurance, ni number, nino, national number, identity number,
        identity card, id card, id number, ssn, soc sec, soc sec id, soc sec no, social security,
        social security number, tax id, tax number, tax no, passport, passport number, passport no,
        driving licence, driver license, drivers license, driver licence, medicare, nhs, nhs number, aadhaar,
        aadhar, ausweisnummer, personalausweis, reisepass, steuernummer, steuer id, sozialversicherungsnummer,
        svnr, ahv, numéro de sécurité sociale, sécurité sociale, insee, carte identité, dni, nif, curp, rfc,
        cédula, codice fiscale, cpf, bilhete de identidade, pesel, nip, dowód osobisty, паспорт,
        номер паспорта, серия и номер паспорта, инн, снилс, inn, snils, іпн, рнокпп, ідентифікаційний код,
        документ, 身份证, 身份证号, 身份证号码, 护照, 护照号, 护照号码, 证件号, 证件号码, 身分證, 身份證,
        身份證號碼, 護照
    """,
}
"""Phrases that name a field wherever in a name they stand."""

_BARE: Final[Mapping[Sort, str]] = {
    Sort.FULL_NAME: "name, customer, client, person, patient, contact, имя клиента, клиент, контакт, клієнт",
    Sort.GIVEN_NAME: "first, given, nombre, nome, имя, 名",
    Sort.MIDDLE_NAME: "middle",
    Sort.FAMILY_NAME: "last, family, nom, 姓",
    Sort.BIRTH_DATE: "geb",
    Sort.PHONE: "portable",
    Sort.STREET: "address, addr, adresse, adres, адрес, адреса, str, via, ул, вул",
    Sort.CITY: "ort",
    Sort.POSTCODE: "cp, cap",
    Sort.SEX: "genre, genere",
    Sort.COMPANY: "org, business",
    Sort.NATIONAL_ID: "sin, tin, nir, nie, cf",
}
"""Words that name a field only where nothing else is said but whose it is."""

_OWNERS: Final = _folded(
    """
    customer, client, contact, person, people, personal, patient, member, guest, user, subscriber, buyer, lead,
    applicant, student, employee, account, my, your, home, work, private, billing, bill, invoice, shipping, ship,
    delivery, mailing, postal, permanent, residential, current, primary, main, alternate, alt, secondary, other,
    default, new, old, original, raw, clean, fake, to, the, of, line, c, rec, src, kunde, kunden, privat, adresse,
    cliente, paciente, klienta, klient, клиента, клиент, покупателя, пациента, контакта, клієнта, пацієнта,
    проживания, регистрации, прописки, доставки, проживання, реєстрації, zamieszkania, zameldowania,
    korrespondencji
    """
)
"""Words that say whose, or which, a field is."""

_OF_OTHERS: Final = _folded(
    """
    mother, mothers, father, fathers, spouse, spouses, partner, wife, husband, emergency, parent, parents,
    guardian, manager, supervisor, boss, referrer, referred, agent, doctor, physician, seller, sender,
    salesperson, nominee, kin, mutter, vater, ehepartner, mère, père, madre, padre, mãe, matki, ojca, мать,
    матери, отец, отца, супруг, супруга, менеджер, менеджера, мати, матері, батька
    """
)

_SAID_OF_FIELDS: Final = _folded(
    """
    is, has, verified, confirmed, valid, validated, status, type, opt, optin, consent, flag, count, sent, bounced,
    hash, hashed, md, sha, domain, suffix, prefix, extension, ext, created, updated, modified, source, score,
    country, state, region, province, county, area, lat, latitude, lon, lng, longitude, length, language, format
    """
)
"""A name with one of these says something of a field, or is of a larger place."""

_NO_FIELDS: Final = _folded(
    """
    user name, login, nickname, nick, screen name, file name, host name, domain name, ip address, mac address,
    web address, website, url, street number, street no, house number, house no, house num, building number,
    flat number, apartment number, hausnummer, haus nr, дом, номер дома, номер будинку, birth year, year of birth,
    birth month, month of birth, geburtsjahr, geburtsland, год рождения, рік народження, rok urodzenia,
    time zone, phone code, dial code, company size, date of death, death date, дата смерти, post office,
    mobile app, mobile os, логин, никнейм, псевдоним, 用户名, 登录名, 昵称, 年龄, 国家, 省份, 国籍, 门牌号,
    产品名称, 商品名称
    """
)
"""Phrases that look like a field of the person, and are none."""

_KEYS: Final = frozenset(("id", "ids", "uuid", "guid", "key"))
"""What ends in one of these names a thing, such as `city_id`, except where the thing is the value."""
_NAMED_BY_ID: Final = frozenset((Sort.EMAIL, Sort.NATIONAL_ID))

_GENERIC: Final = _table(_BARE)
_KNOWN: Final = _table(_FIELDS)

ATTRIBUTES: Final[Mapping[str, Sort]] = {**_GENERIC, **_KNOWN}
"""The sort of every name that is known as it is, folded."""


@lru_cache(maxsize=4096)
def sort_of(name: str) -> Sort | None:
    """The sort of field that a name tells of; None for a name that says nothing of the person that is known.

    >>> sort_of("customer_first_name"), sort_of("Дата рождения"), sort_of("product_name")
    (<Sort.GIVEN_NAME: 'given name'>, <Sort.BIRTH_DATE: 'birth date'>, None)
    """
    parts = words(name)
    if not parts or _is_of_no_field(parts):
        return None
    found = _phrase(parts) or _bare(parts) or _han(parts[-1])
    return None if parts[-1] in _KEYS and found not in _NAMED_BY_ID else found


def _is_of_no_field(parts: Sequence[str]) -> bool:
    if any(part in _OF_OTHERS for part in parts):
        return True
    if "".join(parts) in ATTRIBUTES:
        return False
    runs = {run for run, _, _ in _runs(parts)}
    return bool(runs & _NO_FIELDS) or any(part in _SAID_OF_FIELDS for part in parts)


def _runs(parts: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Every run of words as one text, with its number of words and where it ends."""
    for start in range(len(parts)):
        for end in range(start + 1, min(len(parts), start + _LONGEST_PHRASE) + 1):
            yield "".join(parts[start:end]), end - start, end


def _phrase(parts: Sequence[str]) -> Sort | None:
    found = [(size, end, _KNOWN[run]) for run, size, end in _runs(parts) if run in _KNOWN]
    return max(found, key=lambda one: one[:2])[2] if found else None


def _bare(parts: Sequence[str]) -> Sort | None:
    whole = _GENERIC.get("".join(parts))
    if whole is not None:
        return whole
    said = [part for part in parts if part not in _OWNERS]
    return _GENERIC.get("".join(said)) if said else None


def _han(word: str) -> Sort | None:
    if not _HAN.fullmatch(word):
        return None
    ends = (word[start:] for start in range(len(word) - _SHORTEST_HAN_PHRASE + 1))
    known = next((end for end in ends if end in _KNOWN or end in _NO_FIELDS), "")
    return _KNOWN.get(known)


def is_bare(name: str) -> bool:
    """Whether a name says its sort only for want of more: `name`, or `nombre`, may be a whole name or a part."""
    return _phrase(words(name)) is None and _bare(words(name)) is not None
