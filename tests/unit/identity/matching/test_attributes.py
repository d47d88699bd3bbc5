"""Headers as people write them, in all the languages that are promised."""

from __future__ import annotations

import pytest

from service.identity.matching.attributes import ATTRIBUTES, folded, is_bare, sort_of, words
from service.identity.matching.sorts import Sort

HEADERS: dict[Sort, tuple[str, ...]] = {
    Sort.FULL_NAME: (
        *(
            "name",
            "Name",
            "full_name",
            "fullName",
            "first_and_surname",
            "customerName",
            "contact name",
            "Kundenname",
        ),
        *(
            "nom complet",
            "Nombre y apellidos",
            "ФИО",
            "фио",
            "Ф.И.О.",
            "ФИО клиента",
            "ПІБ",
            "Imię i nazwisko",
            "姓名",
        ),
        *("客户姓名", "name_1", "billing_name"),
    ),
    Sort.GIVEN_NAME: (
        *(
            "first_name",
            "FirstName",
            "FIRSTNAME",
            "fname",
            "fname_c1",
            "given_name",
            "forename",
            "customer_first_name",
        ),
        *("Vorname", "prénom", "Prenom", "nombre", "nome", "Imię", "имя", "Ім'я", "Імʼя", "名"),
    ),
    Sort.MIDDLE_NAME: ("middle_name", "Middle Initial", "patronymic", "Отчество", "По батькові", "mname"),
    Sort.FAMILY_NAME: (
        *(
            "surname",
            "last name",
            "lastName",
            "lname",
            "family_name",
            "maiden_name",
            "Nachname",
            "Nom de famille",
            "nom",
        ),
        *("apellidos", "cognome", "sobrenome", "Nazwisko", "Фамилия", "Прізвище", "姓", "姓氏"),
    ),
    Sort.BIRTH_DATE: (
        *(
            "dob",
            "DOB",
            "d.o.b.",
            "date_of_birth",
            "dateOfBirth",
            "birth_date",
            "birthday",
            "Birth Date (yyyy-mm-dd)",
        ),
        *("Geburtsdatum", "geb.", "Date de naissance", "fecha de nacimiento", "data di nascita", "Data urodzenia"),
        *("data de nascimento", "Дата рождения", "дата_рождения", "Дата народження", "出生日期", "生日"),
    ),
    Sort.EMAIL: (
        *(
            "email",
            "e_mail",
            "E-Mail",
            "E-Mail-Adresse",
            "email_1",
            "work email",
            "contactEmail",
            "Email ID",
            "mail",
        ),
        *(
            "courriel",
            "Correo electrónico",
            "почта",
            "Эл. почта",
            "адрес электронной почты",
            "пошта",
            "邮箱",
            "电子邮件",
        ),
    ),
    Sort.PHONE: (
        *(
            "phone",
            "phone2",
            "home_phone",
            "Phone Number (Home)",
            "mobile",
            "MobilePhone",
            "cell",
            "tel.",
            "Telefon",
        ),
        *(
            "Handynummer",
            "téléphone",
            "Teléfono",
            "cellulare",
            "Numer telefonu",
            "Телефон",
            "номер телефона клиента",
        ),
        *("мобильный", "телефон", "电话", "联系电话", "手机号码", "客户手机号码"),
    ),
    Sort.STREET: (
        *(
            "address",
            "address_1",
            "address_2",
            "street",
            "streetAddress",
            "Address Line 1",
            "billing address",
            "Straße",
        ),
        *(
            "strasse",
            "Straße und Hausnummer",
            "rue",
            "calle",
            "indirizzo",
            "ulica",
            "улица",
            "Адрес проживания",
            "地址",
        ),
    ),
    Sort.CITY: (
        *("city", "billing_city", "shipping address city", "town", "suburb", "ort", "Wohnort", "birth_place"),
        *(
            "place of birth",
            "City of birth",
            "Ville",
            "ciudad",
            "città",
            "miasto",
            "город",
            "Населённый пункт",
            "місто",
        ),
        *("城市", "home phone city"),
    ),
    Sort.POSTCODE: (
        *(
            "postcode",
            "postcode_fake",
            "zip",
            "ZIP+4",
            "zip/postal code",
            "PLZ",
            "code postal",
            "cap",
            "Kod pocztowy",
        ),
        *("индекс", "почтовый индекс", "邮编"),
    ),
    Sort.SEX: ("sex", "gender", "Geschlecht", "sexe", "género", "płeć", "plec", "пол", "Стать", "性别"),
    Sort.COMPANY: (
        *(
            "company",
            "company name",
            "employer",
            "organisation",
            "Firma",
            "société",
            "empresa",
            "компания",
            "公司",
        ),
        *("Место работы", "公司名称"),
    ),
    Sort.NATIONAL_ID: (
        "ssn",
        "soc_sec_id",
        "INN",
        "инн",
        "passport_no",
        "codice_fiscale",
        "PESEL",
        "CPF",
        "身份证号",
    ),
}

NO_FIELDS = (
    *("user name", "username", "login", "street_number", "house_no", "state", "country", "occupation", "id"),
    *("customer_id", "rec_id", "cluster", "product_name", "email_verified", "phone_type", "email_sent_at"),
    *("mother's maiden name", "emergency_contact_phone", "mère", "created_at", "order_date", "last_contact_date"),
    *(
        "city_id",
        "phone_country_code",
        "IP address",
        "用户名",
        "国家",
        "产品名称",
        "логин",
        "",
        "123",
        "birth month",
    ),
)


@pytest.mark.parametrize(("name", "sort"), [(name, sort) for sort, names in HEADERS.items() for name in names])
def test_a_header_tells_its_sort(name: str, sort: Sort) -> None:
    assert sort_of(name) is sort


@pytest.mark.parametrize("name", NO_FIELDS)
def test_what_is_no_field_of_the_person_has_no_sort(name: str) -> None:
    assert sort_of(name) is None


def test_every_known_name_has_its_sort_as_it_is() -> None:
    assert {name: sort_of(name) for name in ATTRIBUTES} == dict(ATTRIBUTES)


def test_names_are_taken_apart_into_words() -> None:
    assert words("customerFirst_name 2") == ("customer", "first", "name")
    assert words("Ім'я") == ("імя",) == words("Імʼя")
    assert words("XMLName") == ("xml", "name")


def test_marks_and_signs_are_folded() -> None:
    assert folded("Prénom") == "prenom"
    assert folded("e-mail") == "email"
    assert folded("Płeć") == "plec"
    assert folded("Straße") == "strasse"


def test_names_that_may_be_a_whole_or_a_part_are_bare() -> None:
    assert [name for name in ("name", "nom", "имя", "first_name", "фамилия", "phone") if is_bare(name)] == [
        "name",
        "nom",
        "имя",
    ]
