"""Invented people who fill in the quizzes: name, address under example.*, phone from a range kept for fiction."""

from dataclasses import dataclass
from typing import NamedTuple

from outgrow_nb.sandbox.draw import mix


class Culture(NamedTuple):
    """Names that go together; each name with its spelling for an e-mail address."""

    countries: tuple[str, ...]
    phone: str  # ranges that the regulators reserved for drama use; # stands for a digit
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    family_first: bool = False


def _plain(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name.lower().replace(" ", "").replace("'", "")) for name in names)


CULTURES: tuple[Culture, ...] = (
    Culture(
        ("United States", "United States", "Canada"),
        "+1 202-555-01##",
        _plain("Emma", "Liam", "Olivia", "Noah", "Grace", "Jack", "Chloe", "Ethan", "Ruby", "Mason", "Hazel", "Owen"),
        _plain("Walker", "Bennett", "Hughes", "Carter", "Brooks", "Foster", "O'Neill", "Price", "Reed", "Sutton"),
    ),
    Culture(
        ("United Kingdom", "Ireland"),
        "+44 20 7946 0###",
        _plain("Amelia", "Oscar", "Isla", "Alfie", "Freya", "Harry", "Maisie", "George", "Niamh", "Callum"),
        _plain("Clarke", "Davies", "Murphy", "Wright", "Thompson", "Lloyd", "Kelly", "Ward", "Fraser"),
    ),
    Culture(
        ("Germany", "Austria", "Switzerland"),
        "+49 30 23125 ###",
        (
            ("Jürgen", "juergen"),
            ("Anneliese", "anneliese"),
            ("Sören", "soeren"),
            ("Käthe", "kaethe"),
            ("Lukas", "lukas"),
        ),
        (("Müller", "mueller"), ("Schäfer", "schaefer"), ("Weiß", "weiss"), ("Köhler", "koehler"), ("Vogel", "vogel")),
    ),
    Culture(
        ("France", "Belgium"),
        "+33 1 99 00 ## ##",
        (("Zoé", "zoe"), ("François", "francois"), ("Élodie", "elodie"), ("Rémi", "remi"), ("Anaïs", "anais")),
        (("Lefèvre", "lefevre"), ("Moreau", "moreau"), ("Garnier", "garnier"), ("Château", "chateau")),
    ),
    Culture(
        ("Australia", "New Zealand"),
        "+61 491 570 1##",
        _plain("Matilda", "Cooper", "Sienna", "Lachlan", "Tahlia", "Angus"),
        _plain("Mitchell", "Nguyen", "Taylor", "Robinson", "Burke"),
    ),
    Culture(
        ("Poland",),
        "",
        (("Łukasz", "lukasz"), ("Małgorzata", "malgorzata"), ("Zofia", "zofia"), ("Paweł", "pawel")),
        (("Wiśniewska", "wisniewska"), ("Żak", "zak"), ("Kamiński", "kaminski"), ("Dąbrowska", "dabrowska")),
    ),
    Culture(
        ("Japan",),
        "",
        (("さくら", "sakura"), ("健太", "kenta"), ("美咲", "misaki"), ("翔", "sho")),
        (("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("渡辺", "watanabe")),
        family_first=True,
    ),
    Culture(
        ("China", "Taiwan", "Singapore"),
        "",
        (("静", "jing"), ("伟", "wei"), ("丽华", "lihua"), ("明", "ming")),
        (("李", "li"), ("王", "wang"), ("陈", "chen"), ("刘", "liu")),
        family_first=True,
    ),
    Culture(
        ("Ukraine", "Bulgaria"),
        "",
        (("Олена", "olena"), ("Андрій", "andriy"), ("Марія", "mariya"), ("Іван", "ivan")),
        (("Коваль", "koval"), ("Шевченко", "shevchenko"), ("Бондар", "bondar")),
    ),
    Culture(
        ("United Arab Emirates", "Jordan"),
        "",
        (("ليلى", "layla"), ("عمر", "omar"), ("فاطمة", "fatima"), ("يوسف", "yusuf")),
        (("الحداد", "alhaddad"), ("منصور", "mansour"), ("خليل", "khalil")),
    ),
    Culture(
        ("Greece", "Cyprus"),
        "",
        (("Ξένια", "xenia"), ("Νίκος", "nikos"), ("Ελένη", "eleni")),
        (("Παππάς", "pappas"), ("Γεωργίου", "georgiou"), ("Δήμου", "dimou")),
    ),
    Culture(
        ("India",),
        "",
        (("आरव", "aarav"), ("Priya", "priya"), ("अनन्या", "ananya"), ("Rohan", "rohan")),
        (("शर्मा", "sharma"), ("Patel", "patel"), ("Iyer", "iyer"), ("Gupta", "gupta")),
    ),
)
_SHARES = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11)
_DOMAINS = ("example.com", "example.com", "example.org", "example.net", "mail.example.com", "post.example.net")
_COMPANIES = (
    "Alder & Finch", "Bluebell Foods", "Cedar Point Dental", "Dovetail Joinery", "Evergreen Schools", "Fern Hill Farm",
    "Goldcrest Travel", "Harbour Lights Café", "Iris Optics", "Juniper Law", "Kestrel Couriers", "Larch Housing",
    "Meadow Vets", "Nightjar Studio", "Orchard Bikes", "Plover & Sons", "Quince Kitchen", "Rowan Fitness",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who filled in a form. Everything invented; the same number is always the same person."""

    first: str
    last: str
    email: str
    phone: str | None
    company: str | None
    country: str


def visitor(number: int, seed: int) -> Visitor:
    """The invented person of that number."""
    bits = mix(seed, 0x5EED, number)
    culture = CULTURES[_SHARES[bits % len(_SHARES)]]
    first, first_ascii = culture.first[(bits >> 8) % len(culture.first)]
    last, last_ascii = culture.last[(bits >> 16) % len(culture.last)]
    phone = None
    if culture.phone and (bits >> 48) & 7:
        digits = iter(f"{(bits >> 32) & 0xFFFF:05d}")
        phone = "".join(next(digits) if mark == "#" else mark for mark in culture.phone)
    return Visitor(
        first=first,
        last=last,
        email=f"{first_ascii}.{last_ascii}{number % 1_000_000_007}@{_DOMAINS[(bits >> 24) % len(_DOMAINS)]}",
        phone=phone,
        company=_COMPANIES[(bits >> 40) % len(_COMPANIES)] if (bits >> 52) & 3 else None,
        country=culture.countries[(bits >> 28) % len(culture.countries)],
    )
