"""Which given names are the same name: Bob and Robert, Саша and Александр. Pure.

English names are those of the package `nicknames`. Russian ones are the everyday forms that any dictionary of
personal names gives (N. A. Petrovsky, Dictionary of Russian personal names, 1966), only those in common use, with
what the name is in English where it is another word.
A short form may stand for several names (Саша for Александр and Александра): two names are the same where one name
may stand behind both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from nicknames import name_triplets

from service.identity.names import sound

_RUSSIAN: Final = """
aleksandr alexander sasha sanya shura alik; aleksandra alexandra sasha sanya shura; aleksey lesha alesha;
anastasiya nastya asya; andrey andrew andryusha; anna anya nyura anyuta; anton tosha; artem artyom tema;
boris borya; valentin valya; valentina valya; valeriy valera; varvara varya; vasiliy vasya; vera verochka;
viktor vitya; viktoriya vika; vitaliy vitalik; vladimir vova volodya; vladislav vlad vladik slava;
vyacheslav slava; galina galya; georgiy george gosha zhora; grigoriy grisha; darya daria dasha; denis deniska;
dmitriy dima mitya; evgeniy eugene zhenya; evgeniya zhenya; ekaterina catherine katya; elena helen helena lena;
elizaveta liza; ivan john vanya; ilya ilyusha; irina ira; kirill kirya; konstantin kostya;
kseniya xenia ksyusha; larisa lara; leonid lenya; lidiya lida; lyubov lyuba; lyudmila lyuda mila; maksim maks;
margarita rita; mariya masha marusya; mikhail michael misha; nadezhda nadya; natalya natasha nata;
nikolay nicholas nick kolya; oksana ksyusha; olga olya; pavel paul pasha; petr peter petya; raisa raya;
roman roma; svetlana sveta; semen sema; sergey serezha; sofya sophia sophie sonya; stanislav stas slava;
stepan stephen stepa; tamara toma; tatyana tanya; timofey tima; fedor theodore fedya; eduard edik; yuliya yulya;
yuriy george yura; yakov jacob yasha
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
