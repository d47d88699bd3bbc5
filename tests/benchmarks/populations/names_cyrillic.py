"""Russian and Ukrainian names and towns, and the ways of writing them in Latin letters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from tests.benchmarks.populations.chance import Chance, Ranked, words

MALE = words("""
Александр Сергей Дмитрий Андрей Алексей Максим Иван Михаил Евгений Владимир Николай Артём Игорь Юрий Олег Павел
Роман Константин Антон Виктор Илья Денис Кирилл Никита Василий Пётр Анатолий Станислав Вячеслав Владислав Борис
Григорий Руслан Вадим Леонид Тимур Егор Степан Фёдор Даниил Матвей Валерий Геннадий Георгий Валентин Виталий
Ярослав Глеб Семён Тимофей Марк Лев Арсений Богдан Эдуард Герман Аркадий Святослав Захар Марат Ренат Ростислав
Яков Макар Всеволод Филипп Тарас Остап Эмиль Савелий Платон Демьян Родион Назар Лука Давид Артур Альберт Рустам
Игнат Мирон Клим Прохор Аристарх
""")
FEMALE = words("""
Елена Ольга Наталья Анна Татьяна Мария Ирина Екатерина Юлия Светлана Анастасия Марина Людмила Дарья Валентина
Надежда Галина Виктория Любовь Ксения Оксана Евгения Вера Александра Алина Алёна Полина Нина Тамара София
Вероника Кристина Лариса Инна Яна Жанна Лидия Зинаида Раиса Маргарита Антонина Диана Елизавета Варвара Арина
Кира Василиса Ульяна Зоя Эльвира Регина Милана Снежана Лилия Роза Эмма Ангелина Карина Валерия Олеся Богдана
Ярослава Злата Таисия Римма Майя Альбина Инга Лада Нелли Руслана Камила Эвелина Аделина Стефания Мирослава Нонна
Клавдия Агата Анжела Ева Прасковья
""")
SHORT = {
    "Александр": ["Саша", "Шура"], "Александра": ["Саша", "Шура"], "Сергей": ["Серёжа"], "Дмитрий": ["Дима",
    "Митя"],
    "Андрей": ["Андрюша"], "Алексей": ["Алёша", "Лёша"], "Иван": ["Ваня"], "Михаил": ["Миша"], "Евгений": ["Женя"],
    "Владимир": ["Вова", "Володя"], "Николай": ["Коля"], "Юрий": ["Юра"], "Павел": ["Паша"],
    "Константин": ["Костя"],
    "Пётр": ["Петя"], "Григорий": ["Гриша"], "Елена": ["Лена"], "Ольга": ["Оля"], "Наталья": ["Наташа"],
    "Анна": ["Аня"], "Татьяна": ["Таня"], "Мария": ["Маша"], "Ирина": ["Ира"], "Екатерина": ["Катя"],
    "Юлия": ["Юля"], "Светлана": ["Света"], "Анастасия": ["Настя"], "Людмила": ["Люда"], "Дарья": ["Даша"],
    "Надежда": ["Надя"], "Любовь": ["Люба"], "София": ["Соня"], "Евгения": ["Женя"], "Елизавета": ["Лиза"],
}  # fmt: skip
# As the same name is known in other languages.
ABROAD = {
    "Александр": "Alexander", "Михаил": "Michael", "Андрей": "Andrew", "Павел": "Paul", "Пётр": "Peter",
    "Николай": "Nicholas", "Юлия": "Julia", "Мария": "Maria", "Екатерина": "Catherine", "Елена": "Helen",
    "Анна": "Anna", "София": "Sophia", "Виктория": "Victoria", "Евгений": "Eugene", "Александра": "Alexandra",
}  # fmt: skip
UKRAINIAN = {
    "Александр": "Олександр", "Сергей": "Сергій", "Дмитрий": "Дмитро", "Андрей": "Андрій", "Алексей": "Олексій",
    "Владимир": "Володимир", "Николай": "Микола", "Михаил": "Михайло", "Василий": "Василь", "Елена": "Олена",
    "Екатерина": "Катерина", "Наталья": "Наталія", "Юлия": "Юлія", "Мария": "Марія", "Татьяна": "Тетяна",
    "Виктория": "Вікторія", "Ирина": "Ірина", "Юрий": "Юрій", "Евгений": "Євген", "Игорь": "Ігор",
}  # fmt: skip
_COMMON = words("""
Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев
Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов
Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин
Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров
Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов
Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов
Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв Быков Маслов Родионов Коновалов Лазарев Воронин Климов
Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов Журавлёв Овчинников Трофимов Леонов Соболев Ермаков
Колесников Гончаров Емельянов Никифоров Грачёв Котов Гришин Ефремов Архипов Громов Кириллов Малышев Панов
Моисеев Румянцев Акимов Кондратьев Бирюков Горбунов Анисимов Ерёмин Шевченко Коваленко Бондаренко Ткаченко
Кравченко Ковальчук Олейник Шевчук Полищук Бондарь Мельник Кравчук Достоевский Вишневский Каминский Яворский
Левицкий Хмельницкий Чайковский Жуковский Покровский Успенский Цветаев Юдин Шишкин
""")
_ROOTS = words("""
Бел Черн Красн Бобр Волк Ворон Галк Голуб Гор Дуб Жар Зуб Камен Карп Кот Крав Лап Лис Лук Мах Мель Мух Остр Пан
Пес Пет Рыб Сав Сок Стар Стеб Тар Тих Трав Туч Ушак Хват Хом Цап Чуб Шап Шуб Щук Юр Яр Бог Зим Кузь Дем Рад
""")
_ENDINGS = words("ов ин ский енко ук ко кин ников овский енков ицкий ейко")
SURNAMES = [*_COMMON, *dict.fromkeys(root + ending for root, ending in product(_ROOTS, _ENDINGS))]

# Each town as one writes it: first in Cyrillic letters, then in Latin ones.
TOWNS = [
    (["Москва"], ["Moscow", "Moskva", "Moskau"]), (["Киев", "Київ"], ["Kyiv", "Kiev", "Kiew"]),
    (["Санкт-Петербург", "Петербург"], ["Saint Petersburg", "St. Petersburg", "Sankt-Peterburg"]),
    (["Харьков", "Харків"], ["Kharkiv", "Kharkov", "Charkow"]), (["Одесса", "Одеса"], ["Odesa", "Odessa"]),
    (["Минск", "Мінск"], ["Minsk"]), (["Новосибирск"], ["Novosibirsk", "Nowosibirsk"]),
    (["Екатеринбург"], ["Yekaterinburg", "Ekaterinburg"]), (["Нижний Новгород"], ["Nizhny Novgorod"]),
    (["Днепр", "Дніпро"], ["Dnipro", "Dnepr"]), (["Львов", "Львів"], ["Lviv", "Lvov", "Lemberg"]),
    (["Казань"], ["Kazan", "Kasan"]), (["Челябинск"], ["Chelyabinsk", "Tscheljabinsk"]), (["Омск"], ["Omsk"]),
    (["Ростов-на-Дону", "Ростов"], ["Rostov-on-Don", "Rostov"]), (["Алматы"], ["Almaty", "Alma-Ata"]),
]  # fmt: skip

# Where one dials which code, and the digits before one's own within the country; elsewhere Russia's.
UKRAINE = ("Киев", "Харьков", "Одесса", "Днепр", "Львов")
CODES = {**dict.fromkeys(UKRAINE, ("380", "0")), "Минск": ("375", "80")}

_LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"


def _table(latin: str) -> dict[int, str]:
    """Latin for each letter in order, * for none."""
    table = dict(zip(_LETTERS, ("" if part == "*" else part for part in latin.split()), strict=True))
    table |= {letter.upper(): part[:1].upper() + part[1:] for letter, part in table.items()}
    return str.maketrans(table)


_PASSPORT = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y * e iu ia i i ie g"
_TABLES = {
    "passport": _table(_PASSPORT),
    "english": _table("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch * y * e yu ya i yi ye g"),
    "gost": _table("a b v g d e yo zh z i j k l m n o p r s t u f x c ch sh shh '' y ' e yu ya i yi ye g"),
    "german": _table(
        "a b w g d e jo sch s i j k l m n o p r s t u f ch z tsch sch schtsch * y * e ju ja i ji je g"
    ),
    "french": _table("a b v g d e io j z i i k l m n o p r s t ou f kh ts tch ch chtch * y * e iou ia i i ie g"),
    "iso9": _table("a b v g d e ë ž z i j k l m n o p r s t u f h c č š ŝ ʺ y ʹ è û â ì ï ê g"),
}
SYSTEMS = {"english": 4, "passport": 4, "german": 2, "french": 1.5, "gost": 1.5, "iso9": 1}


def romanised(text: str, system: str) -> str:
    """A name in Latin letters as that country or standard writes it."""
    if system in ("english", "german") and text.endswith(("ий", "ый")):
        text = text[:-2] + "ы"
    latin = text.translate(_TABLES[system])
    return latin + "e" if system == "french" and latin.endswith("in") else latin


_GIVEN = {"m": Ranked(MALE, 3), "f": Ranked(FEMALE, 3)}
_SURNAME = Ranked(SURNAMES, 3)


@dataclass(frozen=True, slots=True)
class Slav:
    """A name's three parts, in the form for a man or a woman."""

    given: str
    patronymic: str
    surname: str


def slav(chance: Chance, sex: str, surname: str = "") -> Slav:
    """Somebody; a surname is given in the form for men."""
    surname = surname or chance.ranked(_SURNAME)
    father = chance.ranked(_GIVEN["m"])
    return Slav(chance.ranked(_GIVEN[sex]), _patronymic(father, sex), feminine(surname) if sex == "f" else surname)


def feminine(surname: str) -> str:
    """The surname of a woman: Щербаков, Щербакова; Левицкий, Левицкая; Шевченко stays."""
    if surname.endswith(("ий", "ый")):
        return surname[:-2] + "ая"
    return surname + "а" if surname.endswith(("ов", "ев", "ёв", "ин", "ын")) else surname


# Father's names whose patronymics are not formed by the rule: the son's and the daughter's ending.
_IRREGULAR = {
    "Илья": ("Ильич", "Ильинична"), "Никита": ("Никитич", "Никитична"), "Лука": ("Лукич", "Лукинична"),
    "Павел": ("Павлович", "Павловна"), "Лев": ("Львович", "Львовна"), "Яков": ("Яковлевич", "Яковлевна"),
    "Пётр": ("Петрович", "Петровна"), "Михаил": ("Михайлович", "Михайловна"),
}  # fmt: skip


def _patronymic(father: str, sex: str) -> str:
    if father in _IRREGULAR:
        return _IRREGULAR[father][sex == "f"]
    if father.endswith("ий"):
        stem = father[:-2] + "ьев"
    else:
        stem = father[:-1] + "ев" if father.endswith(("й", "ь")) else father + "ов"
    return stem + ("ич" if sex == "m" else "на")
