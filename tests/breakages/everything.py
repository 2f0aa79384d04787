"""All guards that are taken out, in the order of the fault list, and the faults whose tests break things themselves."""

from tests.breakages.leaks import LEAKS
from tests.breakages.listener import LISTENER
from tests.breakages.past import PAST
from tests.breakages.saved import SAVED
from tests.breakages.shared import SHARED
from tests.breakages.tokens import TOKENS
from tests.breakages.web import WEB
from tests.fault_list import CASES

EVERYTHING = tuple(
    sorted((*SAVED, *SHARED, *TOKENS, *LISTENER, *WEB, *LEAKS, *PAST), key=lambda case: list(CASES).index(case.fault))
)
