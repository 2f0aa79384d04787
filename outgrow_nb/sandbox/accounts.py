"""The two invented people who can sign in, and the company each belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who can sign in to the sandbox. Invented.

    Attributes:
        id: 24 hex digits.
        name: As the consent page shows it.
        email: Under example.com or example.org.
        company: Display name of the company.
        company_key: Which catalog the person sees.
        initials: For the round mark on the consent page.
    """

    id: str
    name: str
    email: str
    company: str
    company_key: str
    initials: str


PEOPLE = (
    Person(
        id="6512ab0c9d3e4f5a6b7c8d01",
        name="Ana Silva",
        email="ana.silva@example.com",
        company="Northwind Gardens",
        company_key="northwind",
        initials="AS",
    ),
    Person(
        id="6512ab0c9d3e4f5a6b7c8d02",
        name="Björn Lindqvist",
        email="bjorn.lindqvist@example.org",
        company="Fjordlys Solar",
        company_key="fjordlys",
        initials="BL",
    ),
)


def person_by_id(person_id: str) -> Person | None:
    """The person with that id, or None."""
    return next((person for person in PEOPLE if person.id == person_id), None)
