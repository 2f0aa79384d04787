"""Units that may stand at a number without telling who somebody is: a closed list, since a name may stand there too."""

import re

_SYMBOLS = "$€£¥₹₽₺₩₪฿₫₴₦₱"
_LIST = """
aud bgn brl cad chf clp cny cop czk dkk egp eur gbp hkd huf idr ils inr jpy krw kzt mxn myr nok nzd pen php pln ron
rub sar sek sgd thb try twd uah usd vnd zar us a ca au nz hk r kr zł
euro euros dollar dollars cent cents pound pounds pence yen rupee rupees franc francs peso pesos real reais
% ‰ ° °c °f c f percent prozent pourcent pct pp point points punkt punkte pt pts bps k
mm cm dm m km m² m³ cm² km² mm² sqm sqft sq in ft ft² yd mi inch inches foot feet yard yards mile miles
metre metres meter meters kilometre kilometres kilometer kilometers square cubic ha hectare hectares hektar acre
acres quadratmeter
mg g kg t lb lbs oz gram grams gramm kilogram kilograms kilo kilos tonne tonnes ton tons tonnen ounce ounces
ml cl dl l litre litres liter liters gallon gallons gal
w kw mw wh kwh mwh gwh watt watts kilowatt v volt ah kcal cal kj j co2 co2e bar psi hz khz mhz ghz
kb mb gb tb bit bits byte bytes mbit gbit kmh kph mph
s sec secs second seconds sekunde sekunden min mins minute minutes minuten h hr hrs hour hours stunde stunden heure
heures hora horas d day days tag tage jour jours dia dias día días wk wks week weeks woche wochen semaine semaines
semana semanas mo mos month months monat monate mois mes meses q quarter quarters quartal yr yrs year years jahr
jahre an ans année années año años ano anos
per pro par por je each every annually monthly weekly daily yearly annual jährlich monatlich täglich
time times x mal person persons people employee employees user users unit units item items piece pieces stück
"""
_WORDS = frozenset(_LIST.split())


def is_unit(text: str) -> bool:
    """Whether every word of it is a unit, such as ``US$``, ``m²``, ``km/h`` or ``kWh per year``."""
    words = re.split(r"[\s/.]+", text.casefold())
    return all(word.strip(_SYMBOLS) in _WORDS for word in words if word.strip(_SYMBOLS))
