"""What is drawn and typed in Jupyter: the sign-in panel, the input of a waiting cell, the kind of place we are in."""
