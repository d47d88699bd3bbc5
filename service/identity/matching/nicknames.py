"""Which given names are the same name: Bob and Robert, Саша and Александр. Pure.

English names are those of the package `nicknames`. Russian ones are the everyday forms that any dictionary of
personal names gives (N. A. Petrovsky, Dictionary of Russian personal names, 1966), only those in common use.
A short form may stand for several names (Саша for Александр and Александра): two names are the same where one name
may stand behind both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from nicknames import name_triplets

from service.identity.names import sound

_RUSSIAN: Final = """
aleksandr sasha sanya shura alik; aleksandra sasha sanya shura; aleksey lesha alesha; anastasiya nastya asya;
andrey andryusha; anna anya nyura anyuta; anton tosha; artem tema; boris borya; valentin valya; valentina valya;
valeriy valera; varvara varya; vasiliy vasya; vera verochka; viktor vitya; viktoriya vika; vitaliy vitalik;
vladimir vova volodya; vladislav vlad vladik slava; vyacheslav slava; galina galya; georgiy gosha zhora;
grigoriy grisha; darya dasha; denis deniska; dmitriy dima mitya; evgeniy zhenya; evgeniya zhenya;
ekaterina katya; elena lena; elizaveta liza; ivan vanya; ilya ilyusha; irina ira; kirill kirya;
konstantin kostya; kseniya ksyusha; larisa lara; leonid lenya; lidiya lida; lyubov lyuba; lyudmila lyuda mila;
maksim maks; margarita rita; mariya masha marusya; mikhail misha; nadezhda nadya; natalya natasha nata;
nikolay kolya; oksana ksyusha; olga olya; pavel pasha; petr petya; raisa raya; roman roma; svetlana sveta;
semen sema; sergey serezha; sofya sonya; stanislav stas slava; stepan stepa; tamara toma; tatyana tanya;
timofey tima; fedor fedya; eduard edik; yuliya yulya; yuriy yura; yakov yasha
"""


def _groups() -> dict[str, set[str]]:
    """Which names may stand behind a name, itself among them, all as they sound."""
    behind: dict[str, set[str]] = {}

    def enter(name: str, short: str) -> None:
        behind.setdefault(sound(name), set()).add(sound(name))
        behind.setdefault(sound(short), {sound(short)}).add(sound(name))

    for name, _, short in name_triplets():
        enter(name, short)
    for group in _RUSSIAN.split(";"):
        name, *shorts = group.split()
        for short in shorts:
            enter(name, short)
    return behind


@lru_cache(maxsize=1)
def _behind() -> dict[str, frozenset[str]]:
    return {heard: frozenset(names) for heard, names in _groups().items()}


def names_behind(heard: str) -> frozenset[str]:
    """The names, as they sound, that a given name as it sounds may stand for; none where it is not in the tables.

    >>> sound("robert") in names_behind(sound("bob"))
    True
    """
    return _behind().get(heard, frozenset())
