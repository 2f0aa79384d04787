"""What the sandbox's calculators show as results: display text, now and then odd, as real ones do."""

from typing import Any


def results_of(style: str, answers: dict[str, Any], draw: float) -> list[dict[str, str]]:
    """Result names and display texts.

    Args:
        style: "lawn", "water" or "" for none.
        answers: Values by position, as text keys "0", "1", ...
        draw: Luck, 0 to 1; one in a hundred is a "Math Error".
    """
    if not style:
        return []
    first = float(answers.get("0", 1) or 1)
    second = float(answers.get("1", 1) or 1)
    if style == "lawn":
        area = first * second
        low = int(area * 1.9) // 5 * 5 + 35
        cost = "Math Error" if draw < 0.01 else f"${low:,} to ${low + 10 + low // 20:,}"
        saved = int(3 + draw * 18)
        return [
            {"name": "What it will cost", "value": cost},
            {"name": "You save with a care plan", "value": f"{saved}%"},
            {"name": "Lawn area", "value": f"{area:.1f} m²"},
        ]
    yearly = first * second * (3.1 + draw)
    german = f"{yearly:,.2f}".translate(str.maketrans(",.", ".,"))
    return [
        {"name": "Litres a year", "value": "Math Error" if draw < 0.01 else german},
        {"name": "Saved", "value": f"{int(5 + draw * 30)}%"},
        {"name": "Pays back in", "value": "under a year" if draw > 0.9 else f"{1 + int(draw * 6)} years"},
    ]
