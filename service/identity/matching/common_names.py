"""Given and family names that are common somewhere: they tell a column of names from one of other words. Pure.

Names are compared as they sound, so one spelling stands for those of all scripts. This is no list of all names,
and nobody is identified by it: it only has to meet a good part of any long column of names.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from service.identity.latin import tokens
from service.identity.names import sound

_GIVEN: Final = """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony
    mark donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan
    jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander
    patrick jack dennis jerry tyler aaron henry peter adam nathan zachary kyle walter harold jeremy ethan carl
    keith roger lucas liam noah oliver harry oscar arthur alfred albert frederick ernest herbert hugh edwin
    philip simon martin neil ian stuart graham colin alan lachlan mitchell cameron dylan angus hamish finn luke
    isaac callum connor owen mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy
    betty margaret sandra ashley kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie
    rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha
    katherine christine rachel carolyn janet maria catherine heather diane ruth julie olivia joyce virginia
    victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria
    teresa ann sara madison frances kathryn janice jean abigail alice julia sophia grace denise amber doris
    marilyn danielle beverly isabella theresa diana natalie charlotte chloe mia ella lily ruby sophie lucy jane
    georgia caitlin alexandra brianna imogen isabelle zoe ellie hans klaus jürgen wolfgang heinz günter karl
    stefan andreas uwe werner manfred dieter horst gerhard bernd felix jonas leon lukas maximilian sebastian
    florian matthias tobias jan ursula monika petra sabine renate helga karin brigitte ingrid erika christa
    gisela katharina johanna lena leonie marie heike anja pierre michel philippe alain nicolas christophe
    françois laurent frédéric olivier pascal jacques rené louis nathalie sylvie françoise valérie céline
    sandrine camille léa manon chloé aurélie élodie antonio josé manuel francisco juan javier carlos miguel
    ángel rafael luis jesús pedro alejandro fernando pablo jorge ramón sergio diego carmen josefa dolores pilar
    isabel cristina marta lucía elena rosa ana beatriz giuseppe giovanni mario luigi angelo vincenzo pietro
    salvatore francesco marco alessandro lorenzo matteo giulia chiara francesca martina valentina paola
    antonella giovanna joão paulo tiago inês mariana catarina andrzej piotr krzysztof stanisław tomasz paweł
    marcin michał marek grzegorz łukasz wojciech jakub agnieszka małgorzata katarzyna ewa krystyna magdalena
    joanna aleksandra zofia beata aleksandr sergey vladimir andrey aleksey dmitriy nikolay mikhail evgeniy ivan
    yuriy viktor igor oleg pavel anatoliy maksim denis roman vitaliy konstantin ilya kirill artem nikita vadim
    boris stanislav timofey gleb egor grigoriy olga tatyana natalya irina svetlana lyudmila galina ekaterina
    mariya yuliya anastasiya lyubov nadezhda oksana marina larisa darya kseniya polina alina viktoriya vera
    evgeniya kristina sofya alisa lidiya oleksandr serhiy volodymyr mykola andriy oleksiy dmytro yevhen vasyl
    bohdan taras ostap olena tetyana iryna kateryna halyna yuliia nataliia solomiya zoryana mohammed ahmed ali
    hassan hussein ibrahim omar yusuf fatima aisha maryam mehmet mustafa ayşe emine wei fang xiuying jing min
    lei jun yang yong jie xiaoming hong ming hua ping na tao qiang ying hui
"""
_FAMILY: Final = """
    smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson
    anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis
    robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera
    campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart
    morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim
    cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo
    sanders patel myers long ross foster davies shaw webb clarke ryan mason hunt palmer ellis chapman stevens
    matthews murray graham rose simpson marshall ford hamilton gibson mcdonald reid burns gordon webster coleman
    fisher bell dixon harvey müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer
    koch bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange
    schmitt werner krause meier lehmann bernard dubois robert petit durand leroy moreau simon laurent lefebvre
    michel bertrand roux vincent fournier girard bonnet dupont lambert fontaine rousseau fernández gonzález
    rodríguez lópez martínez sánchez pérez gómez jiménez hernández díaz moreno muñoz álvarez romero alonso
    navarro rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa
    giordano silva santos ferreira pereira oliveira nowak kowalski wiśniewski wójcik kowalczyk kamiński
    lewandowski zieliński szymański woźniak dąbrowski ivanov smirnov kuznetsov popov vasilev petrov sokolov
    mikhaylov novikov fedorov morozov volkov alekseev lebedev semenov egorov pavlov kozlov stepanov nikolaev
    orlov andreev makarov nikitin zakharov zaytsev solovev borisov melnyk shevchenko boyko kovalenko bondarenko
    tkachenko kravchenko oliynyk koval polishchuk bondar tkachuk wang li zhang liu chen yang zhao huang zhou wu
    xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao cheng cao yuan deng fu
    shen zeng peng su jiang cai jia ding wei xue ye yan pan du dai xia singh kumar sharma gupta khan ahmed
    yılmaz kaya demir tanaka suzuki sato watanabe park choi tran pham
"""
_FAMILY_ENDS: Final = (
    "ov",
    "ova",
    "ev",
    "eva",
    "enko",
    "chuk",
    "skii",
    "skiy",
    "skaya",
    "ska",
    "ski",
    "yan",
    "idze",
    "dottir",
)


def _sounds(text: str) -> frozenset[str]:
    return frozenset(sound(token) for name in text.split() for token in tokens(name))


_GIVEN_SOUNDS: Final = _sounds(_GIVEN)
_FAMILY_SOUNDS: Final = _sounds(_FAMILY)


@lru_cache(maxsize=65_536)
def has_given(text: str) -> bool:
    """Whether one of the words is a common given name."""
    return any(sound(token) in _GIVEN_SOUNDS for token in tokens(text))


@lru_cache(maxsize=65_536)
def has_family(text: str) -> bool:
    """Whether one of the words is a common family name, or ends as many do."""
    return any(sound(token) in _FAMILY_SOUNDS or token.endswith(_FAMILY_ENDS) for token in tokens(text))
