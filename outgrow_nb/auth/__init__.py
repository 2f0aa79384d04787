"""From a person to an authorization that stays valid: sign-in, token cache, refresh, sign-out."""
